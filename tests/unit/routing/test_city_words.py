"""The demo city's words on callers' sentences: no danger to life missed, everyday talk left alone."""

from __future__ import annotations

from datetime import date

import pytest

from routing.category import Categories
from routing.city.index import CityIndex
from routing.city.load import city_dir, load_city
from routing.duty import bench
from routing.emergency import Emergencies
from routing.refusal import Refusals

PACK = load_city(city_dir("yunlan"))
EMERGENCIES = Emergencies(PACK.emergencies)
REFUSALS = Refusals(PACK.refusals)
INDEX = CityIndex(PACK)


@pytest.fixture(scope="module")
def categories() -> Categories:
    return Categories(INDEX)


def alarms(text: str) -> list[str]:
    found = EMERGENCIES.alarms([EMERGENCIES.triggers(text)], [EMERGENCIES.companions(text)])
    return [alarm.rule.urgency for alarm in found]


@pytest.mark.parametrize("text", [
    "我家厨房一股煤气味，我不敢开灯",
    "楼道里天然气味特别大，是不是漏了",
    "施工的把燃气管子挖断了，滋滋往外喷",
    "隔壁煤气罐在漏，呲呲响",
    "邻居家好像煤气中毒了，叫不醒",
    "我们楼下着火了，烟都冒到五楼了",
    "对面阳台起火了，有人在喊救命",
    "电动车棚烧起来了，火很大",
    "厂里仓库冒黑烟，看见火苗了",
    "电瓶炸了，屋里全是烟",
    "路灯杆漏电，我家狗碰一下就被电死了",
    "电线断了掉在水坑里，还冒火花",
    "我爸被电了一下躺在地上不动了",
    "小孩掉井里了，快点来人",
    "井盖不知道被谁偷走了，一个大黑洞",
    "路中间塌了一个大坑，车都掉进去了",
    "我家楼裂了好大的缝，房子要塌了",
    "后面山上滑坡了，石头滚到院子里",
    "工地脚手架倒了，压着人了",
    "我被困在电梯里了，按铃没人理",
    "电梯关人了，里面有个孕妇",
    "电梯卡在六楼半，里面有老人孩子",
    "有人掉进河里了，在水里扑腾",
    "水库那边有孩子溺水了",
    "桥上有个人要跳河，站在栏杆外面",
    "楼顶坐着一个姑娘要跳楼",
    "我不想活了，你们谁都别管我",
    "我老公又打我，拿着菜刀",
    "外面有人拿刀砍人",
    "有人在砸我家门，说要弄死我",
    "我妈突然倒地上叫不醒，没有呼吸",
    "我爸胸口疼得喘不上气，脸都青了",
    "我老婆羊水破了要生了",
    "路口两车撞了，有人卡在车里出不来",
    "刚才撞倒一个老太太，流了好多血",
    "洪水进村了，我们在房顶上下不来",
    "山洪把桥冲断了，车困在水里",
    "我孙子不见了，找了两个小时了",
    "我婆婆有老年痴呆，早上出门走丢了",
    "幼儿园老师虐待孩子，身上有针眼",
    "化工厂槽罐车翻了，味道刺眼睛",
    "氨气泄漏了，一条街都是味",
    "山上起火了，火往村里烧",
    "涵洞里淹了一辆车，人还在里面",
    "有人喝农药了",
    "施工把墙挖塌了，有工人埋在下面",
    "扶梯夹住小孩的脚了",
    "鞭炮厂爆炸了",
    "塔吊倒了砸到居民楼",
    "变压器爆炸起火",
    "网吧里打起来了拿着刀",
    "前夫把我锁在屋里不让我出去",
    "有个人贩子把小孩抱走了",
    "家里进贼了，现在还在屋里",
    "狗把小孩咬得满脸是血",
    "高压线掉地上了",
    "天花板掉下来砸到人",
    "地下车库进水了，有人困在里面",
    "煤球炉子熏得一家人都晕倒了",
])  # fmt: skip
def test_danger_to_life_is_heard(text: str):
    assert "critical" in alarms(text)


@pytest.mark.parametrize("text", [
    "我在火锅店吃饭，他不给我开发票",
    "我要坐火车，身份证丢了",
    "小区下周搞消防演练，能不能改个时间",
    "我家热水器点不着火",
    "这个楼道堆满杂物，要是着火了怎么跑",
    "我气得都冒火了，打了五遍电话",
    "灭火器过期了，真着火了怎么跑",
    "跳楼价清仓，买回来是坏的",
    "我的车胎漏气了，找补胎的收我两百",
    "空调漏水漏电保护器跳闸",
    "电梯老是坏，怕困在电梯里",
    "井盖修好了，谢谢你们",
    "演唱会人太多挤得喘不过气",
    "那个水箱漏水",
    "孩子防溺水的作业要家长签字",
    "我想问一下工伤怎么认定",
    "楼上漏水到我家，天花板都泡了",
    "广场舞声音大，炸耳朵",
    "炸鸡店油烟太大",
    "我家狗走丢了",
    "消防通道被堵",
    "他们的态度太恶劣，气死我了",
    "这个价格简直是抢钱",
    "司机绕路，我差点跟他打起来",
    "我妈住院手术花了三万",
    "烧烤摊天天烧炭，烟熏火燎的",
    "去年撞了人，现在责任认定不服",
    "暖气不热，烧不起来",
    "电动车着火的新闻看多了，想装个充电棚",
    "液化气涨价了多少钱一罐",
    "高考期间能不能不让放炮",
    "水费怎么突然炸了，一个月三百",
    "老板跑了，工资没给，我们活不下去了",
    "物业说交钱才开门禁",
    "我想举报他们喝酒上班",
    "学校门口堵得水泄不通",
    "墙上裂缝找开发商修",
    "河里有垃圾",
    "我被困扰了很久",
    "这个规定太死板",
    "燃气公司什么时候来安检",
    "煤气费涨了吗",
    "大火收汁的视频骗人",
    "村里的泥石流预警短信收到了，是不是要搬",
    "他跟我说爆炸性的消息",
    "电线老化了想换",
])  # fmt: skip
def test_everyday_talk_raises_nothing(text: str):
    assert alarms(text) == []


@pytest.mark.parametrize("text", [
    "我们小区停水两天了，家里有个吃奶的孩子",
    "新华路路口红绿灯不亮了，车全堵着",
    "整个小区停电三个小时了",
    "水管爆了，水喷得老高",
    "上游偷排，河里全是死鱼",
    "我们几十个人准备去市政府门口拉横幅",
    "整栋楼停气两天了，食堂开不了火",
])  # fmt: skip
def test_what_can_not_wait_is_urgent(text: str):
    assert "urgent" in alarms(text)


@pytest.mark.parametrize(("text", "rule"), [
    ("法院判了他就是不给钱，执行难", "r-court"),
    ("我要举报村主任贪污", "r-discipline"),
    ("我的案子正在仲裁，你们能不能管管", "r-labour-arbitration"),
    ("我已经起诉了，什么时候开庭", "r-lawsuit"),
    ("我对行政复议决定不服", "r-reconsideration"),
    ("朋友借钱不还你们管不管", "r-debt-private"),
    ("这是涉密的内容", "r-secret"),
    ("帮我查一下他的身份证", "r-privacy"),
])  # fmt: skip
def test_what_is_not_accepted_gets_its_channel(text: str, rule: str):
    assert rule in [found for found, _ in REFUSALS.find(text)]
    assert REFUSALS.rules[rule].channel


def test_ordinary_matters_of_every_category_are_accepted():
    refused = [text for leaf in PACK.categories for text in leaf.examples if REFUSALS.find(text)]
    assert refused == []


def test_questions_the_articles_answer_are_accepted():
    refused = [text for article in PACK.articles for text in article.questions if REFUSALS.find(text)]
    assert refused == []


@pytest.mark.parametrize(("text", "lead"), [
    ("孩子在培训机构报了舞蹈课，机构关门了，学费退不回来", "u-education"),
    ("补习班跑路了要求退费", "u-education"),
    ("邻居建房子占了我家宅基地", "u-agri"),
    ("马路上井盖没了太危险", "u-emergency"),
    ("楼下消火栓没有水", "u-fire"),
    ("楼下烧烤店油烟太大", "u-urban"),
    ("早上菜贩子占道经营，车过不去", "u-urban"),
    ("化工厂往河里偷排污水", "u-ecology"),
    ("家里停水一天了", "u-watersupply"),
    ("天然气停了好几天", "u-gas"),
    ("暖气不热才十五度", "u-heat"),
    ("新小区燃气管道一直没铺进来，没法通气", "u-housing"),
    ("小区物业不打扫卫生", "u-property"),
    ("工地半夜施工打桩睡不着", "u-urban"),
    ("工地干活没给工钱，包工头跑了", "u-hrss"),
    ("楼下广场舞太吵", "u-police"),
    ("出租车司机拒载", "u-transport"),
    ("公交车等了一个小时", "u-bus"),
    ("小孩上小学学区怎么划分", "u-education"),
    ("住院报销比例是多少", "u-medical-insurance"),
    ("饭店吃出蟑螂", "u-market"),
    ("网上买东西不退款", "u-market"),
    ("公积金租房怎么提取", "u-fund"),
    ("电动车怎么上牌", "u-police"),
    ("小区有人养藏獒不拴绳", "u-police"),
    ("垃圾没人清运", "u-urban"),
    ("楼上在楼顶违章搭建", "u-urban"),
    ("路灯坏了一片", "u-urban"),
    ("下水道堵了污水冒出来", "u-water"),
    ("村里猪场臭味", "u-agri"),
    ("秸秆焚烧烟很大", "u-agri"),
    ("小区电动车楼道充电", "u-fire"),
    ("宽带断网三天没人修", "u-telecom"),
    ("快递丢了不赔", "u-post"),
    ("残疾人护理补贴怎么申请", "u-disabled"),
    ("老年卡怎么办", "u-civil"),
    ("健身房跑路会员卡退不了", "u-sports"),
    ("山上能不能烧纸", "u-forestry"),
    ("河堤有人采砂", "u-water"),
    ("停车收费员乱收费", "u-parking"),
    ("拆迁过渡费没发", "u-d-chenghu"),
    ("老旧小区改造质量差", "u-d-chenghu"),
    ("电梯一直坏没人修", "u-market"),
    ("失业金怎么领", "u-hrss"),
    ("房产证一直办不下来", "u-resources"),
])  # fmt: skip
def test_a_plainly_told_matter_reaches_the_unit_of_the_duty_list(categories: Categories, text: str, lead: str):
    likeliest = categories.best([categories.read(text)], 1)[0].code
    rulings = bench(INDEX, likeliest, "p-010101", [text], date(2026, 11, 21)).rulings
    assert rulings[0].lead.code == lead
