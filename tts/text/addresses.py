"""Web, mail and IP addresses, file names and paths, read aloud part by part."""

import re
from collections.abc import Callable, Mapping

from tts.text.rules import START, Rule

_TOP_LEVEL = (
    "com|net|org|edu|gov|cn|io|ai|app|dev|info|biz|tv|cc|me|top|xyz|uk|us|de|fr|jp|kr|ru|hk|tw|sg|eu|ca|au"
)
_HOST = rf"(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,5}}(?:{_TOP_LEVEL})(?![A-Za-z0-9-])"
_PATH = r"(?::[0-9]{1,5}(?![0-9]))?(?:[/?#][!-~]{0,500})?"
_NOT_LAST = r"(?<![.,;:!?)\]}'\"])"
WEB = (
    r"(?:(?:https?|ftp)://[!-~]{1,500}|(?<![A-Za-z0-9.@-])www\.[!-~]{1,500}"
    rf"|(?<![A-Za-z0-9.@/_-])(?:{_HOST}{_PATH}|localhost:[0-9]{{1,5}}(?![0-9])(?:/[!-~]{{0,500}})?)){_NOT_LAST}"
)
MAIL = r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"

_HAN = "[\u4e00-\u9fff]"
_HAN_PATH = rf"(?:(?<=/){_HAN}{{1,20}}(?:/(?:{_HAN}|[A-Za-z0-9_-]){{1,40}}){{0,8}})?"
_WRITTEN = re.compile(WEB + _HAN_PATH)
_IP = re.compile(
    rf"{START}(?P<address>(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}})(?::(?P<port>[0-9]{{1,5}}))?(?![0-9]|[.,:][0-9])"
)
_EXTENSIONS = (
    "pdf|docx?|xlsx?|pptx?|txt|md|rst|csv|json|ya?ml|xml|html?|css|py|js|ts|tsx|java|cpp|go|rs|sh|sql|ipynb|zip|rar|7z|tar|gz"
    "|exe|apk|dmg|iso|png|jpe?g|gif|svg|webp|mp3|mp4|wav|flac|avi|mov|mkv|log|ini|toml|conf|env|onnx"
)
_FILE = re.compile(
    rf"(?<![\w.@/-])[\w-]{{1,64}}(?:\.[A-Za-z0-9_-]{{1,32}}){{0,2}}\.(?:{_EXTENSIONS})(?![A-Za-z0-9_])"
)
_ROOTS = (
    "usr|etc|var|home|opt|tmp|bin|lib|root|dev|proc|mnt|srv|data|app|api|Users|Library|System|Applications"
)
_UNIX_PATH = re.compile(rf"(?<![A-Za-z0-9/:<.)])/(?:{_ROOTS})(?:/[A-Za-z0-9_.-]{{1,64}}){{1,12}}(?<!\.)")
_RELATIVE_PATH = re.compile(
    rf"(?<![A-Za-z0-9/:<.)~_-])(?:(?:\.{{1,2}}|~)/)?(?:[A-Za-z0-9_.-]{{1,64}}/){{1,12}}[A-Za-z0-9_.-]{{1,64}}\.(?:{_EXTENSIONS})(?![A-Za-z0-9_])"
)
_PART = re.compile(rf"[A-Za-z]+|[0-9]+|{_HAN}+|[^A-Za-z0-9]")
_DIGITS = "0123456789"
_SCHEME = re.compile(r"(?:https?|ftp)://")


def address_rules(
    prefix: str,
    symbols: Mapping[str, str],
    spell_digits: Callable[[str], str],
    octet: Callable[[str], str] | None = None,
) -> tuple[Rule, ...]:
    """Rules that read addresses with the names in `symbols`; marks without a name are pauses.

    `octet` reads the four numbers of an IP address and the port after them, by default as `spell_digits` does.
    """
    read_octet = octet or spell_digits

    def spell(address: str) -> str:
        bare = _SCHEME.sub("", address)
        # Of `http://^` only the scheme can be said.
        parts = _PART.findall(bare if any(map(str.isalnum, bare)) else address)
        spoken = (spell_digits(part) if part[0] in _DIGITS else symbols.get(part, part) for part in parts)
        return " ".join(part for part in spoken if part.strip())

    def ip_address(match: re.Match[str]) -> str:
        spoken = f" {symbols['.']} ".join(map(read_octet, match["address"].split(".")))
        return f"{spoken} {symbols[':']} {read_octet(match['port'])}" if match["port"] else spoken

    def path(match: re.Match[str]) -> str:
        return f" {spell(match[0])}"

    return (
        Rule(
            f"{prefix}-mail-address",
            "addresses",
            re.compile(MAIL),
            lambda match: spell(match[0]),
            digits=False,
        ),
        Rule(
            f"{prefix}-web-address",
            "addresses",
            _WRITTEN,
            lambda match: spell(match[0].rstrip("/")),
            digits=False,
        ),
        Rule(f"{prefix}-ip-address", "addresses", _IP, ip_address),
        Rule(f"{prefix}-path", "addresses", _RELATIVE_PATH, path, digits=False),
        Rule(f"{prefix}-file-name", "addresses", _FILE, lambda match: spell(match[0]), digits=False),
        Rule(f"{prefix}-path", "addresses", _UNIX_PATH, path, digits=False),
    )
