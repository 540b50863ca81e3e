"""The number to call back: digits spoken in groups over several utterances, corrected, read back and confirmed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from agents.lines import Line, evidence
from agents.mentions import Run
from agents.numerals import CERTAIN, DIGITS, digits_of
from agents.reading import Reading
from schemas.draft import Evidence, FieldValue

MOBILE = re.compile(r"1[3-9]\d{9}")
_GLUE = r"(?:[ ,，、。.\-—]|嗯|呃|啊|然后|再)*"
_RUN = re.compile(rf"[{CERTAIN}妖腰夭](?:{_GLUE}[{''.join(DIGITS)}])*{_GLUE}[{CERTAIN}]|[{CERTAIN}]")
_COUNTED = re.compile(r"^(?:[十百千万亿年月日号楼栋幢座层单室块元角毛度点个天次斤岁户人周路分]|多|月份|小时|礼拜|星期)")
ASK = re.compile(r"电话|号码|手机|联系方式|联系您|打给您|回访")
CUE = re.compile(r"电话|手机|号码|尾号|打我|联系我")
SAME = re.compile(
    r"(?:这个|现在这个|打(?:进来|过来|来)?的这个|来电|我打的|本机)(?:的)?(?:电话|号码|手机|号|就行|就可以)|就(?:是)?(?:打)?这个(?:吧|就|了|$)"
)
NOT_SAME = re.compile(r"(?:不是|别打|不要打|不用)这个|这个(?:电话|号码|手机)(?:打不通|不是我|不用)")
WRONG = re.compile(r"不对|不是|错了|说错|更正|改一下|应该是|重新说|记错|口误|说岔|念错|报错|看错")
MIDDLE = re.compile(r"中间(?:的)?(?:四位|四个|那四位|几位)?(?:数)?(?:应该)?是?[，。 ]*$")
HOTLINES = re.compile(r"^(?:12345|123\d\d|1[12]\d|119|120|96\d{3,4}|95\d{3}|12348|10086|10010|10000)$")
ONE_MORE = re.compile(r"加|还有|末|尾|位|漏|少|再")
TAIL = re.compile(r"尾号|后四位|后三位|最后四位|最后三位|后面四位|后面是|最后是|末尾|最后一位|最末|后面(?:再|还)|尾巴")
AFRESH = re.compile(r"重新(?:说|来|报)|再说一遍|从头")
OPEN = 3  # lines a number may lie unfinished before its next group
LOCAL = (7, 8)  # digits of a number without area code


def runs(text: str) -> tuple[Run, ...]:
    """All runs of digits of a text, in order."""
    found = []
    for match in _RUN.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        digits = digits_of(match[0])
        counted = bool(_COUNTED.match(after)) or before.endswith(("第", "十", "百", "千", "万", "点"))
        found.append(Run(match.start(), match.end(), digits, counted and len(digits) < 7))
    return tuple(found)


class _Buffer:
    """The number as far as it was said."""

    def __init__(self) -> None:
        self.groups: list[str] = []
        self.said: list[Evidence] = []
        self.at = -99  # line of the newest group

    @property
    def digits(self) -> str:
        return "".join(self.groups)

    def begin(self, group: str, words: Evidence, at: int) -> None:
        self.groups, self.said, self.at = [group], [words], at

    def add(self, group: str, words: Evidence, at: int) -> None:
        self.groups.append(group)
        self.said.append(words)
        self.at = at

    def mend(self, wrong: str, right: str, words: Evidence, at: int) -> None:
        """Replaces `wrong` (its last place), or what lies nearest to `right` when nothing was named wrong."""
        whole = self.digits
        place = whole.rfind(wrong) if wrong else _nearest(whole, right)
        span = len(wrong) or len(right)
        if place >= 0:
            self.groups = [whole[:place] + right + whole[place + span :]]
        self.said.append(words)
        self.at = at


def _nearest(whole: str, part: str) -> int:
    """Where `part` agrees with most digits of `whole`; its end when it agrees with few."""
    tail = len(whole) - len(part)
    if tail < 0:
        return -1
    fits = [(sum(a == b for a, b in zip(whole[i : i + len(part)], part, strict=True)), i) for i in range(tail + 1)]
    most, place = max(fits)
    return place if most * 2 >= len(part) else tail


def contact_phone(readings: Sequence[Reading], ani: str, area_code: str) -> FieldValue | None:
    """The number to call back; the calling number while the caller has named no other."""
    buffer, best = _Buffer(), _from_call(ani)
    asked = -99
    for i, reading in enumerate(readings):
        line = reading.line
        if not line.caller:
            asked = line.at if reading.once(_asks) else asked
            best = _read_back(readings, i, buffer.digits, area_code) or best
            continue
        match = reading.once(_same_number) if ani else None
        if match is not None and (line.at - asked <= 3 or CUE.search(line.text)):
            best = _value(
                ani, 0.95, (evidence(line, match.start(), match.end()),), "来电人确认用来电号码联系", area_code
            )
            continue
        if reading.runs:
            _hear(buffer, reading, wanted=line.at - asked <= 3 or CUE.search(line.text) is not None)
        if (whole := _whole(buffer.digits, area_code)) and buffer.at == line.at:
            best = _value(whole, 0.93 if asked >= 0 else 0.85, tuple(buffer.said[-6:]), "", area_code)
    if 7 <= len(buffer.digits) != 11 and not _whole(buffer.digits, area_code) and best and best.origin == "call":
        note = f"口述号码听到{len(buffer.digits)}位（{buffer.digits}），请复述核对；暂用来电号码"
        return msgspec.structs.replace(best, note=note, confidence=0.4, evidence=tuple(buffer.said[-6:]))
    return best


def _asks(text: str) -> bool:
    return ASK.search(text) is not None


def _same_number(text: str) -> re.Match[str] | None:
    return None if NOT_SAME.search(text) else SAME.search(text)


def _hear(buffer: _Buffer, reading: Reading, wanted: bool) -> None:
    line = reading.line
    found = [r for r in reading.runs if not r.counted and _of_a_number(r, line.text)]
    if not found:
        return
    opened = bool(buffer.groups) and line.at - buffer.at <= 2 * OPEN
    if not (wanted or opened or any(MOBILE.fullmatch(r.digits) for r in found)):
        return
    if AFRESH.search(line.text):
        buffer.groups = []
    first = line.text[: found[0].start]
    if buffer.groups and len(found) >= 2 and first.endswith("不是"):
        words = evidence(line, found[0].start, found[-1].end)
        buffer.mend(found[0].digits, found[-1].digits, words, line.at)
        return
    for run in found:
        words = evidence(line, run.start, run.end)
        before = line.text[: run.start]
        whole = buffer.digits
        if MOBILE.fullmatch(run.digits) or not whole or (not opened and len(run.digits) >= 3):
            buffer.begin(run.digits, words, line.at)
        elif TAIL.search(before) and len(run.digits) <= len(whole):
            _tail(buffer, run, words, line)
        elif _mends(before, run, whole):
            _mend_group(buffer, run, words, line)
        elif len(whole) >= 11:
            continue  # said in full already; what follows repeats it
        elif len(whole) + len(run.digits) > 11 and whole.endswith(run.digits):
            continue
        else:
            buffer.add(run.digits, words, line.at)
        opened = True


def _of_a_number(run: Run, text: str) -> bool:
    """一样没少 and 12345 are no part of the caller's number; a single digit is one only where a digit is spoken of."""
    if HOTLINES.match(run.digits):
        return False
    return (
        len(run.digits) > 1 or len(text) <= 6 or ONE_MORE.search(text[max(0, run.start - 6) : run.end + 3]) is not None
    )


def _mends(before: str, run: Run, whole: str) -> bool:
    """Whether the run is said in place of digits said before."""
    if MIDDLE.search(before) and len(whole) == 11 and len(run.digits) == 4:
        return True
    return len(run.digits) >= 2 and WRONG.search(before) is not None


def _tail(buffer: _Buffer, run: Run, words: Evidence, line: Line) -> None:
    whole = buffer.digits
    if len(whole) >= 11:
        buffer.groups = [whole[: 11 - len(run.digits)] + run.digits]
    elif len(whole) + len(run.digits) <= 11:
        buffer.groups.append(run.digits)
    else:
        buffer.groups = [whole[: len(whole) - len(run.digits)] + run.digits]
    buffer.said.append(words)
    buffer.at = line.at


def _mend_group(buffer: _Buffer, run: Run, words: Evidence, line: Line) -> None:
    """不对不对 + digits: the newest group of that length was wrong, else the stretch most like it."""
    said, right = buffer.digits, run.digits
    over = len(said) + len(right) - 11
    if MIDDLE.search(line.text[: run.start]) and len(said) == 11 and len(right) == 4:
        buffer.groups = [said[:3], right, said[7:]]
        buffer.said.append(words)
        buffer.at = line.at
    elif len(said) < 11 and 0 < over < len(right) and said[0] == "1" and len(right) > 4:
        # 一三九 二五六六，不对，二二六六 零零四三: the number goes on after the group said again
        buffer.groups = [said[: len(said) - over], right]
        buffer.said.append(words)
        buffer.at = line.at
    elif buffer.groups and len(buffer.groups[-1]) == len(run.digits) and len(buffer.groups) > 1:
        buffer.groups[-1] = run.digits
        buffer.said.append(words)
        buffer.at = line.at
    else:
        buffer.mend("", run.digits, words, line.at)


def _read_back(readings: Sequence[Reading], i: int, heard: str, area_code: str) -> FieldValue | None:
    """The agent reads a number out and the caller's next words confirm it, or let it stand."""
    line = readings[i].line
    digits = "".join(r.digits for r in readings[i].runs)
    whole = _whole(digits, area_code)
    if whole is None:
        return None
    answer = next((r.line for r in readings[i + 1 : i + 3] if r.line.caller), None)
    if answer is None or answer.denies:
        return None
    said = readings[i].runs
    if not answer.affirms:
        # Not taken back is worth something: the agent's ear is better than the machine's.
        agrees = len(heard) >= 8 and sum(a == b for a, b in zip(heard, whole, strict=False)) >= 8
        words = (evidence(line, said[0].start, said[-1].end),)
        return _value(whole, 0.9, words, "坐席复述，来电人未否认", area_code) if agrees else None
    return _value(
        whole,
        0.98,
        (evidence(line, said[0].start, said[-1].end), evidence(answer, 0, min(4, len(answer.text)))),
        "坐席复述，来电人确认",
        area_code,
    )


def _whole(digits: str, area_code: str) -> str | None:
    """A number that can be dialled: mobile, or landline with the city's or another area code."""
    if MOBILE.fullmatch(digits):
        return digits
    if digits.startswith("0") and len(digits) in (10, 11, 12):
        return digits
    if area_code and len(digits) in LOCAL and digits[0] in "2345678":
        return area_code + digits
    return None


def _from_call(ani: str) -> FieldValue | None:
    if not ani:
        return None
    return FieldValue(value=ani, label=ani, confidence=0.6, origin="call", note="来电号码，尚未口头确认")


def _value(digits: str, confidence: float, said: tuple[Evidence, ...], note: str, area_code: str) -> FieldValue:
    if MOBILE.fullmatch(digits):
        label = f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    elif digits.startswith(area_code) and area_code:
        label = f"{area_code}-{digits[len(area_code) :]}"
    else:
        label = digits
    return FieldValue(value=digits, label=label, confidence=confidence, origin="rule", evidence=said, note=note)
