"""The number to call back: digits spoken in groups over several utterances, corrected, read back and confirmed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from agents.extract import number_words as words_of
from agents.extract.digits import keen_runs, plain_runs, runs
from agents.extract.telling import LENGTH, LOCAL, MOBILE, Telling, distance, whole_number
from agents.lines import evidence
from agents.mentions import Run
from agents.reading import Reading
from schemas.draft import Evidence, FieldValue

__all__ = ["contact_phone", "runs"]

HOTLINES = re.compile(r"^(?:12345|123\d\d|1[12]\d|119|120|96\d{3,4}|95\d{3}|12348|10086|10010|10000)$")
_NEAR = 3  # lines an answer may follow its question
_OPEN = 6  # lines a number may lie unfinished before its next group
_BREAK = "，。,. 、；！？"
_REST = re.compile(r"[嗯啊呃额哦唉诶哎吧呢嘛的是就，。,. 、；！？]|你听我讲|反正|其实|怎么说|那个|这个")

_Source = Callable[[Reading], Sequence[Run]]


def contact_phone(readings: Sequence[Reading], ani: str, area_code: str) -> FieldValue | None:
    """The number to call back; the calling number while the caller has named no other."""
    first = _Ear(ani, area_code, lambda r: r.runs)
    found = first.listen(readings)
    if (found and found.origin == "rule") or len(first.telling.digits) < 4:
        return found
    for ear in (_Ear(ani, area_code, _plain), *(() if first.short else (_Ear(ani, area_code, _keen),))):
        again = ear.listen(readings)
        if again and again.origin == "rule":
            return msgspec.structs.replace(again, confidence=min(again.confidence, 0.75))
    return found


def _plain(reading: Reading) -> Sequence[Run]:
    return reading.once(plain_runs) if reading.runs else ()


def _keen(reading: Reading) -> Sequence[Run]:
    return reading.once(keen_runs)


class _Ear:
    """Listens to one call with one way to read digits."""

    def __init__(self, ani: str, area_code: str, source: _Source) -> None:
        self.ani, self.area, self.source = ani, area_code, source
        self.telling, self.echo = Telling(), Telling()
        self.best = _from_call(ani)
        self.asked = self.other = -99  # line in which his number, or another's, was asked for
        self.landline = self.afresh = self.short = False
        self.read_back, self.read_at = "", -99

    def listen(self, readings: Sequence[Reading]) -> FieldValue | None:
        """What the whole call tells; the calling number where it tells nothing whole."""
        for i, reading in enumerate(readings):
            if reading.line.caller:
                self._caller(reading)
            else:
                self._agent(readings, i)
        whole = self.telling.digits
        if self.best and self.best.origin == "call":
            if (echoed := whole_number(self.echo.digits, self.area, False)) and len(whole) >= 4:
                return _value(echoed, 0.8, tuple(self.echo.said[-6:]), "坐席逐段复述", self.area)
            if 7 <= len(whole) != LENGTH:
                note = f"口述号码听到{len(whole)}位（{whole}），请复述核对；暂用来电号码"
                said = tuple(self.telling.said[-6:])
                return msgspec.structs.replace(self.best, note=note, confidence=0.4, evidence=said)
        return self.best

    def _agent(self, readings: Sequence[Reading], i: int) -> None:
        reading, line = readings[i], readings[i].line
        ask, other, again, short, landline = reading.once(_asks)
        if other:
            self.other, self.asked = line.at, -99
        elif ask:
            self.asked, self.other = line.at, -99
        self.landline |= landline
        open_ = line.at - self.telling.at <= _NEAR
        if open_:
            self.afresh, self.short = self.afresh or again, self.short or short
        told = [r for r in self.source(reading) if not r.counted]
        said = "".join(r.digits for r in told)
        if other:
            return
        answer = next((r for r in readings[i + 1 : i + 3] if r.line.caller), None)
        if not said or len(said) <= 4:
            self._offered(reading, answer, said)
        if not said:
            return
        if open_ and len(said) < LENGTH:
            self.echo.groups.append(said)
            self.echo.said.append(evidence(line, told[0].start, told[-1].end))
        whole = next((w for d in (said, *(r.digits for r in told)) if (w := whole_number(d, self.area))), None)
        if whole is None or answer is None:
            return
        self.read_back, self.read_at = whole, line.at
        if answer.once(_denied):
            return
        heard = self.telling.digits
        words = evidence(line, told[0].start, told[-1].end)
        if answer.once(_agreed):
            also = evidence(answer.line, 0, min(4, len(answer.line.text)))
            self.best = _value(whole, 0.98, (words, also), "坐席复述，来电人确认", self.area)
        elif len(heard) >= 7 and distance(heard, whole) <= 4:
            # Not taken back is worth something: the agent's ear is better than the machine's.
            self.best = _value(whole, 0.9, (words,), "坐席复述，来电人未否认", self.area)
        else:
            return
        self.telling.begin(whole, words, line.at)

    def _offered(self, reading: Reading, answer: Reading | None, said: str) -> None:
        """就用这个来电号码吗 — 对."""
        if not self.ani or answer is None or self.telling.full or not reading.once(_offers):
            return
        if said and not self.ani.endswith(said):
            return
        if answer.once(_agreed) and not answer.once(_denied) and answer.once(_same) == (-1, -1, False):
            words = evidence(answer.line, 0, min(4, len(answer.line.text)))
            self.best = _value(self.ani, 0.95, (words,), "来电人确认用来电号码联系", self.area)

    def _caller(self, reading: Reading) -> None:
        line, source = reading.line, self.source(reading)
        near = line.at - self.asked <= _NEAR
        start, end, refused = reading.once(_same)
        if start >= 0 and self.ani and (near or reading.once(_cued)) and not any(len(r.digits) >= 7 for r in source):
            words = (evidence(line, start, end),)
            self.best = _value(self.ani, 0.95, words, "来电人确认用来电号码联系", self.area)
            return
        if refused and near and self.best and self.best.value == self.ani:
            self.best = msgspec.structs.replace(
                _from_call(self.ani) or self.best, confidence=0.4, note="来电人说另留号码"
            )
        if not source:
            return
        self.landline |= words_of.LANDLINE.search(line.text) is not None
        self._hear(reading, source, near)
        local = self.landline or len(self.telling.groups) <= 1
        if self.telling.at == line.at and (whole := whole_number(self.telling.digits, self.area, local)):
            sure = 0.93 if self.asked >= 0 else 0.85
            self.best = _value(whole, sure, tuple(self.telling.said[-6:]), "", self.area)

    def _hear(self, reading: Reading, source: Sequence[Run], near: bool) -> None:
        line, telling = reading.line, self.telling
        text, at = line.text, line.at
        found = self._usable(text, source, at)
        if not found:
            return
        opened = bool(telling.groups) and at - telling.at <= _OPEN
        wanted = near or opened or reading.once(_cued) or any(MOBILE.fullmatch(r.digits) for r in found)
        if not wanted and not _bare(text, found):
            return
        if not opened and len(found[0].digits) >= 3:
            telling.groups = []
        if words_of.AGAIN.search(text[: found[0].start]):
            telling.groups = []
        if telling.groups and len(found) == 2 and self._not_but(reading, found):
            return
        end = 0
        for run in found:
            gap, end = text[end : run.start], run.end
            self._take(run.digits, gap, evidence(line, run.start, run.end), at)
        self.afresh = False

    def _take(self, digits: str, gap: str, words: Evidence, at: int) -> None:
        telling = self.telling
        whole = telling.digits
        kind, nth = words_of.place_of(gap)
        wrong = words_of.WRONG.search(gap) is not None
        if MOBILE.fullmatch(digits):
            if not (telling.full and words_of.BACKUP.search(gap) and not wrong):
                telling.begin(digits, words, at)
        elif not whole:
            telling.begin(digits, words, at)
        elif self.afresh and len(digits) >= 3 and (digits[:3] == whole[:3] or len(digits) in LOCAL):
            telling.begin(digits, words, at)
            self.afresh = False
        elif kind and not (telling.full and words_of.MORE.search(gap) and not wrong):
            telling.part(kind, nth, digits, words, at)
        elif wrong and len(digits) >= 2:
            telling.mend(digits, words, at)
        elif telling.full and 3 <= len(digits) <= 4 and at - self.read_at <= 2 and digits not in whole:
            telling.mend(digits, words, at)  # another group right after the number was read to him
        elif telling.full or whole_number(whole, "", False):
            return  # said in full already; what follows repeats it
        else:
            telling.go_on(digits, words, at)

    def _not_but(self, reading: Reading, found: Sequence[Run]) -> bool:
        """不是三八是三九, 是三九不是三八, 把三八改成三九."""
        one, two = found
        line, text, telling = reading.line, reading.line.text, self.telling
        before, between, after = text[: one.start], text[one.end : two.start], text[two.end : two.end + 4]
        if len(one.digits) != len(two.digits):
            return False
        if before.endswith(("不是", "没有", "把")) or re.search(r"错|改成|换成", between):
            wrong, right = one.digits, two.digits
        elif between.strip(_BREAK).endswith("不是") or (between.strip(_BREAK) == "" and "不是" in after):
            wrong, right = two.digits, one.digits
        else:
            return False
        words = evidence(line, one.start, two.end)
        if wrong not in telling.digits and right not in telling.digits and self.read_back:
            telling.begin(self.read_back, words, line.at)
        telling.instead(wrong, right, words, line.at)
        return True

    def _usable(self, text: str, source: Sequence[Run], at: int) -> list[Run]:
        """The runs that may belong to his number: no hotline, no quantity, no card, no number of another's."""
        found: list[Run] = []
        foreign = at - self.other <= 2
        end = 0
        for run in source:
            gap, end = text[end : run.start], run.end
            if words_of.OWN.search(gap):
                foreign = False
            elif words_of.NOT_HIS.search(gap[-14:]):
                foreign = True
            digits = _once(run.digits)
            if run.counted or foreign or not digits or HOTLINES.match(digits) or words_of.EXTENSION.search(gap):
                continue
            if words_of.THEIRS_AFTER.match(text[run.end :]) and at - self.asked > _NEAR:
                continue
            if len(digits) > 1 or _single(text, run):
                found.append(msgspec.structs.replace(run, digits=digits))
        return found


def _once(digits: str) -> str:
    """A number said twice in a breath, once; "" for what is too long to be one."""
    if len(digits) <= 12:
        return digits
    tail = digits[-LENGTH:]
    if MOBILE.fullmatch(tail) and tail[:3] == digits[:3]:
        return tail  # taken back and said anew
    half = len(digits) // 2
    return digits[:half] if half in LOCAL and digits[:half] == digits[half:] else ""


def _single(text: str, run: Run) -> bool:
    """A single digit is one only where a digit is spoken of, or where it stands alone."""
    before, after = text[max(0, run.start - 6) : run.start], text[run.end : run.end + 3]
    if len(text) <= 6 or words_of.MORE.search(before) or before.endswith(("是", "位", "个", "成")):
        return True
    return (not before or before[-1] in _BREAK) and (not after or after[0] in _BREAK)


def _bare(text: str, found: Sequence[Run]) -> bool:
    """Whether a line is little but digits that begin as a telephone number does."""
    rest = text[: found[0].start] + text[found[-1].end :]
    return re.match(r"1[3-9]\d|0[1-9]\d{2}", found[0].digits) is not None and len(_REST.sub("", rest)) <= 2


def _asks(text: str) -> tuple[bool, bool, bool, bool, bool]:
    """Whether an agent asks for his number, for another's, to say it again, finds it short, speaks of a landline."""
    other = words_of.ASK_OTHER.search(text) is not None
    return (
        not other and words_of.ASK.search(text) is not None,
        other,
        words_of.AGAIN.search(text) is not None,
        words_of.SHORT.search(text) is not None,
        words_of.LANDLINE.search(text) is not None,
    )


def _offers(text: str) -> bool:
    return words_of.OFFER.search(text) is not None


def _denied(text: str) -> bool:
    return words_of.NO.search(text) is not None


def _agreed(text: str) -> bool:
    return words_of.YES.search(text) is not None


def _cued(text: str) -> bool:
    return words_of.CUE.search(text) is not None


def _same(text: str) -> tuple[int, int, bool]:
    """Where a caller says that his calling number will do (-1 for nowhere), and whether he says that it will not."""
    if words_of.NOT_SAME.search(text):
        return -1, -1, True
    m = words_of.SAME.search(text) or (words_of.SHORT_SAME.match(text) if len(text) <= 16 else None)
    return (m.start(), m.end(), False) if m and m.end() > m.start() else (-1, -1, False)


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
