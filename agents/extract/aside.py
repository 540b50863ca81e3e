"""What a caller says of others or of what might be: the words of third parties, of television, of a day to come."""

from __future__ import annotations

import re

_WHO = (
    r"邻居|同事|朋友|亲戚|表[哥姐弟妹]|堂[哥姐弟妹]|女婿|妹妹|妹夫|弟弟|哥哥|姐姐|姐夫|同学|战友|老乡|闺蜜|网友|大姨|舅舅|"
    r"婶婶|叔叔|姑姑"
)
_THEIRS = re.compile(
    rf"(?:我(?:的|们)?(?:一?个)?|有个|一个)(?:{_WHO})[^，。]{{0,6}}(?:说(?!他?们?不)|讲|那边|那儿|在(?!家)|他们)"
    r"|(?:人家|他们?|她)[^，。]{0,4}(?:跟我(?:讲|说)|还说)"
    r"|(?:电视|新闻|报纸|网上|抖音|群里|微信)(?:上|里)?[^，。]{0,4}(?:说|讲|都在?传|看到|登)"
    r"|听(?:人|别人|说|我?同事|我?朋友)[^，。]{0,4}(?:说|讲|隔壁)"
)
_MIGHT = re.compile(r"(?:要是|如果|假如|万一|要不行|实在不行|大不了|哪天)(?!有人|可以的话)")
_OFFERED = re.compile(r"(?:说给|愿意给|只给|只肯|只赔|答应给|答应赔|肯赔|让我出|要给我)[^，。]{0,3}$")


def of_others(text: str) -> bool:
    """Whether a line tells of somebody else's matter, or hearsay."""
    return _THEIRS.search(text) is not None


def imagined(text: str) -> bool:
    """Whether a line speaks of what might be."""
    return _MIGHT.search(text) is not None


def beside_the_matter(text: str) -> bool:
    """Whether a line says nothing of the caller's own matter."""
    return of_others(text) or imagined(text)


def offered(before: str) -> bool:
    """Whether the words before a sum make it an offer of the other side."""
    return _OFFERED.search(before) is not None
