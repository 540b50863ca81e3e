"""What a caller says of his own person in passing, and dialect words: neither may move a matter elsewhere."""

from __future__ import annotations

import re
from functools import lru_cache

KEPT = 64  # texts remembered: several extractors look at one line in turn
_PEOPLES = (
    "汉|回|藏|苗|壮|彝|满|侗|瑶|白|傣|黎|畲|羌|土|蒙古?|维吾尔|哈萨克|朝鲜|布依|土家|哈尼|傈僳|佤|高山|拉祜|水|东乡|纳西|景颇|"
    "柯尔克孜|达斡尔|仫佬|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|独龙|鄂伦春|赫哲|门巴|珞巴|基诺"
)
_N = r"[0-9零一二两三四五六七八九十几]{1,4}"
_SELF = re.compile(
    r"(?:我(?!们小区|们村)|俺|本人|我(?:这个)?人)(?:们家?|家里)?(?:今年|都|也|又|自己|本来|原来|"
    r"现在|已经|还|就|一个|(?:是|属于)(?:一)?个?|,|，)*"
    r"(?:"
    r"(?:大老爷们|女人家|妇道人家(?:不懂)?|大男人(?:不懂)?|孩子(?:他)?(?:妈|爸|娘|爹)(?:妈|爸)?|"
    r"(?:老公|老婆|丈夫|妻子|媳妇|爱人)(?:让我打|叫我打|也知道)(?:这个|这)?(?:事|电话)?|"
    r"(?:女|男)(?:的|同志|人|性|士|孩子?|生)(?:在家|在外面?)?)"  # sex
    rf"|(?:快|刚|满)?{_N}(?:多|几|来)?岁|[一二三四五六七八九]十(?:出头|好几|来岁|多了)"
    r"|(?:年纪|岁数)(?:也)?(?:很|比较|有点|挺|太)?(?:大|轻|小)|上(?:了)?(?:年纪|岁数)"
    r"|(?:老年人|老人家?|老头子?|老太太|老婆子|年轻人|小年轻|中年人)|退休(?:好?(?:多|几|些)?年)?"
    r"|刚(?:参加|大学)?(?:工作|毕业)|(?:还)?在(?:念|读|上)(?:大学|书)|这把老骨头|头发(?:都)?白"  # age
    r"|(?:有)?(?:本地|外地|外省|外来|外乡|本市|外市|农村|城镇|城市|乡下|城里|山里)(?:的|人|户口|来的|媳妇)+"
    r"|老家(?:是|在)?[\u4e00-\u9fa5]{2,3}?的|祖祖辈辈(?:都)?住(?:在)?(?:这儿|这里|这边)?"
    r"|(?:户口|户籍|老家)(?:也|就|都|又)?(?:不)?(?:在|是)(?:这里|这边|这儿|本地|本市|外地|外省|农村|乡下|老家)(?:的)?"
    r"|从(?:外地|外省|农村|乡下|老家|山里)(?:来|过来|上来)(?:这里|这边|城里)?(?:打工|务工|做工|做生意|上班)?"
    r"|(?:在)?(?:这里|这儿|本地|这边)(?:土生土)?长大"  # origin
    rf"|(?:都)?(?:是)?(?:{_PEOPLES})(?:族|家人|家的|人|民)"  # people
    r"|(?:是)?(?:残疾人?|聋哑人|盲人|瘫痪病?人?)|(?:腿脚?|腿|手|身体|眼睛|耳朵|行动)(?:也|都)?(?:有点|有些|有|是|挺|很|不太|不大|不)?"
    r"(?:残疾|毛病|不?方便|不便|利索|好使?|听不(?:太|大)?见|看不(?:太|大)?见|瘸|聋|瞎)|坐(?:着)?轮椅|拄(?:着)?拐杖?"
    r"|(?:自己)?能走能动|(?:瞎|聋|瘸|跛)子|哑巴|半身不遂|耳背|听得清|眼神(?:还行|不好)"
    r"|走路(?:没问题|一瘸一拐)|好手好脚"  # health
    r")(?:了|的|啊|呀|人|好多年|好几年|好)*(?![证卡费金])"
)
# Who asks for what is due to such a person makes the trait his matter.
CLAIMS = re.compile(
    r"补贴|补助|津贴|优待|优惠|免费|免票|减免|照顾|救助|低保|福利|待遇|政策|[残老年退户居暂](?:疾|人|龄|休|口|住)?证|老年卡|养老金|"
    r"退休金|护理|无障碍|坡道|盲道|落户|入户|迁户|上户口|户口(?:迁|本)|入学|上学|歧视|看不起|欺负(?:我们)?外地|民族|清真|报销|资格|条件|能(?:不能)?(?:申请|办|领|享受)"
)
_STANDARD = (  # of the same length, so that positions hold
    (re.compile(r"[没冇冒莫]得(?!到|了|出|过|罪)"), "没有"),
    (re.compile(r"啥子|么子|嘛子"), "什么"),
    (re.compile(r"咋个|咋样|啷个"), "怎么"),
    (re.compile(r"俺们"), "我们"),
    (re.compile(r"娃儿|伢子|细伢"), "孩子"),
    (re.compile(r"而今"), "现在"),
    (re.compile(r"晓得"), "知道"),
    (re.compile(r"冇(?=人|有)"), "没"),
    (re.compile(r"莫(?=人|有)"), "没"),
)


_KIN = (
    (re.compile(r"(?:爷爷|奶奶|姥姥|姥爷|外公|外婆|公公|婆婆|大爷|大妈|大娘|老头子?|老太太?)"), "老人"),
    (re.compile(r"爸爸?|妈妈?|父亲|母亲|老爹|老娘|岳父|岳母|丈母娘|老丈人"), "父母"),
    (re.compile(r"老公|老婆|媳妇|丈夫|妻子"), "爱人"),
    (re.compile(r"儿子|女儿|闺女|孙子|孙女|小子|丫头|小男孩|小女孩|小姑娘"), "孩子"),
    (re.compile(r"(?:哥|姐|弟|妹){1,2}"), "兄弟"),
    (re.compile(r"[男女](?:的|同志|人|士|孩子?|生)"), "人"),
)


@lru_cache(maxsize=KEPT)
def without_sex(text: str) -> str:
    """The text with words for relatives and people that tell of nobody's sex; positions do not stay."""
    for words, word in _KIN:
        text = words.sub(word, text)
    return text


@lru_cache(maxsize=KEPT)
def standard(text: str) -> str:
    """The text with dialect words as the rules know them; positions stay."""
    for dialect, word in _STANDARD:
        text = dialect.sub(word, text)
    return text


@lru_cache(maxsize=KEPT)
def of_himself(text: str) -> tuple[tuple[int, int], ...]:
    """Where the caller speaks of his sex, age, origin, people or health and of nothing else."""
    return tuple(m.span() for m in _SELF.finditer(text))
