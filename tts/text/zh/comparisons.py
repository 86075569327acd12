"""Comparisons and approximations in Mandarin."""

import re

from tts.text.comparisons import comparison_rules
from tts.text.rules import Rule

_SIGNS = {"<": "小于", ">": "大于", "≤": "小于等于", "≥": "大于等于", "≠": "不等于"}
_SAME = re.compile(r"(?:[约概]|差不多|近|将近|接近|左右) ?\Z")
_RANGE_START = re.compile(
    r"(?:[0-9零一二两三四五六七八九十百千万半从自今明昨][^，。,;；!！?？、（）() ]{0,6}) ?\Z"
)
_TWICE = re.compile("(?<=约) ?≈ ?(?=[0-9¥$])")
_DRAWN_OUT = re.compile(r"(?<=[啊呀哦哈啦嘛呢吧哟哇嗯噢嘿喂好谢]) ?~ ?(?=\w)")

RULES = (
    Rule("zh-drawn-out", "symbols", _DRAWN_OUT, lambda match: "，", digits=False),
    *comparison_rules("zh", _SIGNS, ("约", _SAME, _RANGE_START), spaced=False),
    Rule("zh-approximate", "symbols", _TWICE, lambda match: ""),
)
