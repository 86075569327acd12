"""Symbols in Korean, once the numbers have been read."""

import re

from tts.text.rules import Rule

ADDRESS_SYMBOLS = {
    ".": "닷",
    "/": "슬래시",
    ":": "콜론",
    "@": "골뱅이",
    "?": "물음표",
    "=": "는",
    "&": "앤드",
    "-": "하이픈",
    "_": "밑줄",
    "#": "샵",
    "%": "퍼센트",
    "+": "플러스",
}
_NAMES = {
    "&": "앤드",
    "@": "골뱅이",
    "%": "퍼센트",
    "+": "더하기",
    "=": "는",
    "×": "곱하기",
    "÷": "나누기",
    "±": "플러스 마이너스",
    "≈": "약",
    "℃": "도",
    "°": "도",
    "→": "에서",
}
_NAMED = re.compile(f" ?([{re.escape(''.join(_NAMES))}]) ?")
_SILENT = re.compile(r"[*_|\\^`#~{}\[\]<>$¥€£₩〒]")
_SPACES = re.compile(" {2,32}")

RULES = (
    Rule("ko-symbol", "symbols", _NAMED, lambda match: f" {_NAMES[match[1]]} ", digits=False),
    Rule("ko-silent-symbol", "symbols", _SILENT, lambda match: " ", digits=False),
    Rule("ko-space", "punctuation", _SPACES, lambda match: " ", digits=False),
)
