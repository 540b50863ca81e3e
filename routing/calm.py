"""Words of danger without any: what is over or long past, hearsay, a drill, a manner of speaking."""

from __future__ import annotations

import re

# Said of this moment: whatever else the sentence says, nothing is explained away.
NOW = re.compile(
    r"救命|快来|快点来|赶紧来|现在(?:还|正|就|人|怎么|叫|一直)|正在|这会儿|还在(?:里|烧|冒|流|打|漏|响|水|喊|往)|出不来|出不去|起不来|叫不(?:醒|应|答)"
    r"|没(?:有)?(?:反应|呼吸|心跳|知觉)|不动了|躺在(?!床)|刚才|刚刚|越来越(?:大|浓|急)"
)
OVER = re.compile(
    r"(?:已经|早就?|早都|都|当晚就?|当天就?|后来|上个?[^，。]{1,4}就?)[^，。]{0,8}"
    r"(?:修好|换好|换新|换了新|处理好|处理完|解决|扑灭|灭了|救回|脱险|出院|抓走|抓到|接上|补好|补平|盖好|盖上|围起来|拉走|通车|康复|捞上来|打了疫苗|恢复)"
    r"|(?:修|换|处理|补|盖|救|捞|找|抢救|弄)(?:好|完|平|回来|上来|过来|到|出来)了|误会|(?:弄|搞|看|听)错了|闹着玩|解决了|(?:火|烟)?(?:已经|早)(?:灭|散)了|都走了"
    r"|(?:鉴定|报告|结果|责任书|判决)[^，。]{0,6}(?:下来|出来)了|解除了|虚惊|现在(?:修?好|没事|恢复|换了)|早好了|(?:幸亏|幸好|好在|还好)|离婚了|和好了|想撤|调解完|案子判了|没(?:有)?(?:人)?受伤|人没事|没(?:有)?伤(?:着|到)人|退了以后|恢复得"
)
PAST = re.compile(
    r"去年|前年|大前年|[一二三两四五六七八九十几]+年(?:多)?(?:以)?前|小时候|那(?:一)?年|当年|当时|以前|曾经|从前|过去|(?<!刚)(?<!刚才)上(?:上)?个?(?:月|周|礼拜|星期)"
    r"|上次|上回|那次|那回|那天|[一二三两四五六七八九十几半](?:个)?(?:多)?(?:月|周|礼拜|星期)(?:以)?前|半年前|前阵子|前段时间|(?:有|过)(?:过)?一回|[摔撞掉困夹咬烧伤]过"
)
HEARSAY = re.compile(
    r"听(?:说|人|别人|我?[^，。]{0,3}(?:同事|朋友|邻居|亲戚)|隔壁)[^，。]{0,6}|新闻|报纸|报道|电视|电影|演的|剧组|拍(?:戏|电影|短视频|[^，。]{0,6}的戏)|抖音|网上(?!认识|的人)|视频里|谣言|谣传|辟谣|(?:都在|有人在?)传"
    r"|游戏|小说|作文|(?:朋友|邻居|同事|亲戚)(?:跟我)?(?:说|讲)他"
)
TOPIC = re.compile(
    r"演习|演练|训练|培训|宣传|讲座|讲讲|预防|防范|预案|论文|考试|庆典|礼花|写的|公告|通知说|的课(?![^，。]{0,4}老师)|牌子|证书|标志|警示|知识|防溺水|防拐骗|防火|安检|推销|逃生(?!不)|面罩|警报|检验|补贴|撤掉|撤案"
)
AFTER = re.compile(
    r"^了?(?:怎么跑|往哪|咋跑|消防车)|^(?:没(?:有)?(?:丢|坏|掉|碎|着|漏))|^(?:的)?(?:隐患|风险|保险|赔偿款?|理赔|责任书|责任认定|报警器(?:会不会|在哪|多少|怎么)|自己|了怎么(?:办理|赔|报)|打什么|该打|物业有没有|[^，。]{0,4}应该)"
)
MIGHT = re.compile(
    r"(?:如果|假如|要是|万一|假设|倘若|一旦|哪天|以防|生怕|就怕|怕(?!是)|担心|害怕|防止|避免|以免|免得|会不会|容易|可能会?|早晚|迟早|小心)[^，。]{0,8}$"
)
DENIED = re.compile(
    r"(?:(?<!是)不是(?!吗|吧)|不|并非|不像(?:是)?|没(?:有)?(?:人|闻到)?|未)[^，。]{0,2}$|(?<!是)不是(?:真的?|有人|要|有)[^，。]{0,2}$"
)
FIGURE = re.compile(
    r"(?:切割|电焊|焊接|打磨)[^，。]{0,6}(?:冒|打|溅)?火|烟熏火燎|都?(?:要|快)?(?:累|气)(?:得)?(?:要)?吐血|打得我头|头(?:都|要)?(?:快)?炸|大火灶|(?:跟|像|好像|好比|就像)[^，。]{0,8}(?:似的|一样)|开(?:个)?玩笑|发(?:发)?牢骚|(?:热|冻|累|吵|气|烦|忙|困|渴|饿|急|吓|笑|臭)死(?:了|人|我)|[要](?:了)?(?:我|人)(?:的)?命"
    r"|(?:手机|电话|微信|群)[^，。]{0,8}(?:爆炸|炸)|[一满]?肚子火|[窝发来]火(?!灾)|火气|(?:压|憋)(?:不住|着)[^，。]{0,2}火|火都?(?:压|憋)|(?:费|价格?|钱|贵|账单)[^，。]{0,6}(?:像|跟|如同|好比|简直|等于)|股票|跳楼(?:价|机|大)|一着急|上火"
)
_THINGS = r"(?:我家?|家)?(?:里)?(?:的)?(?:小)?(?:狗|猫|鸟|手机|钥匙|钱包|自行车|快递|戒指|耳机|无人机)"
GONE = re.compile(rf"{_THINGS}(?:[^，。把咬扑]{{0,3}})$")
FAILS = re.compile(r"[点打]不着|着不了")
FEARED = re.compile(r"怕|担心|万一|如果|要是|假如|会不会|以免|防止|容易")
THING = re.compile(_THINGS)


def explained(text: str) -> bool:
    """Whether a line as a whole sounds over, long past, heard of, practised or like a manner of speaking."""
    if TOPIC.search(text) or FIGURE.search(text):
        return True
    return not NOW.search(text) and bool(OVER.search(text) or PAST.search(text) or HEARSAY.search(text))


def calm(text: str, start: int, end: int) -> bool:
    """Whether the words at [start, end) tell of no danger that stands. What is said of this very moment always does."""
    before, after = text[:start], text[end:]
    if (before.endswith("不") and not before.endswith(("要不", "是不"))) or before.endswith("没"):
        return True
    if MIGHT.search(before) or DENIED.search(before[-10:]) or AFTER.match(after):
        return True
    if TOPIC.search(text) or FIGURE.search(text) or GONE.search(before) or THING.match(text[start:]):
        return True
    if FAILS.search(text[start : end + 2]):
        return True
    if NOW.search(text):
        return False
    if FEARED.search(text[start:end]):
        return True
    return bool(OVER.search(text) or PAST.search(text[:end]) or HEARSAY.search(text))
