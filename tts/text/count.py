"""The billed length of a text."""

from tts.text.unicode import drop_uncounted, to_nfc


def count_characters(text: str) -> int:
    """The number of characters a text is billed for, in Unicode code points.

    Counted are the code points of the text as sent once control characters (category Cc, except tab and line
    feed) and lone surrogates are dropped, the rest is in NFC and surrounding white space is trimmed. So CR LF
    counts one, `é` counts one however it was encoded, an emoji counts its code points, and white space inside
    the text counts. Linear in the length of `text` and defined for every `str`.
    """
    return len(to_nfc(drop_uncounted(text)).strip())
