"""The table of rules of each language that has one."""

from tts.text import en, ja, ko, zh
from tts.text.rules import Rule

RULES: dict[str, tuple[Rule, ...]] = {"zh": zh.RULES, "en": en.RULES, "ja": ja.RULES, "ko": ko.RULES}
"""By primary subtag."""
