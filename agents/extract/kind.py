"""What the caller wants of the hotline: ask, get help, complain, report, suggest or praise."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from agents.extract.aside import beside_the_matter
from agents.extract.narrative import telling as told_in
from agents.lines import evidence
from agents.mentions import Cue
from agents.reading import Reading
from routing.kinds import Kinds, Tone
from routing.person import standard
from schemas.draft import Choice, Evidence, FieldValue
from schemas.ticket import KIND_NAMES

# (kind, weight, words). Saying outright what one wants outweighs every tone; 到底管不管 is a complaint, no question.
_CUES: tuple[tuple[str, float, str], ...] = (
    ("praise", 4.0, r"(?:想|要|来|打电话)?(?:表扬|点(?:个|一个)?赞|夸(?:一)?夸|送(?:一)?(?:面)?锦旗|感谢信)"),
    ("praise", 3.0, r"(?:想|要|专门|特意|就是)(?:当面|好好|替[^，。]{1,4})?(?:感谢|谢谢|谢一谢)"
                    r"(?!你们?(?:帮|的帮))|多亏了?(?!没)"),
    ("praise", 2.0, r"(?:特别|非常|真的|太|很)(?:感谢|热心|负责|感动|暖心)|拾金不昧|好人好事|(?:办|解决|"
                    r"处理)得(?:很|特别|非常)(?:快|好)"),
    ("praise", 3.0, r"(?:记|说|道|念)(?:[他她]们?|人家|个|一声|大家伙?)?(?:的)?(?:好(?:处)?|情|谢)(?=[，。]|$)|积德|"
                    r"(?:比|跟)(?:亲|自(?:己|家))[^，。]{0,4}(?:还|一样)(?:亲|好|上心|贴心)|"
                    r"(?:记|登)(?:上|他|她|一)?(?:个|一)?(?:功|笔)|好(?:同志|干部|医生|大夫|民警|司机|心人|榜样)|"
                    r"竖(?:个)?大拇指|夸(?:夸|一夸|奖|两句|几句)|(?:替|给|代)[^，。]{1,8}(?:道谢|谢谢|感谢)"),
    ("report", 2.5, r"报(?:告)?(?:个|一个)(?:信|料|案|事)|(?:给|跟)你们(?:报信|透个|提供(?:个|条)?线索)|检举|揭发"),
    ("report", 1.0, r"犯法|犯罪|违纪|王法|黑(?:作坊|窝点|心|灯瞎火|中介|诊所|车)|暗地里|背地里|"
                    r"(?:得|该|要)(?:有)?(?:人)?(?:去)?(?:好好)?(?:查|抓|罚|治|端|取缔|处分)|(?:没|假)(?:有)?(?:的)?(?:证|执照|手续)"),
    ("report", 4.0, r"(?<!不是)(?<!不想)(?:我?(?:想|要|来)?)?举报(?!.{0,4}(?:完|过|三回|了好)|的话|电话)"),
    ("report", 1.2, r"偷偷(?:地)?(?:排|倒|卖|开|盖|挖|放|灌)|无证|没有执照|非法|违法|违规|假冒|贩卖|赌博|传销|"
                    r"偷排|冒用"),
    ("complaint", 4.0, r"(?<!不是)(?<!不想)(?<!要去)(?<!怎么)(?<!去哪)(?<!可以)(?<!可以先)(?<!还是)"
                       r"(?:我?(?:想|要|来)?)?投诉(?!电话|的话|"
                       r"渠道|需要|要(?:带|什么))"),
    ("complaint", 1.4, r"凭什么|到底(?:有没有人|管不管|谁管|怎么|啥时候|什么时候)|管不管|死活不|"
                       r"没(?:有)?人(?:管|来|修|理)|"
                       r"不管(?!怎|是|怎么)|推来推去|推诿|扯皮|踢皮球|不作为|太(?:过分|离谱|气人|不像话)|"
                       r"态度(?:差|恶劣|不好|特别)|忍无可忍|欺负人|霸王|坑人|骗(?:人|子|我)"),
    ("complaint", 2.0, r"(?:上次|上个(?:星期|礼拜|周|月)|之前|已经|还是那个)"
    r"[^，。]{0,8}(?:打过|反映过|投诉过|报修过|的事)"),
    ("complaint", 1.5, r"吵得|扰民|睡不着|不让(?:退|装|进)|不(?:给|肯)(?:退|换|修|解决|赔|结|开)|一直(?:拖|"
                       r"推)|乱收费|窗户.{0,4}不敢开|熏(?:得|死|人)|呛(?:人|得)|臭(?:得|死)|骂我|不退|"
                       r"还不(?:处理|解决|给)|拖欠|一分(?:钱)?(?:没|都没|不)"),
    ("suggestion", 4.0, r"(?:我?(?:想|要)?(?:提)?(?:一)?(?:个|点|条)?)建议(?!书)|提(?:个|一个|点)意见"),
    ("suggestion", 1.6, r"能不能(?:多|增|加|设|装|改|换|延长|晚点|早点|通个|开通)|可不可以(?:增|加|设|改)|"
                        r"要是能.{0,12}就好|希望(?:能)?(?:增加|增设|加装|加开|设立|开通|延长|优化)"),
    ("suggestion", 3.0, r"(?:有|说)(?:个|一个|点)(?:小)?(?:想法|想头|点子|主意|提议|念头)|"
                        r"提(?:个|一个|点|条)?小?(?:意见|醒|议)|(?:我|俺)(?:就)?(?:寻思|琢磨|觉(?:得|着)|看|想)(?:着)?[^，。]{0,12}(?:最好|可以|不如|应该|能不能)"),
    ("suggestion", 1.5, r"(?:多好|就好(?:了|啦)|方便(?:多了|些)|该多好|岂不)|不如[^，。]{2}|"
                        r"最好(?:是)?(?:能)?(?:加|多|再|设|装|站|有|开|派|放|弄|改|给)|(?:再|多)(?:加|添|增|设|装|放|开)[^，。]{0,3}[一几两个点些]"),
    ("help", 3.0, r"(?:我?(?:想|要|来)?)?求助|救救"),
    ("help", 0.8, r"帮(?:帮)?(?:我|忙|一下)"),
    ("help", 1.5, r"没水|停水|没电|停电|没气|停气|不热|坏了|漏水|堵了|爆(?:了|管)|塌|倒了|掉(?:了|下来)|不亮|"
                  r"断了|困(?:住|在)|丢了|什么时候(?:能)?(?:来|修|恢复|通)|(?:派|来)(?:个)?人|尽快|赶紧|"
                  r"催一(?:下|催)|联系不上|办不(?:了|下来)|没(?:有)?到账|淹了|冒(?:水|出来)|积水"),
    ("help", 0.3, r"反映|解决一下|处理一下|协调|核实"),
    ("consult", 3.0, r"咨询|请教|(?:想(?:问|打听|了解)|请问|打听|了解)(?!(?:一下|一声|问|打听|下)?"
                     r"(?:你们.{0,6}(?:管|到底)|(?:啥时候|什么时候|几点|多久)(?:能|才)?(?:来|修|恢复|通|有)))"),
    ("consult", 1.0, r"(?<![想再说请])问(?:一下|问|下|一声)(?!你们.{0,6}(?:管|到底))"),
    ("consult", 2.0, r"(?:想|我想|就想)(?:知道|弄清楚|弄明白|搞清楚|搞明白|了解)|"
                     r"(?:请|麻烦)(?:你们?)?(?:告诉|说说|讲讲|讲一下|说一下)(?!他)"),
    ("consult", 2.0, r"(?:给|跟|同|帮)(?:我|俺|咱)们?(?:[^，。]{0,4})(?:说说|讲讲|说清|讲清|念|透个底|解释|指个)|"
                     r"(?:告诉|告知)(?:我|俺|咱|一下|一声)|(?:不|没)(?:知道|晓得|懂|清楚|明白)(?:咋|怎|该|要|去|上|从|哪)|"
                     r"(?:咋|怎)(?:么|个|样)?(?:办理?|弄|走|整|算|申请|领|交|报|取|查|开|写)(?:的|法|呢|啊|呀)?(?=[，。？]|$)|"
                     r"(?:能|给|行|认|用|算|管|要|成|可以|来得及)[^，。了都也]{0,3}不(?=[，。？]|$)|"
                     r"(?:一样|两样|一码)(?:吗|么|不)|准(?:信|话)"),
    ("consult", 1.0, r"(?:哪几样|哪些|几(?:号|点|趟|样|天|个月|岁)|多久|多少(?:钱|天|岁|年))|(?:够不够|算不算|认不认|"
                     r"行不行|要不要|能不能(?:免|减|先|直接|自己|代)|是不是(?:得|要|非得)|有没有(?:准|人上班|规定)|用不用|该不该|合不合)|"
                     r"(?:先)?(?:上|去|到|找)(?:哪|啥|什么)(?:儿|里|个)?"),
    ("consult", 1.2, r"怎么(?:办理|申请|办|弄|领|交|报|算|查|预约|开通|备案|转|补)|要(?:什么|哪些|带什么|"
                     r"啥)(?:材料|手续|条件|东西)?|需要(?:什么|哪些)|能不能(?:报|领|办|用|申请|享受|上)|"
                     r"可以(?:吗|不)|在哪(?:里|儿)?(?:办|申请|交|查|领)|多少钱|多少(?:天|比例)|几天|什么条件|"
                     r"有没有(?:补贴|规定|政策|文件)|是不是(?:可以|要|有)|合(?:不合)?法(?:吗)?|什么(?:时候|"
                     r"时间)(?:开始|截止|交|报名)"),
)  # fmt: skip
WEIGHTY = 1.5  # weight of the first line that tells something, and of those that ask for something
TELLS = 6  # characters from which on a line sounds like something
TONE = 3.5  # what a margin of the model weighs beside the words of the rules
_PATTERNS = tuple((kind, weight, re.compile(words)) for kind, weight, words in _CUES)
# Not what the caller wants now: complaints made before, advice declined, the hotline's own words.
_BEFORE = re.compile(r"(?:之前|以前|上次|上个(?:月|礼拜|星期|周)|打过电话|已经|都)(?:[^，。]{0,6})$")
# Said outright, even beside words about others.
_OUTRIGHT = re.compile(r"举报|投诉|咨询|请问|请教|想问")


def cues(text: str) -> tuple[Cue, ...]:
    """All cues of a text."""
    found = []
    others = beside_the_matter(text)
    for kind, weight, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if others and kind not in ("praise", "suggestion") and not _OUTRIGHT.search(match[0]):
                continue
            told = weight >= 3 and _BEFORE.search(text[: match.start()]) is not None
            found.append(Cue(kind, weight * (0.25 if told else 1.0), match.start(), match.end()))
    return tuple(found)


class Ear:
    """Hears how a line sounds, each line once: what tells nothing of the matter sounds like nothing."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    def tone(self, reading: Reading) -> Tone | None:
        """How a line of the caller sounds, place names left out."""
        if not reading.line.caller or len(reading.once(told_in).text) < TELLS:
            return None
        text = standard(reading.line.text)
        for place in reading.places:
            text = text[: place.start] + " " * (place.end - place.start) + text[place.end :]
        return self._kinds.read(text)

    def scores(self, readings: Sequence[Reading]) -> dict[str, float]:
        """How far all lines speak for each kind. He opens with what it is about, and says what he wants."""
        heard: list[tuple[Tone, float]] = []
        for reading in readings:
            tone = reading.once_of(self.tone)
            if tone is not None:
                heard.append((tone, WEIGHTY if not heard or reading.once(told_in).wants else 1.0))
        return {kind: TONE * score for kind, score in self._kinds.scores(heard).items()}


def kind(
    readings: Sequence[Reading], prior: dict[str, float], telling: bool, ear: Ear | None = None
) -> FieldValue | None:
    """The kind of matter; `prior` is what its category leads one to expect, `telling` that a category is known."""
    scores: dict[str, float] = defaultdict(float, prior)
    tones = ear.scores(readings) if ear is not None else {}
    for name, score in tones.items():
        scores[name] += score
    said: dict[str, list[tuple[float, Evidence]]] = defaultdict(list)
    for reading in readings:
        for cue in reading.cues:
            # A kind named once is meant; the tenth 没人管 adds little.
            scores[cue.kind] += cue.weight / (1 + 0.7 * len(said[cue.kind]))
            said[cue.kind].append((cue.weight, evidence(reading.line, cue.start, cue.end)))
    ranked = sorted(((s, k) for k, s in scores.items() if s > 0), reverse=True)
    if not ranked or not any(said.values()):
        if not telling and not tones:
            return None
        name = ranked[0][1] if ranked else "help"
        return FieldValue(
            value=name, label=KIND_NAMES[name], confidence=0.35, origin="rule", note="来电人未明说，按诉求分类推定"
        )
    best, name = ranked[0]
    total = sum(s for s, _ in ranked) + 0.5
    spoken = tuple(e for _, e in sorted(said[name], key=lambda p: -p[0])[:3])
    return FieldValue(
        value=name,
        label=KIND_NAMES[name],
        confidence=round(min(0.97, best / total), 3),
        origin="rule",
        evidence=spoken,
        choices=tuple(Choice(value=k, label=KIND_NAMES[k], score=round(s / total, 3)) for s, k in ranked[1:4]),
    )
