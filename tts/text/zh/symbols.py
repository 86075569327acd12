"""Symbols and marks in Mandarin, once the numbers have been read."""

import re

from tts.text.greek import single_letter
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
    "√": "根号",
    "∞": "无穷大",
    "∈": "属于",
    "∠": "角",
    "∑": "求和",
    "△": "三角形",
    "⊥": "垂直于",
    "∥": "平行于",
    "≌": "全等于",
    "∽": "相似于",
    "∵": "因为",
    "∴": "所以",
    "∪": "并",
    "∩": "交",
    "⊂": "真包含于",
    "⊆": "包含于",
    "∅": "空集",
    "∫": "积分",
    "≡": "恒等于",
    "∝": "正比于",
    "§": "第",
}
_GREEK = {
    "α": "阿尔法",
    "β": "贝塔",
    "γ": "伽马",
    "δ": "德尔塔",
    "Δ": "德尔塔",
    "ε": "艾普西隆",
    "θ": "西塔",
    "λ": "兰姆达",
    "μ": "缪",
    "π": "派",
    "ρ": "柔",
    "σ": "西格玛",
    "Σ": "西格玛",
    "τ": "陶",
    "φ": "斐",
    "χ": "卡",
    "ω": "欧米伽",
    "Ω": "欧姆",
}
_NAMED = re.compile(f"[{re.escape(''.join(_NAMES))}]")
_TO = re.compile(r"(?<=[\u4e00-\u9fffA-Za-z]) ?~ ?(?=[\u4e00-\u9fffA-Za-z])")
_SHARP = re.compile("(?<![A-Za-z])([CF])#")
_SLASH = re.compile(r"(?<=[\u4e00-\u9fff]) ?/ ?(?=[\u4e00-\u9fff])")
_SILENT = re.compile(r"[*_|\\^`#~{}\[\]<>$¥€£【】〖〗〔〕※〒]")
_FULL_WIDTH = {",": "，", "!": "！", "?": "？", ";": "；", ":": "："}
_MARK = re.compile(r"([,!?;:]) ?(?![0-9/])")
_SPACES = re.compile(" {2,32}")
_SPACE_AT_MARK = re.compile(" (?=[，。！？；：、])|(?<=[，。！？；：、]) ")
_FULL_STOP = re.compile(r"(?<=\w)\.(?=[\"'”’)）]{0,3}\s?\Z)")

RULES = (
    Rule("zh-symbol", "symbols", _TO, lambda match: "到", digits=False),
    Rule("zh-symbol", "symbols", _SHARP, lambda match: f"{match[1]} sharp", digits=False),
    Rule("zh-symbol", "symbols", _SLASH, lambda match: "、", digits=False),
    Rule("zh-symbol", "symbols", single_letter(_GREEK), lambda match: _GREEK[match[0]], digits=False),
    Rule("zh-symbol", "symbols", _NAMED, lambda match: _NAMES[match[0]], digits=False),
    Rule("zh-silent-symbol", "symbols", _SILENT, lambda match: " ", digits=False),
    Rule("zh-punctuation", "punctuation", _MARK, lambda match: _FULL_WIDTH[match[1]], digits=False),
    Rule("zh-punctuation", "punctuation", _FULL_STOP, lambda match: "。", digits=False),
    Rule("zh-space", "punctuation", _SPACES, lambda match: " ", digits=False),
    Rule("zh-space", "punctuation", _SPACE_AT_MARK, lambda match: "", digits=False),
)
