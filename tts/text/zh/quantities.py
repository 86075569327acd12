"""Percentages, temperatures and units in Mandarin."""

import re

from tts.text.rules import NUMBER, SIGN, START, Rule, alternatives
from tts.text.zh.numbers import cardinal, count, number, signed
from tts.text.zh.units import PER_SYMBOLS, PER_WORDS, UNITS

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
_UNIT_NAME = rf"(?P<unit>{alternatives(UNITS)})(?![A-Za-z0-9²³])"
_UNIT = re.compile(
    rf"{START}(?<![A-Za-z])(?P<sign>{SIGN})?(?P<first>{NUMBER})(?:{_TO}(?P<second>{NUMBER}))? ?{_UNIT_NAME}"
)
_PRESSURE = re.compile(rf"{START}([0-9]{{2,3}})/([0-9]{{2,3}}) ?(?=mmHg|毫米汞柱)")
_AREA = re.compile(r"(?<![A-Za-z0-9])(?:[kcdm]?m[²³])(?![A-Za-z0-9])")
_PER = rf"(?:{PER_WORDS}|(?:{alternatives(UNITS | PER_SYMBOLS)})(?![A-Za-z0-9²³]))"
_PER_UNIT = re.compile(
    r"(?<=[元币镑币铢布比人次个件台套吨克斤升米度天时分钟秒字页只条辆位户张份股间"
    r"万亿千百方片粒袋瓶盒包支笔单场瓦伏安焦卡帕尔]) ?/ ?"
    rf"(?P<units>{_PER}(?: ?[/·] ?{_PER}){{0,3}}|[(（]{_PER}(?: ?[/·•*] ?{_PER}){{1,3}}[)）])"
)
_PER_ONE = re.compile(_PER)
_HEIGHT = re.compile(rf"{START}([4-7])['’′] ?(1[01]|[0-9])(?:[\"”]|['’′]{{1,2}})(?![0-9A-Za-z])")
_SIXTIETHS = r"[0-9]{1,2}(?:\.[0-9]{1,4})?"
_ARC = re.compile(
    rf"{START}(?P<degrees>[0-9]{{1,3}})° ?(?P<minutes>{_SIXTIETHS})['’′](?: ?(?P<seconds>{_SIXTIETHS})[\"”″])?"
)
_FOR = re.compile("(?<=元)/(?=[0-9])")
_LESS = re.compile(
    r"(?:(?<=时间)|(?<=冷却)|(?<=耗时)|(?<=延迟)|(?<=时长))-(?=[0-9]{1,6}(?:\.[0-9]{1,2})? ?(?:秒|分钟|小时|s\b))"
)
_BONUS = re.compile(
    r"(?<=[力御血甲值量害币分验速])\+(?=[0-9])|(?:(?<=暴击率)|(?<=命中率)|(?<=闪避率)|(?<=速度)|(?<=攻击)|(?<=防御)|(?<=敏捷))\+(?=[0-9])"
)
_ALTERNATING = re.compile("(?<=[0-9]V) ?~ ?(?=[0-9]{2} ?Hz)")
_MEGA = re.compile(rf"{START}({NUMBER})M(?![A-Za-z0-9])")
_AMPERES = re.compile(rf"{START}({NUMBER})A(?=电|充|快充|保险|输出|适配)")
_SIDES = {"-": "零下", "+": "零上", "±": "正负"}


def _temperature(match: re.Match[str]) -> str:
    unit = _TEMPERATURES[match["unit"].replace(" ", "")]
    spoken = _SIDES.get(match["sign"] or "", "") + number(match["first"])
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

    def part(text: str) -> str:
        return base + ("百" if text == "100" and base == "百分之" else number(text))

    spoken = signed(match["sign"], part(match["first"]))
    if match["second"]:
        spoken += "到" + signed(match["sign2"], part(match["second"]))
    return spoken


def _per_unit(match: re.Match[str]) -> str:
    """`/㎡/月`, `/(平方米·月)` → 每平方米每月."""
    return "".join(f"每{(UNITS | PER_SYMBOLS).get(unit, unit)}" for unit in _PER_ONE.findall(match["units"]))


def _unit(match: re.Match[str]) -> str:
    unit = UNITS[match["unit"]]
    spoken = count(match["first"], unit)
    if match["second"]:
        spoken += "到" + count(match["second"], unit)
    return signed(match["sign"], spoken + unit)


def _arc(match: re.Match[str]) -> str:
    """`39°54′26″` → 三十九度五十四分二十六秒."""
    spoken = f"{number(match['degrees'])}度{number(match['minutes'])}分"
    return f"{spoken}{number(match['seconds'])}秒" if match["seconds"] else spoken


RULES = (
    Rule("zh-unit", "units", _ALTERNATING, lambda match: " "),
    Rule("zh-bonus", "arithmetic", _BONUS, lambda match: "加"),
    Rule("zh-bonus", "arithmetic", _LESS, lambda match: "减"),
    Rule("zh-temperature", "temperature", _TEMPERATURE, _temperature),
    Rule("zh-temperature", "temperature", _BELOW_ZERO, _below_zero),
    Rule("zh-percent", "percent", _PERCENT, _percent),
    Rule("zh-unit", "units", _HEIGHT, lambda match: f"{cardinal(match[1])}英尺{cardinal(match[2])}英寸"),
    Rule("zh-unit", "units", _ARC, _arc),
    Rule("zh-unit", "units", _PRESSURE, lambda match: f"{number(match[1])}比{match[2]}"),
    Rule("zh-unit", "units", _UNIT, _unit),
    Rule("zh-unit", "units", _MEGA, lambda match: f"{count(match[1], '兆')}兆"),
    Rule("zh-unit", "units", _AMPERES, lambda match: f"{count(match[1], '安')}安"),
    Rule("zh-per-unit", "units", _FOR, lambda match: ""),
    Rule("zh-unit", "units", _AREA, lambda match: UNITS[match[0]], digits=False),
)

PER_UNIT = Rule("zh-per-unit", "units", _PER_UNIT, _per_unit, digits=False)
