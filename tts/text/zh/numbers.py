"""Numbers in Mandarin."""

from tts.text.rules import is_spelled

DIGITS = "零一二三四五六七八九"
_TWO_BEFORE = (
    *"个只位名条张本次天周种家台辆件遍倍岁元块万亿千斤里米吨瓶杯碗套间栋座支封份部门场对双把群枚颗棵朵头匹艘架项款",
    *"句首幅片盒箱袋顿口圈篇人页分点升秒毛角成亩道节户轮局批样类组处起粒滴勺步行桶罐包卷根串排股站",
    *(
        "小时",
        "公斤",
        "公里",
        "毫升",
        "厘米",
        "毫米",
        "平方",
        "立方",
        "英寸",
        "英尺",
        "年",
        "星期",
        "礼拜",
        "亿",
        "瓦",
    ),
)
"""Measure words before which a single 2 is 两."""

NOT_COUNTED = (
    "(?! ?(?:[个元次台部人位年月天块万亿米折斤克吨字页件条名岁秒倍多余辆份%℃]"
    "|公[斤里]|小时|分(?!机)|家(?![人里属])))"
)
"""A pattern: what stands before is no quantity of anything that follows."""

_NOT_MEASURED = ("年级", "年生", "分之", "人组", "人称", "点钟方向", "站台", "次方")

_MAX_CARDINAL_DIGITS = 16
_SMALL_UNITS = ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
_TWO_LEADS = ("二千", "二万", "二亿")


def spell_digits(digits: str) -> str:
    """Digit by digit: `2026` → 二零二六."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def spell_telephone(digits: str) -> str:
    """Digit by digit with 幺 for 1, as in telephone numbers: `110` → 幺幺零."""
    return spell_digits(digits).replace("一", "幺")


def cardinal(digits: str) -> str:
    """A whole number as a quantity: `12000` → 一万二千. More than 16 digits are spelled."""
    if len(digits.lstrip("0")) > _MAX_CARDINAL_DIGITS:
        return spell_digits(digits)
    value = int(digits)
    if value == 0:
        return "零"
    spoken = _cardinal(value).removeprefix("一") if _starts_with_ten(value) else _cardinal(value)
    return "两" + spoken[1:] if spoken.startswith(_TWO_LEADS) else spoken


def number(text: str) -> str:
    """A number as `tts.text.rules.NUMBER` matches it: `1,234.50` → 一千二百三十四点五零.

    With a leading zero, or with more than 12 digits and no separators, it is spelled digit by digit.
    """
    whole, _, fraction = text.partition(".")
    spoken = spell_digits(whole) if is_spelled(whole, fraction) else cardinal(whole.replace(",", ""))
    return f"{spoken}点{spell_digits(fraction)}" if fraction else spoken


def count(text: str, follows: str) -> str:
    """A number before the text `follows`: a single 2 before a measure word is 两."""
    after = follows.lstrip(" ")
    if text == "2" and after.startswith(_TWO_BEFORE) and not after.startswith(_NOT_MEASURED):
        return "两"
    return number(text)


def signed(sign: str | None, spoken: str) -> str:
    """`spoken` after the word for `sign`, `-`, `+` or `±`."""
    return {"-": "负", "+": "正", "±": "正负"}.get(sign or "", "") + spoken


def _starts_with_ten(value: int) -> bool:
    while value >= 10_000:
        value //= 10_000
    return 10 <= value < 20


def _cardinal(value: int) -> str:
    high, low = divmod(value, 10**8)
    if not high:
        return _below_hundred_million(low)
    spoken = _below_hundred_million(high) + "亿"
    if low:
        spoken += ("零" if low < 10**7 else "") + _below_hundred_million(low)
    return spoken


def _below_hundred_million(value: int) -> str:
    high, low = divmod(value, 10**4)
    if not high:
        return _below_ten_thousand(low)
    spoken = _below_ten_thousand(high) + "万"
    if low:
        spoken += ("零" if low < 10**3 else "") + _below_ten_thousand(low)
    return spoken


def _below_ten_thousand(value: int) -> str:
    spoken = ""
    gap = False
    for size, unit in _SMALL_UNITS:
        digit, value = divmod(value, size)
        if digit:
            spoken += ("零" if gap else "") + DIGITS[digit] + unit
            gap = False
        elif spoken:
            gap = True
    return spoken
