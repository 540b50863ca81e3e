"""Digits told one by one, as a good or a poor ear writes them: the runs of a line, read with more or less faith."""

from __future__ import annotations

import re

from agents.mentions import Run
from agents.numerals import CERTAIN, DIGITS, digits_of

# Characters that sound like a digit (toneless); digits only where digits stand beside them.
_SOUNDS = {
    "0": "玲菱零龄铃伶羚凌灵陵岭领另令东冬董懂动侗恫冻",
    "1": "壹医揖铱依伊衣颐夷遗移仪胰疑沂宜姨彝椅蚁倚已乙矣以艺抑易邑屹役臆逸肄疫亦裔意毅忆义益溢诣议谊译异翼翌绎"
    "邀瑶摇尧遥窑谣姚咬舀药耀钥",
    "2": "而儿耳尔饵洱贰粮凉梁粱良辆量晾亮谅",
    "3": "叁伞散",
    "4": "斯撕嘶思私司丝死肆寺嗣饲巳",
    "5": "巫呜钨乌污诬屋无芜梧吾吴毋武捂午舞伍侮坞戊雾晤物勿务悟误",
    "6": "溜琉榴硫馏留刘瘤流柳",
    "7": "期欺栖戚妻凄漆柒沏其棋奇歧畦崎脐齐旗祈祁骑起岂乞企启契砌器气迄弃汽泣讫乖怪",
    "8": "芭捌扒叭吧笆疤巴拔跋靶把耙坝霸罢爸",
    "9": "揪究纠玖韭久灸酒厩救旧臼舅咎就疚钩沟苟狗垢构购够",
}
_ALIKE = {c: digit for digit, chars in _SOUNDS.items() for c in chars}
_TIMES = {"两": 2, "俩": 2, "二": 2, "双": 2, "三": 3, "仨": 3, "四": 4, "五": 5}
_WORDS = (
    r"然后(?:是|呢)?|接着(?:是)?|完了(?:是)?|跟着(?:是)?|再(?:就)?是|再|那个|哎呀|反正吧?|怎么说呢|其实(?:呢|吧)?|你听我讲|"
    r"等(?:我)?(?:一)?下(?:啊|我看看)?|稍等|我(?:看看|瞅瞅|想想|瞧瞧)"
)
_GLUE = rf"(?:[ ,，、。.．·\-—–…~嗯呃啊额哦唉诶哎欸呢]|{_WORDS})*"
_DROPPED = re.compile(_WORDS)
_SAME = rf"(?:[两俩二三仨四五](?:个(?:连着的|连续的)?|连)[{CERTAIN}](?![十百千万])|双[{CERTAIN}])"  # 三个零
_ONE = "".join(DIGITS)
_ODD = "腰妖夭拐洞勾"  # digits by trade: at the end of a run when digits precede them
_HOMOPHONES = "".join(_ALIKE)
_PARTICLES = "吧就以其起而把无够误意"  # too common as words to begin or end a run


def _pattern(alike: str) -> re.Pattern[str]:
    first = rf"(?:{_SAME}|[{CERTAIN}妖腰夭])"
    return re.compile(
        rf"{first}(?:{_GLUE}(?:{_SAME}|[{_ONE}]){alike})*(?<![要两{_ODD}])(?:(?<=[{CERTAIN}]{{2}})[{_ODD}](?![疼痛椎口里弯杖]))?"
        rf"|{first}"
    )


_PLAIN = _pattern("")
_HEARD = _pattern(rf"|[{_HOMOPHONES}]{{1,2}}(?=[{CERTAIN}])")
_EDGE = "".join(c for c in _HOMOPHONES if c not in _PARTICLES)
_KEEN = re.compile(
    rf"[{_EDGE}]?(?:[{CERTAIN}{_ODD}](?:{_GLUE}(?:{_SAME}|[{_ONE}])|[{_HOMOPHONES}]{{1,2}}(?=[{CERTAIN}]))*)[{_EDGE}]?"
    rf"|(?:(?<=[，、 ])|^)[{_EDGE}](?:[{_ONE}])+"
)
_COUNTED = re.compile(
    r"(?:[十百千万亿年月日号楼栋幢座层单室块元角毛度点个天次斤岁户人周路分位下样遍趟直定共起些会边家期米吨]"
    r"|多|月份|小时|礼拜|星期)"
)
_REPEATED = re.compile(rf"([两俩二三仨四五双])(?:个(?:连着的|连续的)?|连)?([{CERTAIN}])")
_HAS_REPEATED = re.compile(_SAME)


def runs(text: str) -> tuple[Run, ...]:
    """All runs of digits of a text, in order; a sound-alike between two digits is a digit."""
    return _found(text, _HEARD)


def plain_runs(text: str) -> tuple[Run, ...]:
    """The same of certain digits alone."""
    return _found(text, _PLAIN)


def keen_runs(text: str) -> tuple[Run, ...]:
    """The same with sound-alikes at the ends of a run."""
    return _found(text, _KEEN)


def spoken(text: str) -> str:
    """The digits of a run: 三个零 counts as three, a sound-alike as what it sounds like; all else is dropped."""
    if _HAS_REPEATED.search(text):
        text = _HAS_REPEATED.sub(_repeated, text)
    text = _DROPPED.sub("", text)
    return "".join(DIGITS.get(c) or _ALIKE.get(c, "") for c in text)


def _repeated(match: re.Match[str]) -> str:
    times = _REPEATED.fullmatch(match[0])
    return digits_of(times[2]) * _TIMES[times[1]] if times else match[0]


def _found(text: str, pattern: re.Pattern[str]) -> tuple[Run, ...]:
    found = []
    for match in pattern.finditer(text):
        digits = spoken(match[0])
        if not digits:
            continue
        counted = len(digits) < 7 and (
            _COUNTED.match(text, match.end()) is not None
            or text[: match.start()].endswith(("第", "十", "百", "千", "万", "点"))
        )
        found.append(Run(match.start(), match.end(), digits, counted))
    return tuple(found)
