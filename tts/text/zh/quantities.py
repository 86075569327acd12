"""Percentages, temperatures, money and units in Mandarin."""

import re

from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives
from tts.text.zh.numbers import cardinal, count, number

CURRENCIES = {
    "US$": "美元",
    "HK$": "港元",
    "NT$": "新台币",
    "A$": "澳元",
    "C$": "加元",
    "S$": "新加坡元",
    "$": "美元",
    "¥": "元",
    "€": "欧元",
    "£": "英镑",
    "₩": "韩元",
    "₽": "卢布",
    "₹": "卢比",
    "฿": "泰铢",
}
CURRENCY_CODES = {
    "RMB": "元",
    "CNY": "元",
    "USD": "美元",
    "EUR": "欧元",
    "GBP": "英镑",
    "JPY": "日元",
    "HKD": "港元",
    "KRW": "韩元",
}
UNITS = {
    "km/h": "千米每小时",
    "m/s": "米每秒",
    "m/s²": "米每二次方秒",
    "kg/m³": "千克每立方米",
    "g/cm³": "克每立方厘米",
    "mg/L": "毫克每升",
    "mg/dL": "毫克每分升",
    "mmol/L": "毫摩尔每升",
    "L/min": "升每分钟",
    "MB/s": "兆字节每秒",
    "GB/s": "吉字节每秒",
    "Mbps": "兆比特每秒",
    "Gbps": "吉比特每秒",
    "kbps": "千比特每秒",
    "fps": "帧每秒",
    "rpm": "转每分钟",
    "mAh": "毫安时",
    "kWh": "千瓦时",
    "kW": "千瓦",
    "MW": "兆瓦",
    "W": "瓦",
    "kV": "千伏",
    "mV": "毫伏",
    "V": "伏",
    "mA": "毫安",
    "Ω": "欧姆",
    "kHz": "千赫兹",
    "MHz": "兆赫兹",
    "GHz": "吉赫兹",
    "Hz": "赫兹",
    "kPa": "千帕",
    "MPa": "兆帕",
    "hPa": "百帕",
    "Pa": "帕",
    "kcal": "千卡",
    "kJ": "千焦",
    "J": "焦耳",
    "dB": "分贝",
    "kg": "千克",
    "KG": "千克",
    "Kg": "千克",
    "g": "克",
    "mg": "毫克",
    "μg": "微克",
    "t": "吨",
    "km": "千米",
    "KM": "千米",
    "m": "米",
    "dm": "分米",
    "cm": "厘米",
    "CM": "厘米",
    "mm": "毫米",
    "μm": "微米",
    "nm": "纳米",
    "km²": "平方千米",
    "km2": "平方千米",
    "m²": "平方米",
    "m2": "平方米",
    "cm²": "平方厘米",
    "mm²": "平方毫米",
    "m³": "立方米",
    "m3": "立方米",
    "cm³": "立方厘米",
    "mm³": "立方毫米",
    "ha": "公顷",
    "L": "升",
    "mL": "毫升",
    "ml": "毫升",
    "h": "小时",
    "min": "分钟",
    "s": "秒",
    "ms": "毫秒",
    "μs": "微秒",
    "ns": "纳秒",
    "KB": "千字节",
    "kB": "千字节",
    "px": "像素",
    "°": "度",
}
_SCALES = {
    "万亿": "万亿",
    "亿": "亿",
    "万": "万",
    "千": "千",
    "百": "百",
    "K": "千",
    "k": "千",
    "M": "百万",
    "B": "十亿",
}
_PER_WORDS = (
    "平方米|平方公里|平方千米|立方米|小时|分钟|公斤|千克|公里|千米|个月|个|人|天|日|月|年|周|秒|次|件|台|套|吨|斤|克|升|米|亩|页|字|晚|间"
    "|位|张|股|度|户|瓶|盒|箱|份|季度|季|桶|支|只|节|课时|学期|课"
)

_TO = r"(?: ?[-~–—] ?| ?[到至] ?)"
_TEMPERATURES = {"℃": "摄氏度", "°C": "摄氏度", "℉": "华氏度", "°F": "华氏度"}
_DEGREE = r" ?(?P<unit>℃|℉|°(?= ?[CF](?![A-Za-z])) ?[CF])"
_TEMPERATURE = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})(?:(?:℃|°C)?{_TO}(?P<sign2>[-+])?(?P<second>{NUMBER}))?{_DEGREE}"
)
_PERCENT = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})"
    rf"(?:[%‰]?{_TO}(?P<sign2>[-+])?(?P<second>{NUMBER}))? ?(?P<unit>[%‰])"
)
_BELOW_ZERO = re.compile(rf"(?<![0-9A-Za-z)\]%])-({NUMBER})(?:{_TO}(-?)({NUMBER}))?(?= ?度)")
_MONEY = re.compile(
    rf"(?P<sign>{SIGN})?(?:(?P<mark>{alternatives(CURRENCIES)})|(?<![A-Za-z])(?P<code>{alternatives(CURRENCY_CODES)}))"
    rf" ?(?P<first>{NUMBER})(?:{_TO}[$¥€£]?(?P<second>{NUMBER}))?"
    r"(?: ?(?P<scale>万亿|[亿万千百]|[KkMB](?![A-Za-z0-9])))?元?"
)
_MONEY_AFTER = re.compile(
    rf"{START}(?P<first>{NUMBER}) ?(?P<scale>万亿|[亿万千百])?"
    rf" ?(?P<code>{alternatives(CURRENCY_CODES)}|[$€£¥])"
    r"(?![A-Za-z0-9])"
)
_UNIT = re.compile(
    rf"{START}(?P<sign>{SIGN})?(?P<first>{NUMBER})"
    rf"(?:{_TO}(?P<second>{NUMBER}))? ?(?P<unit>{alternatives(UNITS)})"
    r"(?![A-Za-z0-9²³])"
)
_PER = rf"(?:{_PER_WORDS}|(?:{alternatives(UNITS)})(?![A-Za-z0-9²³]))"
_PER_UNIT = re.compile(
    r"(?<=[元币镑币铢布比人次个件台套吨克斤升米度天时分钟秒字页只条辆位户张份股间]) ?/ ?"
    rf"(?P<units>{_PER}(?: ?[/·] ?{_PER}){{0,3}}|[(（]{_PER}(?: ?[/·•*] ?{_PER}){{1,3}}[)）])"
)
_HEIGHT = re.compile(rf"{START}([4-7])['’′] ?(1[01]|[0-9])(?:[\"”]|['’′]{{1,2}})(?![0-9A-Za-z])")
_PER_ONE = re.compile(_PER)
_TRAILING_ZEROS = re.compile(
    rf"{START}(?P<sum>{NUMBER})(?=(?:{_TO}{NUMBER})? ?(?:万亿|[亿万千百])?"
    r" ?(?:[元块]|[美欧日港澳韩加]元|人民币|英镑|法郎|卢布|卢比|泰铢|港币))"
)


def _signed(sign: str | None, spoken: str) -> str:
    return {"-": "负", "+": "正", "±": "正负"}.get(sign or "", "") + spoken


def _temperature(match: re.Match[str]) -> str:
    unit = _TEMPERATURES[match["unit"].replace(" ", "")]
    signs = {"-": "零下", "+": "零上", "±": "正负"}
    spoken = signs.get(match["sign"] or "", "") + number(match["first"])
    if match["second"]:
        # After a temperature below zero the other end needs its side said too.
        above = "零上" if match["sign"] == "-" else ""
        spoken += "到" + ("零下" if match["sign2"] == "-" else above) + number(match["second"])
    return spoken + unit


def _below_zero(match: re.Match[str]) -> str:
    """`-5度`, said of weather."""
    spoken = f"零下{number(match[1])}"
    return f"{spoken}到{'零下' if match[2] else '零上'}{number(match[3])}" if match[3] else spoken


def _percent(match: re.Match[str]) -> str:
    base = "千分之" if match["unit"] == "‰" else "百分之"
    first = base + ("百" if match["first"] == "100" and base == "百分之" else number(match["first"]))
    spoken = _signed(match["sign"], first)
    if match["second"]:
        second = base + ("百" if match["second"] == "100" and base == "百分之" else number(match["second"]))
        spoken += "到" + _signed(match["sign2"], second)
    return spoken


def _without_zeros(text: str) -> str:
    """`3.00` → 3, `3.50` → 3.5."""
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _amount(text: str, follows: str) -> str:
    """A sum of money; zeros at the end of its decimals are not said."""
    return count(_without_zeros(text), follows)


def _money(match: re.Match[str]) -> str:
    unit = CURRENCIES[match["mark"]] if match["mark"] else CURRENCY_CODES[match["code"]]
    scale = _SCALES.get(match["scale"] or "", "")
    follows = scale or unit
    spoken = _amount(match["first"], follows)
    if match["second"]:
        spoken += "到" + _amount(match["second"], follows)
    return _signed(match["sign"], spoken + scale + unit)


def _money_after(match: re.Match[str]) -> str:
    unit = CURRENCY_CODES.get(match["code"]) or CURRENCIES[match["code"]]
    scale = match["scale"] or ""
    return _amount(match["first"], scale or unit) + scale + unit


def _per_unit(match: re.Match[str]) -> str:
    """`/㎡/月`, `/(平方米·月)` → 每平方米每月."""
    return "".join(f"每{UNITS.get(unit, unit)}" for unit in _PER_ONE.findall(match["units"]))


def _unit(match: re.Match[str]) -> str:
    unit = UNITS[match["unit"]]
    spoken = count(match["first"], unit)
    if match["second"]:
        spoken += "到" + count(match["second"], unit)
    return _signed(match["sign"], spoken + unit)


RULES = (
    Rule("zh-temperature", _TEMPERATURE, _temperature),
    Rule("zh-temperature", _BELOW_ZERO, _below_zero),
    Rule("zh-percent", _PERCENT, _percent),
    Rule("zh-money", _TRAILING_ZEROS, lambda match: _without_zeros(match["sum"])),
    Rule("zh-money", _MONEY, _money),
    Rule("zh-money", _MONEY_AFTER, _money_after),
    Rule("zh-unit", _HEIGHT, lambda match: f"{cardinal(match[1])}英尺{cardinal(match[2])}英寸"),
    Rule("zh-unit", _UNIT, _unit),
)

PER_UNIT = Rule("zh-per-unit", _PER_UNIT, _per_unit, digits=False)
