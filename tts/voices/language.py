"""Language tags of voices and sentences."""

import re

MAX_TAG_CHARACTERS = 35
"""Enough for every tag of RFC 5646 without extensions (section 4.4.1)."""

_PIPER_CODE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
_ESPEAK_LANGUAGES = {"cmn": "zh", "zhy": "yue"}
_ESPEAK_REGIONS = {"cmn": "zh-CN"}


def language_family(tag: str) -> str:
    """The primary subtag of a BCP 47 tag in lower case, `zh` for `cmn`."""
    primary = re.split("[-_]", tag, maxsplit=1)[0].lower()
    return _ESPEAK_LANGUAGES.get(primary, primary)


def tag_of_piper_code(code: str) -> str | None:
    """`zh_CN` to `zh-CN`; None for what is not a language code or longer than `MAX_TAG_CHARACTERS`."""
    if len(code) > MAX_TAG_CHARACTERS or not _PIPER_CODE.fullmatch(code):
        return None
    primary, *rest = re.split("[-_]", code)
    return "-".join([primary.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def tag_of_espeak_voice(voice: str) -> str | None:
    """`en-us` to `en-US`, `cmn` to `zh-CN`; variants (`en-us+f3`) and accents (`en-gb-x-rp`) are left out."""
    primary, *rest = voice.partition("+")[0].split("-")
    if primary in _ESPEAK_REGIONS:
        return _ESPEAK_REGIONS[primary]
    region = rest[0] if rest and len(rest[0]) == 2 else None
    return tag_of_piper_code(primary if region is None else f"{primary}_{region}")
