"""Symbols and marks in Mandarin, once the numbers have been read."""

import re

from tts.text.rules import Rule

ADDRESS_SYMBOLS = {
    ".": "点",
    "/": "斜杠",
    ":": "冒号",
    "@": "艾特",
    "?": "问号",
    "=": "等于",
    "&": "和",
    "-": "横杠",
    "_": "下划线",
    "#": "井号",
    "%": "百分号",
    "+": "加",
    "~": "波浪号",
}
_NAMES = {
    "&": "和",
    "@": "艾特",
    "%": "百分号",
    "‰": "千分号",
    "+": "加",
    "=": "等于",
    "×": "乘",
    "÷": "除以",
    "±": "正负",
    "≈": "约等于",
    "℃": "摄氏度",
    "℉": "华氏度",
    "°": "度",
    "→": "到",
}
_NAMED = re.compile(f"[{re.escape(''.join(_NAMES))}]")
_TO = re.compile(r"(?<=[\u4e00-\u9fffA-Za-z]) ?~ ?(?=[\u4e00-\u9fffA-Za-z])")
_SHARP = re.compile("(?<![A-Za-z])([CF])#")
_SLASH = re.compile(r"(?<=[\u4e00-\u9fff]) ?/ ?(?=[\u4e00-\u9fff])")
_SILENT = re.compile(r"[*_|\\^`#~{}\[\]<>$¥€£]")
_FULL_WIDTH = {",": "，", "!": "！", "?": "？", ";": "；", ":": "："}
_MARK = re.compile(r"([,!?;:]) ?(?![0-9/])")
_SPACES = re.compile(" {2,32}")
_SPACE_AT_MARK = re.compile(" (?=[，。！？；：、])|(?<=[，。！？；：、]) ")
_FULL_STOP = re.compile(r"(?<=\w)\.(?=[\"'”’)）]{0,3}\s?\Z)")

RULES = (
    Rule("zh-symbol", _TO, lambda match: "到", digits=False),
    Rule("zh-symbol", _SHARP, lambda match: f"{match[1]} sharp", digits=False),
    Rule("zh-symbol", _SLASH, lambda match: "、", digits=False),
    Rule("zh-symbol", _NAMED, lambda match: _NAMES[match[0]], digits=False),
    Rule("zh-silent-symbol", _SILENT, lambda match: " ", digits=False),
    Rule("zh-punctuation", _MARK, lambda match: _FULL_WIDTH[match[1]], digits=False),
    Rule("zh-punctuation", _FULL_STOP, lambda match: "。", digits=False),
    Rule("zh-space", _SPACES, lambda match: " ", digits=False),
    Rule("zh-space", _SPACE_AT_MARK, lambda match: "", digits=False),
)
