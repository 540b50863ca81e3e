"""A number while it is being told: groups put together, parts said again, mended or taken back."""

from __future__ import annotations

import re

from schemas.draft import Evidence

MOBILE = re.compile(r"1[3-9]\d{9}")
LENGTH = 11  # of a mobile number
LOCAL = (7, 8)  # digits of a landline without area code


class Telling:
    """The number as far as it was said."""

    def __init__(self) -> None:
        self.groups: list[str] = []
        self.said: list[Evidence] = []
        self.at = -99  # line of the newest group

    @property
    def digits(self) -> str:
        return "".join(self.groups)

    @property
    def full(self) -> bool:
        return MOBILE.fullmatch(self.digits) is not None

    def begin(self, group: str, words: Evidence | None, at: int) -> None:
        self.groups, self.said, self.at = [group], [words] if words else [], at

    def put(self, groups: list[str], words: Evidence, at: int) -> None:
        self.groups = [g for g in groups if g]
        self.said.append(words)
        self.at = at

    def add(self, group: str, words: Evidence, at: int) -> None:
        self.put([*self.groups, group], words, at)

    def instead(self, wrong: str, right: str, words: Evidence, at: int) -> None:
        """不是三八是三九: `right` where `wrong` was said last, unless it was not said."""
        whole = self.digits
        place = whole.rfind(wrong)
        self.put([whole] if place < 0 else [whole[:place] + right + whole[place + len(wrong) :]], words, at)

    def part(self, kind: str, nth: int, group: str, words: Evidence, at: int) -> None:
        """中间四位是, 后四位是, 第五位是: the named part is `group`."""
        whole, n = self.digits, len(group)
        mobile = whole.startswith("1")
        if kind == "tail":
            kept = min(len(whole), LENGTH - n) if mobile else len(whole) - n if len(whole) in LOCAL else len(whole)
            self.put([whole[:kept], group], words, at)
        elif kind == "middle" and mobile and n <= 4 and len(whole) in (7, LENGTH):
            self.put([whole[:3], group, whole[3 + n if len(whole) == LENGTH else 3 :]], words, at)
        elif kind == "head" and len(whole) + n == LENGTH and not mobile:
            self.put([group, whole], words, at)
        elif kind == "head" and len(whole) >= n:
            self.put([group, whole[n:]], words, at)
        elif kind == "nth" and n == 1 and -len(whole) <= nth < len(whole):
            nth %= len(whole)
            self.put([whole[:nth] + group + whole[nth + 1 :]], words, at)
        else:
            self.mend(group, words, at)

    def mend(self, group: str, words: Evidence, at: int) -> None:
        """不对 + digits: the newest group of that length was wrong, else the stretch most like it."""
        whole, n = self.digits, len(group)
        over = len(whole) + n - LENGTH
        if whole[:1] == "1" and group[:3] == whole[:3] and len(whole) > 3:
            self.begin(group, words, at)  # from the first digit on
        elif len(whole) < LENGTH and 0 < over < n and whole[:1] == "1" and n > 4:
            # 一三九 二五六六，不对，二二六六 零零四三: the number goes on after the group said again
            self.put([whole[: len(whole) - over], group], words, at)
        elif len(self.groups) > 1 and len(self.groups[-1]) == n:
            self.put([*self.groups[:-1], group], words, at)
        elif n > len(whole):
            self.begin(group, words, at)
        else:
            place = _nearest(whole, group)
            self.put([whole[:place] + group + whole[place + n :]], words, at)

    def go_on(self, group: str, words: Evidence, at: int) -> None:
        """The next group, or one said again for clearness."""
        whole = self.digits
        if whole[:1] in "10" and group.startswith(whole) and (len(group) == len(whole) == 3 or len(group) >= 7):
            self.begin(group, words, at)
            return
        if whole[:1] == "1" and len(whole) + len(group) > LENGTH:
            if whole.endswith(group):
                return
            again = next((k for k in range(min(len(group), len(whole)), 2, -1) if whole.endswith(group[:k])), 0)
            if again:
                self.add(group[again:], words, at)
            elif re.match(r"1[3-9]\d", group):
                self.begin(group, words, at)
            return
        self.add(group, words, at)


def _nearest(whole: str, part: str) -> int:
    """Where `part` agrees with most digits of `whole`; its end when it agrees with few."""
    tail = len(whole) - len(part)
    fits = [(sum(a == b for a, b in zip(whole[i : i + len(part)], part, strict=True)), i) for i in range(tail + 1)]
    most, place = max(fits)
    return place if most * 2 >= len(part) else tail


def whole_number(digits: str, area_code: str, local: bool = True) -> str | None:
    """A number that can be dialled: mobile, or landline with the city's (where `local`) or another area code."""
    if MOBILE.fullmatch(digits):
        return digits
    if digits.startswith("0") and not digits.startswith("00") and len(digits) in (10, 11, 12):
        return digits
    if local and area_code and len(digits) in LOCAL and digits[0] in "2345678":
        return area_code + digits
    return None


def distance(one: str, other: str) -> int:
    """Digits to add, drop or swap to get from one to the other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]
