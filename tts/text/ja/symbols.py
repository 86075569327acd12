"""Symbols in Japanese, once the numbers have been read."""

import re

from tts.text.rules import Rule

ADDRESS_SYMBOLS = {
    ".": "ドット",
    "/": "スラッシュ",
    ":": "コロン",
    "@": "アットマーク",
    "?": "はてな",
    "=": "イコール",
    "&": "アンド",
    "-": "ハイフン",
    "_": "アンダーバー",
    "#": "シャープ",
    "%": "パーセント",
    "+": "プラス",
}
_NAMES = {
    "&": "アンド",
    "@": "アットマーク",
    "%": "パーセント",
    "+": "プラス",
    "=": "イコール",
    "×": "かける",
    "÷": "わる",
    "±": "プラスマイナス",
    "≈": "やく",
    "℃": "ど",
    "°": "ど",
    "→": "から",
}
_NAMED = re.compile(f"[{re.escape(''.join(_NAMES))}]")
_SILENT = re.compile(r"[*_|\\^`#~{}\[\]<>$¥€£【】※〒]")
_SPACES = re.compile(" {2,32}")

RULES = (
    Rule("ja-symbol", "symbols", _NAMED, lambda match: _NAMES[match[0]], digits=False),
    Rule("ja-silent-symbol", "symbols", _SILENT, lambda match: " ", digits=False),
    Rule("ja-space", "punctuation", _SPACES, lambda match: " ", digits=False),
)
