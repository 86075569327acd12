"""Digits that name something rather than count it, in Mandarin: codes, cards, plates, ports, shares."""

import re

from tts.text.labels import CELL_RANGE, MAPPED_PORTS
from tts.text.rules import START, Rule
from tts.text.zh.numbers import NOT_COUNTED, spell_digits, spell_telephone

_END = r"(?![0-9]|[.,][0-9])"
_NAMES = (
    "电话|热线|拨打|致电|手机|号码|客服|传真|尾号|验证码|密码|编号|单号|订单号|账号|卡号|邮编|房间号?|会议号|QQ群?|ID|工号|学号|证件号|身份证"
    "|取件码|提货码|邀请码|兑换码|提取码|房号|桌号|车次|座位号|代码|银行卡|社保号|流水号|参考号|微信群?|群号|口令|分机号?"
)
_NAMED = re.compile(
    rf"(?P<name>(?:{_NAMES})[号码]?(?:[:：是为] ?| )?)"
    r"(?P<digits>[0-9]{3,32}(?:[ -][0-9]{3,12}){0,4}[Xx]?|[0-9]{1,3}(?:-[0-9]{1,6}){1,4})"
    rf"{_END}{NOT_COUNTED}"
)
_ANY_NUMBER = re.compile(
    r"(?P<name>[\u4e00-\u9fff](?<![0-9一二三四五六七八九十第几大小])号码?(?:[:：是为] ?| )?)"
    rf"(?P<digits>[0-9]{{3,32}}(?:-[0-9]{{1,12}}){{0,4}})(?![0-9A-Za-z]|[.,][0-9]){NOT_COUNTED}(?!号)"
)
_ANSWER = re.compile(
    rf"(?P<name>(?:回复|发送|编辑|输入|口令)[:：]?[“\"「]?)(?P<digits>[0-9]{{3,12}})(?P<close>[”\"」]?){_END}{NOT_COUNTED}"
)
_PICK_UP = re.compile(
    rf"{START}(?<![A-Za-z-])(?:(?<=凭)|(?=[0-9-]{{3,20}} ?取))[0-9]{{1,6}}(?:-[0-9]{{1,6}}){{1,4}}(?![0-9])"
)
_CARD = re.compile(rf"{START}(?<![-A-Za-z])[0-9]{{4}}(?: [0-9]{{4}}){{3}}(?: [0-9]{{1,3}})?{_END}")
_IDENTITY = re.compile(rf"{START}(?<![A-Za-z])[1-9][0-9]{{16}}[0-9Xx](?![0-9A-Za-z])")
_BOOK = re.compile(
    r"(?P<name>ISBN(?:-1[03])?[:：]? ?)(?P<digits>[0-9](?:-?[0-9]){8,12}(?:-?X)?)(?![0-9A-Za-z])"
)
_PORT = re.compile(r"(?P<name>端口号?(?:[:：是为] ?| )?)(?P<digits>[0-9]{2,5})(?![0-9]|\.[0-9])")
_PORT_BEFORE = re.compile(rf"{START}(?<![A-Za-z:])[0-9]{{2,5}}(?= ?端口)")
_STATUS = re.compile(
    rf"{START}(?<![A-Za-z])(?P<digits>[1-5][0-9]{{2}})(?= ?(?:错误|状态码|报错|页面|响应|异常))"
    r"|(?:(?<=HTTP )|(?<=返回)|(?<=返回码)|(?<=状态码)|(?<=错误码)|(?<=报错)|(?<=响应码))"
    rf"(?P<http>[1-5][0-9]{{2}}){_END}{NOT_COUNTED}"
)
_ACCOUNT = re.compile(
    r"(?P<name>(?:微信|账|帐|用户|支付宝|抖音|ID)(?:号|名|账号)?(?:[:：是为] ?| )?)"
    r"(?P<account>(?=[A-Za-z0-9]{1,20}[_-])[A-Za-z0-9_-]{4,32})(?![A-Za-z0-9_.@-])"
)
_ACCOUNT_PART = re.compile("[0-9]+|[_-]")
_STOCK = re.compile(r"(?<=[(（])(?:[0-9]{6}|0[0-9]{4})(?=(?:\.(?:SH|SZ|HK))?[)）])")
_CLOTHING = re.compile(r"(?<![0-9])(1[0-9]{2})/([0-9]{2,3})(?=[ABCY]\b)")
_PLATE = re.compile(
    "(?P<place>[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])(?P<gap>[·. ]?)"
    "(?P<code>(?=[A-Z]{0,2}[0-9])[0-9A-Z]{5,6})(?![0-9A-Za-z])"
)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9.-])(?=[A-Z]{0,31}[0-9])(?=[0-9]{0,31}[A-Z])[0-9A-Z]{8,32}(?![A-Za-z0-9.])"
)

_GROUP = re.compile("[0-9]+")


def _spell_all(text: str) -> str:
    """Every number in `text` spelled, hyphens between them as pauses."""
    return _GROUP.sub(lambda digits: spell_telephone(digits[0]), text).replace("-", "，")


def _spell_runs(text: str) -> str:
    return _GROUP.sub(lambda digits: spell_digits(digits[0]), text)


def _book(match: re.Match[str]) -> str:
    return match["name"] + "，".join(map(spell_digits, _GROUP.findall(match["digits"])))


def _plate(match: re.Match[str]) -> str:
    return f"{match['place']}{' ' if match['gap'] else ''}{_spell_runs(match['code'])}"


EARLY = (
    Rule("zh-book-number", "digits", _BOOK, _book),
    Rule("zh-card-number", "digits", _CARD, lambda m: _spell_all(m[0])),
    Rule("zh-identity-number", "digits", _IDENTITY, lambda m: _spell_all(m[0])),
)
"""Before telephone numbers, which parts of them look like."""


def _account(match: re.Match[str]) -> str:
    def part(found: re.Match[str]) -> str:
        return {"_": " 下划线 ", "-": " 杠 "}.get(found[0]) or spell_digits(found[0])

    return match["name"] + _ACCOUNT_PART.sub(part, match["account"])


RULES = (
    Rule("zh-digit-string", "digits", _PICK_UP, lambda m: _spell_runs(m[0]).replace("-", " ")),
    Rule("zh-account", "digits", _ACCOUNT, _account, digits=False),
    Rule("zh-cell-range", "ranges", CELL_RANGE, lambda m: f"{m['first']}到"),
    Rule("zh-digit-string", "digits", _NAMED, lambda m: m["name"] + _spell_all(m["digits"])),
    Rule("zh-digit-string", "digits", _ANY_NUMBER, lambda m: m["name"] + _spell_all(m["digits"])),
    Rule("zh-digit-string", "digits", _ANSWER, lambda m: m["name"] + spell_digits(m["digits"]) + m["close"]),
    Rule("zh-plate", "digits", _PLATE, _plate),
    Rule("zh-digit-string", "digits", _TOKEN, lambda m: _spell_runs(m[0])),
    Rule("zh-size", "digits", _CLOTHING, lambda m: f"{spell_digits(m[1])}、{spell_digits(m[2])}"),
    Rule("zh-port", "digits", _PORT, lambda m: m["name"] + spell_digits(m["digits"])),
    Rule("zh-port", "digits", _PORT_BEFORE, lambda m: spell_digits(m[0])),
    Rule(
        "zh-port",
        "digits",
        MAPPED_PORTS,
        lambda m: f"{m['lead']}{spell_digits(m['host'])}冒号{spell_digits(m['inner'])}",
    ),
    Rule("zh-status", "digits", _STATUS, lambda m: spell_digits(m["digits"] or m["http"])),
    Rule("zh-stock-code", "digits", _STOCK, lambda m: spell_digits(m[0])),
)
