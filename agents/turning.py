"""Turning to something else in a call: words by which a caller opens a further matter, or the agent asks for one."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from agents.extract.aside import beside_the_matter
from agents.extract.circumstances import called_before
from routing.phrases import Phrases

_CLASSIFIER = r"(?:个|件|桩|样|条|码|档子?|茬|宗|项|起|摊子?)"
_THING = r"(?:事|问题|情况|难处|毛病|意见|请求|诉求|建议|疑问|麻烦|别的)"
_TELL = (
    r"(?:说|讲|问|反映|反应|投诉|举报|检举|提|唠|念叨|唠叨|叨叨|叨咕|咨询|打听|请教|麻烦|劳烦|劳驾|报|求|告诉|告|汇报|补充|聊|"
    r"嘟囔|建议|表扬|烦)"
)
_BY_THE_WAY = (
    r"(?:顺(?:带|便|嘴|道|手|势|路|口)|捎(?:带|上|着)|附带|连带|一并|趁(?:着|这|机|便|热)|正好|刚好|赶巧|索性|干脆)"
)
# Says outright that another matter comes.
_OUTRIGHT = re.compile(
    rf"(?:还|再|又|另外?|{_BY_THE_WAY})[^，。]{{0,8}}{_TELL}[^，。]{{0,5}}?(?:上)?"
    rf"(?:(?:一|另|两|俩|几|别){_CLASSIFIER}|{_CLASSIFIER}(?:儿|小)?{_THING}|别的|其他|其它)"
    rf"|(?:还|再|又|另)(?:外)?(?:有|来|加|剩|差|摊上|碰上|遇到)(?:了|上|着|这么|那么)?(?:一|两|俩|几|另)?"
    rf"{_CLASSIFIER}(?:小|大|烦心|糟心|闹心|要紧)?{_THING}"
    rf"|(?:另外?|下|别的?)一{_CLASSIFIER}{_THING}|(?:另|别的?|旁的?|其他|其它)(?:外)?(?:的)?{_THING}(?!都|也|没|我?不)"
    rf"|第[二三四]{_CLASSIFIER}|(?:^|[，。 ]|那|再|还)[二三]一个|再一{_CLASSIFIER}"
    rf"|(?:还|再)有一{_CLASSIFIER}|其[二三](?:[，。是呢]|就)"
    r"|(?:还|也|又)(?:是)?(?:想|要|得)(?:再|跟|向|给|请|麻烦|你们?|您|一并|一起){0,4}(?:反映|投诉|举报|咨询|打听|请教|问(?!题))"
    rf"|{_BY_THE_WAY}[^，。]{{0,8}}(?:反映|投诉|举报|咨询|打听|请教|问(?!题)|说|讲|提|唠|念叨)"
    r"|再(?:反映|投诉|举报|咨询|打听|请教|问)(?:一下|下|一声|个|一|你|您|问)"
)
# The same as it may be misheard: 地二个, 还有歌事.
_LIKE_OUTRIGHT = Phrases(
    (
        *("第二个", "第二件", "第二点", "第二样", "第三个", "第三件", "还有一个", "还有一件", "还有个事", "还有个问题"),
        *("另外一个", "另外一件", "另外还有", "还想反映", "还想问", "还要反映", "还要投诉", "顺便问", "顺便反映"),
    ),
    by_sound=True,
)
_FILLER = (
    r"(?:[嗯呃额啊哦噢喔哎唉诶欸喂呀好行对那个就是然后，。 ]|反正吧?|其实呢?|怎么说呢|那什么|你听我[说讲]|我跟你[说讲]|"
    r"同志|姑娘|小伙子|"
    r"师傅|大姐|我说|得了|完了)"
)
# May open another matter, may go on with the same.
_PERHAPS = re.compile(
    rf"^{_FILLER}{{0,8}}(?:另外|还有|再有|再者|再就是|再一(?:个|点)|再说|此外|除此|除(?:了|开)(?:这|那|上面|刚才)|撇开|对了|(?:(?<=[哦噢喔啊哎])对)[，。]|"
    rf"{_BY_THE_WAY}|既然|难得|好不容易|(?:话|电话|打|说|都|来)[^，。]{{0,3}}(?:到这|通了|打了|接了)|(?:还)?没(?:说|讲|唠)?完|"
    r"别(?:急着)?挂|(?:我)?(?:差点儿?)?(?:给)?(?:忘|漏|落)(?:了|记|下)|(?:突然|忽然|才)?想起|(?:刚才|刚刚)?光(?:顾|说|讲)|刚才|刚刚|"
    r"(?:这|那|前面|头)[^，。]{0,6}(?:说完|讲完|说到这|就这样|先放|先不|归)|[一两][码件桩][^，。]{0,3}归|接(?:着|下来)|"
    r"换(?:个|一)(?:话头|话题|事|说)|不(?:光|止|只|单|仅)(?:是)?(?:这|那)|再(?:讲|提|问|唠|耽误|占|费|多|烦|麻烦|劳烦|来)|"
    r"多(?:句|一句)?嘴|"
    r"啰嗦|(?:多|再)(?:说|问|讲)[一两几]?句|(?:我)?(?:这儿|这|手头|手里|家里|心里)?(?:还)?(?:有)?"
    r"(?:两|俩|几)(?:件|个|桩|样|码)事|二来|二则|"
    r"头一(?:件|个|桩)|(?:我)?(?:还|也)(?:想|要|得)(?:再|跟|请|麻烦|给|问|说|讲|提))"
)
_FOR_MORE = re.compile(
    r"(?:还有|别的|其他|其它|另外|旁的|除了|除开|除此|剩下|还要|还想|还需要?|还能|下一|第[二三])[^。]{0,16}"
    r"(?:吗|嘛|么|没|不[？。]?$|不[是会要]|什么|啥|哪|呢|？|帮|您(?:说|讲))|有(?:没有|无)(?:别|其他|其它|另外|旁)|"
    r"第[二三](?:个|件|点|样|桩)|(?:另外|下|还有)一(?:个|件|桩)"
)
# … which of the same matter: another telephone, who else is touched.
_FOR_DETAILS = re.compile(
    r"地址|电话|号码|手机|位置|门牌|栋|单元|联系|材料|凭证|证据|照片|特征|名字|贵姓|称呼|邻居|别人|其他人|别的人|住户|业主|"
    r"(?:路|街|小区|村|时间|时候|多久|几点|金额|发票|合同|票)|细节|标志|参照|谁"
)
_NO_MORE = re.compile(
    r"^[嗯啊呃哦诶哎唉，。 ]*(?:(?:暂时|目前|现在)?(?:就)?没(?:有)?(?:了|啥|什么|别|其他|其它|事|呢|啦|[，。]|$)|"
    r"不(?:用|要|需|了)|就这|行了|够了|好了)"
)
_ACT = (
    r"(?:给(?!他)|帮|替|派|催|让(?!我)|叫|把|管|查|来(?!的|了)|告诉|教|指|说说|讲讲|念|问问|通融|协调|安排|督促|处理|解决|处分|治|罚|退|补|赔|"
    r"修|换(?!乘)|拆|清|装|划|调)"
)
_WISH = re.compile(
    r"希望|盼着?|恳请|要求|求(?:你|您)|请(?![问假客了的过])|麻烦(?![了事得死大]|你们?了|您了)|能不能|要么[^，。]|"
    rf"^{_FILLER}{{0,8}}(?:你们?|您|好好|好歹|赶紧|快|可|就)?{_ACT}(?!了|过|着)|"
    rf"[，。 ](?:你们?|您)(?:得|快|能不能)?{_ACT}(?!了|过|着)|"
    rf"你们?(?:得|要|快|赶紧|能不能|好好|可得){_ACT}|"
    r"想(?:让|请|问问|知道|要|了解|弄[清明])|赶紧|尽快|尽早|早(?:点|日)|该[^，。]{1,6}就(?:得)?|得(?:去|来)?(?:管|查)|"
    r"(?:管|查|问|治)[一上]?(?:管|查|问|治)|说法|答复|"
    r"讨(?:个|回)|^就按|准信|(?:跟|向|给)[^，。]{1,8}(?:念叨|反映|捎|带)"
)
_REPORTED = re.compile(r"^[^，。我你]{1,8}(?:说|讲|告诉|回话|答复)(?!不)")
_SELF = re.compile(r"(?:我|名字)(?:的)?(?:名字|姓名)?(?:是|叫|姓)[^，。]{1,4}(?:$|[，。])|我(?:的)?名字|免贵|我姓|我叫")
_FOLLOWS = re.compile(
    r"^[嗯啊呃哦诶哎唉，。 ]*(?:那(?!个|边|里)|所以|因为|结果|也就是|就是说|不过|可是|但是?|然后|而且|并且)"
)
_ASKING = re.compile(
    r"[吗嘛么呢？]|请问|姓名|手机|号码|电话|地址|哪|几|多少|什么|啥|多久|多长|怎么|贵姓|称呼|名字|叫什么|是不是|对不对|对吧|有没有|说一下|说下|讲一下|报一下|留(?:一)?个"
)

Mark = Literal["outright", "perhaps", "none"]
_FAR = 32  # characters in which a caller says that something else comes


class Turn(msgspec.Struct, frozen=True):
    """What a caller's line shows of turning to something else."""

    mark: Mark
    wish: bool  # it says what is wanted
    aside: bool  # it tells of others, of what might be, of himself, or that he called before
    follows: bool  # it takes up what was said just before
    no_more: bool
    length: int  # characters


class Prompt(msgspec.Struct, frozen=True):
    """What an agent's line leads one to expect of the next."""

    for_more: bool  # asks for further matters
    asks: bool  # asks for anything at all


def turn(text: str) -> Turn:
    """What a line of the caller shows."""
    head = text[:_FAR]
    outright = _OUTRIGHT.search(head) is not None or bool(_LIKE_OUTRIGHT.find(head))
    mark: Mark = "outright" if outright else "perhaps" if _PERHAPS.match(head) else "none"
    return Turn(
        mark,
        _WISH.search(text) is not None,
        beside_the_matter(text)
        or _REPORTED.match(text) is not None
        or _SELF.search(text) is not None
        or called_before(text),
        _FOLLOWS.match(text) is not None,
        _NO_MORE.match(text) is not None,
        len(text),
    )


def prompt(text: str) -> Prompt:
    """What a line of the agent leads one to expect."""
    for_more = _FOR_MORE.search(text) is not None and _FOR_DETAILS.search(text) is None
    return Prompt(for_more, for_more or _ASKING.search(text) is not None)
