"""Round a matter: whether the caller called before, whether his name is to be kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract.aside import beside_the_matter
from agents.extract.earlier_calls import EarlierCalls
from agents.extract.name_kept import Asked, Kept, NameKept
from agents.lines import evidence
from agents.reading import Reading
from schemas.draft import FieldValue

_MANY = r"(?:好几|几|[一二两俩三四五六七八九十0-9]{1,3}(?:多|来)?|无数|数不清|多少|N|n)"
_TIMES = rf"{_MANY}(?:个)?(?:次|回|遍|趟|通)"
_US = (
    r"你们|您(?:们|这|那)|咱们?(?:这|热线|12345)|12345|一二三四五|热线|这(?:个)?(?:电话|号码?)|你(?:这|那)(?:儿|里|边)"
)
_STAFF = (
    r"(?:人|姑娘|小伙(?:子|儿)?|小姑娘|同志|接线员|话务员|客服|坐席|同事|师傅|大姐|妹子|闺女|丫头|男的|女的|小哥|"
    r"值班的?)"
)
_BEFORE = (
    r"(?:之前|以前|先前|早先|前头|早就|老早|上[次回]|前[次回]|头[几两一些][天回次]|前(?:[两几些](?:天|日子?|个?月|年)|一?[阵段]子?|不久)|有[阵些]日?子|上(?:个)?(?:周|礼拜|星期|月)|"
    r"昨[天晚儿]|大?前[天晚儿]|去年|前年|年前|年初|月初|月底|(?:礼拜|星期|周)[一二三四五六日天]|[0-9一二两三四五六七八九十]+(?:月|号|天前|周前|个月前|个星期前)|"
    r"曾经?|已经|都|也|刚|那[天回次阵]|当时)"
)
# Got through to somebody; to whom, the words round it tell.
_REACHED = re.compile(
    r"(?:打|拨|挂|呼)(?:通|来)?过(?![来去交])(?![^，。]{0,4}(?:针|疫苗|胎|架|仗|工|牌|药|球|官司|招呼|折|蜡|孔|桩|草|印|火|麻将|点滴))"
    rf"|来过(?:{_TIMES})?(?:电话|电)|(?:打|拨|挂)(?:了|来|通|过)*(?:{_US})?{_TIMES}(?:的)?(?:电话|了|，|。|$)"
    r"|(?:反映|反应|投诉|举报|检举|申诉|上报|汇报)过(?!敏|度)"
    rf"|(?:反映|反应|投诉|举报|打电话)(?:了|过)?{_TIMES}"
    rf"|{_BEFORE}[^，。]{{0,8}}(?:(?:反映|反应|投诉|举报|登记|上报)(?:了|上去|的)|(?:登记|备案|咨询|提|来电|留言)过(?!户|分))"
    r"|(?:给|帮|替)(?:我|俺|咱)们?(?:登记|记|备案|留|写|录|转|报)(?:过|上去过)"
)
# The hotline itself is named, or does what only it does.
_WITH_US = re.compile(
    rf"(?:{_US})[^，。]{{0,4}}(?:说|讲|反映|反应|提|报|催|问|找|投诉|打|登记|聊|念叨|唠)(?:过|了(?:{_TIMES}|不))"
    rf"|(?:跟|给|找|向|同|和|打)(?:{_US})(?:{_STAFF})?[^，。]{{0,3}}(?:说|讲|反映|反应|提|报|催|问|投诉|打|登记|聊)?(?:过|了?{_TIMES})"
    rf"|{_BEFORE}[^，。]{{0,6}}(?:跟|给|找|向|同|和|打|来)(?:{_US})[^，。]{{0,8}}(?:说|讲|反映|反应|提|报|催|问|投诉|打|电话|了|过)"
    rf"|(?:{_US})[^，。]{{0,8}}{_STAFF}[^，。]{{0,8}}(?:记|登|接|答应|应下|回(?:我|了|的|复|电)|跟我|给我|让我等|叫我等)"
    rf"|(?:有|是)(?:一)?(?:个|位){_STAFF}[^，。]{{0,6}}(?:给我|帮我|替我)?(?:登记|接|记下?)(?:了|过|的)"
    rf"|(?:{_US})[^，。]{{0,6}}(?:答应|应承|承诺|保证|说好)(?:得|过|了|的)"
    r"|(?:之前|上[次回]|原来|前头|先前|头一回|原先|那个|给(?:过|了)?我?(?:一?个)?|有(?:一?个)?)(?:的|那个|那张|那份)?(?:工单|单号|受理号|受理编号|查询码|受理单)"
    r"|(?:工单|单号|受理号|编号|单子)[^，。]{0,6}(?:还在|还留|我记着|给过|转(?:了|给|下)|结了|办结|没下文|没动静)"
    r"|(?:记录|系统|电脑|档案|底子)(?:里|上|中|里头)?(?:面)?(?:应该|该|肯定|都|一定|准)?(?:能)?(?:有|查得|查到|留着)|(?:查|翻)(?:一下|查|一查|翻)?(?:之前|上[次回]|以前|原来)?(?:的)?(?:记录|底单|档案)"
    rf"|第(?:[二三四五六七八九两]|[0-9]+|十.?|N|n|好?几)(?:次|回|趟|遍|通)[^，。]{{0,3}}(?:来电|打|来|拨|反映|投诉|举报|跟(?:{_US})|找(?:{_US})|给(?:{_US})|催|为这|说这)"
    r"|又(?:来)?(?:打|拨)(?:来|过来|电话|回来|这|给)|又是我|(?:还是|又是|仍是|接着)(?:为)?(?:上[次回]|之前|那[天回]|昨天|以前)[^，。]{0,4}(?:那|的|这)|(?:再|又)(?:来)?催(?:一?催|你们|一下|促)"
    rf"|(?:上[次回]|之前|前头|先前|头一回|那[次回])[^，。]{{0,4}}(?:电话|来电|热线|通话)|打(?:了|过)(?:好)?{_MANY}(?:个|通)电话(?:给)?(?:{_US})"
)
_NEVER = re.compile(
    r"(?:没(?:有)?|从来没(?:有)?|从没|不曾|未曾|还没(?:有)?)(?:跟|给|向|找)?(?:你们|12345|热线|谁)?(?:这儿|这里)?(?:打|反映|投诉|来|说|报|登记|提|举报)过|"
    r"(?:第一|头一|头|首)(?:次|回|遭|遍|趟)(?!.{0,8}(?:没|第二))|(?:要不要|能不能|可以|想|准备|打算)[^，。]{0,6}(?:打|反映|投诉)过"
)
_OTHER = re.compile(
    r"物业|居委|村(?:委|里|上|支书|主任|干部|长|部)|社区|街道|派出所|警|110|119|120|公安|客服|厂家?|公司|店|老板|商家|卖家|房东|学校|老师|医院|"
    r"医生|供电|供水|燃气|自来水|热力|法院|仲裁|[^就结布格]局|部门|政府|窗口|大厅|开发商|售楼|施工|工地|司机|楼[上下]|邻居|他|她|对方|人家|平台|银行|"
    r"保险|管委|城管|消防|房管|妇联|信访|记者|电视台|营业厅|维修|师傅|房主|中介|律师|单位|领导|经理|校长|书记|园长|站里|所里|队里"
)
_NEAR = 10  # characters before the words that tell whom he reached
_US_NEAR = re.compile(_US)

_NOT = r"(?:别|不要|甭|莫|勿|休|不(?:能|想|希望|愿意?|许|准|可|敢|兴|得|肯|必)|最好不|不好|少)"
_MINE = (
    r"(?:名字|姓名|大名|姓啥|姓什么|名儿?|信息|身份|电话|号码?|手机|底细|住(?:哪|址)|(?:是|有)(?:我|俺|咱|谁)|"
    r"我(?:是谁|的(?!钱|东西|房|车)|说|讲|举报|打|反映|反应|告|投|捅|来[，。]|[，。]|$)|俺[，。说讲])"
)
_SHOW = r"(?:告诉|透|泄|漏|露|说(?!话|明|清)|讲|提(?!供不)|公开|公布|写|报|传|抖|捅|暴露|出卖|声张|往外)"
_HIDE = re.compile(
    rf"{_NOT}[^，。]{{0,5}}{_SHOW}[^，。]{{0,8}}(?:{_MINE})"
    rf"|{_NOT}(?:把|拿|将)(?:我|俺|咱)?们?(?:的|这)?(?:{_MINE})[^，。]{{0,6}}(?:{_SHOW}|给|登|亮|带|挂)"
    rf"|(?:名字|姓名|大名|电话|号码?|信息|身份|手机|名儿)[^，。]{{0,6}}{_NOT}[^，。]{{0,5}}(?:{_SHOW}|给(?:他|她|对方|人家|别人))"
    rf"|{_NOT}(?:让|叫|给|教|使)[^，。]{{0,10}}(?:知道|晓得|看[见到]|听[见到]|认出|猜|查[出到]|摸[清到])[^，。]{{0,6}}(?:{_MINE}|谁)"
    r"|(?:要|想|希望|请|麻烦|帮|替|给|为|得|最好|务必|一定|必须|能|可以|需要)(?:你们|您|我|俺|咱)?[^，。不]{0,4}(?:保(?:个|一下|好)?密|匿(?:个)?名|隐(?:去|瞒|藏|名)|瞒(?:着|住|一)|遮(?:着|一|起|上|住|掩)|藏(?:着|起)|兜着)"
    r"|(?<!不用)(?<!不必)(?<!不要)(?<!无需)(?<!不需要)匿名(?!信|群|投票|评)|(?:^|[，。])保(?:个)?密(?:吧|啊|着|点|一下|处理|$|，|。)|保密(?:吧|一下|处理)"
    r"|不(?:想|愿意?|敢|便|方便|打算|要|肯|能)?(?:留|署|具|报|说|露|写)(?:真|我的?|自己的?)?(?:姓名|名字|名|姓|真名)|化名|(?:替|给|帮)我(?:保密|瞒|遮|藏|兜)"
)
_FEARS = re.compile(
    r"(?<!不)(?<!不是)怕[^，。]{0,8}(?:报复|打击|找(?:我|事|麻烦|上门|茬|后账)|记恨|记仇|寻仇|翻脸|小鞋|收拾|整我|闹|得罪|难做|知道|不好)|"
    r"(?:抬头|低头)不见|乡里乡亲|(?:一个|同一)(?:院|楼|单位|村|小区|厂|屋)|记仇|得罪(?:人|不起)|难做人|报复|饭碗|街坊|熟人|以后还(?:要|得)"
)
_OPEN = re.compile(
    r"(?:不用|不需要|不必|无需|用不着|没(?:有)?必要|甭|犯不着|不要)(?:给我|替我|帮我)?(?:保密|匿名|遮|瞒|藏|隐)|(?<!想)(?<!能)公开(?:就公开|吧|好了|呗|也行|无所谓|没事)|"
    r"(?:可以|随便|无所谓|尽管|只管|大胆|放心)(?:你们?)?[^，。不别]{0,4}(?:公开|提供|说出去|告诉他|说是我|给他)|实名(?:举报|反映|投诉|就|吧)|"
    r"(?<!能)(?<!想)(?:说|讲|写|报|提)(?:是|出|上)?(?:我|我的名字?|我名)[^，。]{0,4}(?:也|都|就)?(?:行|没事|不怕|可以|没关系|成|中|不要紧|无所谓)|"
    r"我?(?:才|又|可|也)?不怕(?:他们?|她们?|谁|人|人家|你们?)?(?:知道|报复|找|晓得|来|打听|问|$|，|。)|(?:怕(?:啥|什么|谁|个)|有(?:啥|什么)(?:好)?(?:怕|藏|瞒|遮|不能))|"
    r"(说|讲|公开|知道|写|报|给|告诉|露|提|晓得)(?:了)?(?:就|便)\1|见不得人|光明正大|正大光明|行得正|身正|明人不|坐不改姓|爱(?:咋|怎么)(?:咋|着|样)"
)
_OF_HIM = re.compile(r"信息|姓名|名字|名儿|电话|身份|个人|号码|资料|您(?:的)?(?:名|姓)|是您|保密|匿名|实名")
_WOULD_HIDE = re.compile(r"保密|遮|隐|匿|藏|瞒|打码|屏蔽|不公开|不透露|不(?:让|叫)|别让|对外")
_WOULD_SHOW = re.compile(
    r"公开|提供|告诉|告知|透露|给(?:到|承办|对方|部门|单位|他)|实名|转给|露|写上|让[^，。]{0,6}(?:知道|看)"
)
_QUESTION = re.compile(r"[吗嘛么？呢]|要不要|需不需|可不可|能不能|是否|方不方便|行不行|愿不愿|介不介意|还是|不$|吧")
_NO = re.compile(
    r"^[嗯啊呃哦哎唉诶，。 ]*(?:(?:都|也|这|那)?(?:不(?!知)|没(?:事|关系|必要|啥|什么)|无所谓|随便|随你|随他|甭|"
    r"别(?!的)|用不着|犯不着|最好(?:别|不)|还是(?:别|不)|千万)|可别|莫)"
)
_YES = re.compile(
    r"^[嗯啊呃哦哎唉诶，。 ]*(?:那|当然|肯定|必须|最好|还是|就|麻烦)?(?:要(?!紧|是)|需要|得|是|对(?!方)|行|好|可以|能|"
    r"成|中|当然|肯定|必须|保密|遮|麻烦|给吧|给呗|公开|提供)"
)

VETO = -0.5  # how far under the ear's threshold words of a rule mean something else
FIRM, HEARD = 0.9, 0.7  # how sure of what is said in known words or to a question, and of what only sounds so


def is_repeat(readings: Sequence[Reading], ear: EarlierCalls | None = None) -> FieldValue | None:
    """Whether the caller says that he has brought this to the hotline before."""
    for reading in readings:
        if not reading.line.caller:
            continue
        found = reading.once(_again)
        over = reading.once(ear.over) if ear is not None else 0.0
        if found is not None and over >= VETO:
            start, end, confidence = *found, 0.85
        elif over > 0 and not reading.once(_unlikely):
            start, end, confidence = 0, len(reading.line.text), HEARD
        else:
            continue
        words = evidence(reading.line, start, end)
        return FieldValue(
            value="yes", label="是", confidence=confidence, origin="rule", evidence=(words,), note="来电人自述"
        )
    return None


def confidential(readings: Sequence[Reading], ear: NameKept | None = None) -> FieldValue | None:
    """Whether the caller wants his name kept from those concerned; what he says last counts."""
    found: FieldValue | None = None
    asked: Asked = ""
    at = -99
    for reading in readings:
        line = reading.line
        if not line.caller:
            if now := (reading.once(ear.asks) if ear is not None else "") or reading.once(_asks):
                asked, at = now, line.at
            continue
        near: Asked = asked if 0 < line.at - at <= 2 else ""
        match, value = reading.once(_says)
        if match is None and near in ("hide", "show"):
            match, value = _answers(line.text, near)
        firm = match is not None or near != ""
        if ear is not None:
            answered = reading.once(ear.answers) if near in ("hide", "show") else None
            heard = ear.verdict(reading.once(ear.says), answered, near, value)
            match, value = match if heard == value else None, heard
        if match is None and value == "no":
            continue  # no name is given away on a model's word alone
        if not value or (found is not None and not firm and found.confidence == FIRM):
            continue
        words = evidence(line, *match.span()) if match is not None else evidence(line, 0, len(line.text))
        found = FieldValue(
            value=value,
            label="保密" if value == "yes" else "不保密",
            confidence=FIRM if firm else HEARD,
            origin="rule",
            evidence=(words,),
        )
        at = -99
    return found


def called_before(text: str) -> bool:
    """Whether a line says that the caller has been at the hotline before."""
    return _again(text) is not None


def _again(text: str) -> tuple[int, int] | None:
    if _unlikely(text):
        return None
    if match := _WITH_US.search(text):
        return match.start(), match.end()
    for match in _REACHED.finditer(text):
        round_it = text[max(0, match.start() - _NEAR) : match.end() + 6]
        if _US_NEAR.search(round_it) or not _OTHER.search(round_it):
            return match.start(), match.end()
    return None


def _unlikely(text: str) -> bool:
    """Whether a line tells of a first call, of others, or of what might be."""
    return _NEVER.search(text) is not None or beside_the_matter(text)


def _asks(text: str) -> Asked:
    """Whether the agent asks to hide the caller's name or to show it."""
    if not _OF_HIM.search(text) or not _QUESTION.search(text):
        return ""
    return "hide" if _WOULD_HIDE.search(text) else "show" if _WOULD_SHOW.search(text) else ""


def _says(text: str) -> tuple[re.Match[str] | None, Kept]:
    """What a line says of it by itself."""
    hide, open_ = _HIDE.search(text), _OPEN.search(text)
    if open_ is not None and (hide is None or open_.start() <= hide.start()):
        return (open_, "no") if _plain(open_, text) else (None, "")
    return (hide, "yes") if hide is not None else (None, "")


def _plain(found: re.Match[str], text: str) -> bool:
    """Daring words alone say nothing of the name: 怕什么, 我不怕 belong to any quarrel."""
    return found[1] is not None or re.search(r"密|名|公开|知道|说|讲|提供|告诉|给", found[0]) is not None


def _answers(text: str, asked: str) -> tuple[re.Match[str] | None, Kept]:
    """What a line says when it answers the agent's question."""
    if fears := _FEARS.search(text):
        return fears, "yes"
    if dares := _OPEN.search(text):
        return dares, "no"
    if no := _NO.match(text):
        free = re.search(r"没|无所谓|随", no[0]) is not None
        return no, "no" if asked == "hide" or free else "yes"
    if yes := _YES.match(text):
        return yes, "yes" if asked == "hide" else "no"
    return None, ""
