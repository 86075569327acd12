"""Which language Chinese characters without kana are in, as far as the characters tell.

Simplified Chinese, traditional Chinese and Japanese each have a national character set (GB 2312, Big5, JIS X 0208), and
the standard library has codecs for all three: what one set lacks is not written where that set was made for.
"""

import re
from typing import Literal

# 円 is also how price lists in Chinese write yen; the repetition mark and the round zero are in no character set.
_NEUTRAL = re.compile("[^\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[円〇々]")
_CHINESE_GRAMMAR = re.compile("[你她们这那哪吗呢吧很没给跟让请]")


def han_language(text: str) -> Literal["zh", "ja"] | None:
    """The language where the Chinese characters of `text` are those of one only, else None.

    Characters that Japan's set lacks are Chinese. Characters that neither Chinese set has all of are Japanese: 会議 is
    half simplified and half traditional, 駅 is neither.
    """
    characters = _NEUTRAL.sub("", text)
    if not characters:
        return None
    if _CHINESE_GRAMMAR.search(characters) or not _is_written_with(characters, "shift_jis"):
        return "zh"
    if _is_written_with(characters, "gb2312") or _is_written_with(characters, "big5"):
        return None
    return "ja"


def _is_written_with(characters: str, codec: str) -> bool:
    try:
        characters.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
