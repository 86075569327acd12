"""Numbers that have become words in Mandarin, read digit by digit: 996, 985高校, 9·11事件, 666."""

import re

from tts.text.rules import START, Rule
from tts.text.zh.numbers import NOT_COUNTED, spell_digits

_NAMED = "911|315|985|211|618|996|520|521|404|419|721|512|129"
_THINGS = (
    "事件|晚会|高校|大学|院校|工程|大促|购物节|活动|快乐|情人节|表白|年中|福报|工作制|地震|暴雨|运动|袭击"
)
_SLANG = "996|6{3,8}|23{3,8}|1314(?:520)?"
_FIRST = "(?<![^。！？!?~“\\s])"
_WORD = re.compile(
    rf"{START}(?<![A-Za-z¥$第-])(?:(?:{_NAMED})(?= ?(?:{_THINGS}))"
    rf"|(?:{_SLANG})(?![0-9A-Za-z.]){NOT_COUNTED}"
    # Goodbye, and counting up or down.
    rf"|{_FIRST}(?:88|886)(?=[，。,!！~])"
    rf"|{_FIRST}(?:12345?6?7?|5?4?321)(?=[，！!~]|上山|上链接|木头人|开始|走|跑|茄子)"
    r"|985(?=[和、/]211)|(?<=985[和、/])211|520(?=[~！!。，,]|\Z))"
)
_EVENTS = (
    "事件|打假|大促|购物节|暴雨|地震|事故|大火|晚会|惨案|枪击|洪水|讲话|运动|袭击|爆炸"
    "|(?:妇女|劳动|儿童|国庆|青年|读书)?节"
)
_DAY_OF_EVENT = re.compile(
    rf"{START}([1-9]|1[0-2])[.·/]([0-9]{{1,2}})(?=(?:特大|重大|恐怖|国际|年中)?(?:{_EVENTS}))"
)

_SHOP = re.compile(
    rf"{START}(?<![-A-Za-z])7-11"
    r"(?=便利|附近|超市|门店|[店买里]|楼[上下]|[门旁对]|[和、](?:罗森|全家))"
    rf"|(?:(?<=罗森)|(?<=全家)|(?<=罗森[和、])|(?<=全家[和、])|(?<=便利店)|(?<=楼下)|(?<=去)|(?<=逛)){START}7-11{NOT_COUNTED}"
    r"(?! ?[点号月楼层岁]|[0-9])"
)

RULES = (
    Rule("zh-number-word", "digits", _SHOP, lambda m: "七幺幺"),
    Rule("zh-number-word", "digits", _WORD, lambda m: spell_digits(m[0])),
    Rule("zh-number-word", "digits", _DAY_OF_EVENT, lambda m: spell_digits(m[1] + m[2])),
)
