"""Web and mail addresses, read aloud part by part."""

import re
from collections.abc import Callable, Mapping

from tts.text.rules import Rule

_TOP_LEVEL = (
    "com|net|org|edu|gov|cn|io|ai|app|dev|info|biz|tv|cc|me|top|xyz|uk|us|de|fr|jp|kr|ru|hk|tw|sg|eu|ca|au"
)
_HOST = rf"(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,5}}(?:{_TOP_LEVEL})(?![A-Za-z0-9-])"
_PATH = r"(?::[0-9]{1,5}(?![0-9]))?(?:[/?#][!-~]{0,500})?"
_NOT_LAST = r"(?<![.,;:!?)\]}'\"])"
WEB = (
    r"(?:https?://[!-~]{1,500}|(?<![A-Za-z0-9.@-])www\.[!-~]{1,500}"
    rf"|(?<![A-Za-z0-9.@/_-]){_HOST}{_PATH}){_NOT_LAST}"
)
MAIL = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"

_HAN = "[\u4e00-\u9fff]"
_HAN_PATH = rf"(?:(?<=/){_HAN}{{1,20}}(?:/(?:{_HAN}|[A-Za-z0-9_-]){{1,40}}){{0,8}})?"
_WRITTEN = re.compile(WEB + _HAN_PATH)
_PART = re.compile(rf"[A-Za-z]+|[0-9]+|{_HAN}+|[^A-Za-z0-9]")
_SCHEME = re.compile(r"https?://")


def address_rules(
    prefix: str, symbols: Mapping[str, str], spell_digits: Callable[[str], str]
) -> tuple[Rule, Rule]:
    """Rules that read addresses with the names in `symbols`; marks without a name are pauses."""

    def spell(address: str) -> str:
        parts = _PART.findall(_SCHEME.sub("", address))
        spoken = (spell_digits(part) if part.isdigit() else symbols.get(part, part) for part in parts)
        return " ".join(part for part in spoken if part.strip())

    return (
        Rule(f"{prefix}-mail-address", re.compile(MAIL), lambda match: spell(match[0]), digits=False),
        Rule(f"{prefix}-web-address", _WRITTEN, lambda match: spell(match[0].rstrip("/")), digits=False),
    )
