"""Texts that espeak-ng has crashed on, obeyed or carried over to the next request, and harmless ones."""

from tts.engines.base import Deadline
from tts.engines.espeak.wire import Utterance

HELLO = Utterance("Hello there, how are you?", "en-us", "f5", pitch=55, pitch_range=60)
NI_HAO = Utterance("你好，今天天气怎么样？", "cmn", "benjamin")

CRASHING = "s'" * 80

HOSTILE = {
    "word that overflows a buffer": CRASHING,
    "unbroken Arabic letters": "ا" * 1000,
    "speed command": "\x0180S now quickly",
    "pitch and echo commands": "\x0199P\x0150H\x01255A\x013F loud",
    "voice command": "\x01vsomething",
    "NUL": "one\0two",
    "lone surrogates": "\ud800 high \udfff low",
    "SSML": "<speak><prosody rate='x-slow'><voice name='de'>slow</voice></prosody></speak>",
    "unclosed SSML": "<prosody pitch='200%'>",
    "phoneme input": "[[h@l'oU]] [[_:_]] ]] [[",
    "entities": "&#x0; &#1; &lt;speak&gt;",
    "only punctuation": "!!!???...",
    "emoji": "😀👩‍👩‍👧‍👦🏳️‍🌈",
    "combining marks": "e" + "\u0301" * 2000,
    "bidirectional controls": "\u202eabc\u202c\u2066def\u2069",
    "dots": "." * 3000,
    "digits": "7" * 500,
    "quotes": "\"'`’‘“”«»" * 50,
}


def soon(seconds: float = 10.0) -> Deadline:
    return Deadline.after(seconds)
