"""Mandarin to the symbols of Kokoro: IPA for version 1.0, Zhuyin for version 1.1.

Correspondences of hexgrad/misaki, transcription.py and zh_frontend.py; the sounds are those of Duanmu, The Phonology of
Standard Chinese (2007), and Lin, The Sounds of Chinese (2007). As in the lexicons of sherpa-onnx nothing stands between
words: where they end is not known without a segmenter.
"""

from tts.engines.onnx.marks import FULL_WIDTH
from tts.text.zh.pinyin import Syllable, read_mandarin

TONE_SIGNS = ("→", "↗", "↓", "↘", "")
_TONE_PLACE = "0"


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


_IPA_INITIALS = _pairs(
    "b:p p:pʰ m:m f:f d:t t:tʰ n:n l:l g:k k:kʰ h:x j:ʨ q:ʨʰ x:ɕ r:ɻ z:ʦ c:ʦʰ s:s zh:\uab67 ch:\uab67ʰ sh:ʂ"
)
_IPA_FINALS = _pairs(
    "a:a0 ai:ai0 an:a0n ang:a0ŋ ao:au0 e:ɤ0 ei:ei0 en:ə0n eng:ə0ŋ er:ɚ0 i:i0 ia:ja0 ian:jɛ0n "
    "iang:ja0ŋ iao:jau0 ie:je0 in:i0n ing:i0ŋ iong:jʊ0ŋ iou:jou0 o:wo0 ong:ʊ0ŋ ou:ou0 u:u0 "
    "ua:wa0 uai:wai0 uan:wa0n uang:wa0ŋ uei:wei0 uen:wə0n ueng:wə0ŋ uo:wo0 v:y0 van:ɥɛ0n ve:ɥe0 "
    "vn:y0n"
)
_IPA_SYLLABLES = {"o": "ɔ0", "yo": "jɔ0"}

_ZHUYIN_INITIALS = _pairs(
    "b:ㄅ p:ㄆ m:ㄇ f:ㄈ d:ㄉ t:ㄊ n:ㄋ l:ㄌ g:ㄍ k:ㄎ h:ㄏ j:ㄐ q:ㄑ x:ㄒ r:ㄖ z:ㄗ c:ㄘ s:ㄙ zh:ㄓ ch:ㄔ sh:ㄕ"
)
# One symbol for each final: where Zhuyin needs two, characters that are read that way stand in.
_ZHUYIN_FINALS = _pairs(
    "a:ㄚ ai:ㄞ an:ㄢ ang:ㄤ ao:ㄠ e:ㄜ ei:ㄟ en:ㄣ eng:ㄥ er:ㄦ i:ㄧ ia:压 ian:言 iang:阳 iao:要 ie:ㄝ in:阴 "
    "ing:应 iong:用 iou:又 o:ㄛ ong:中 ou:ㄡ u:ㄨ ua:穵 uai:外 uan:万 uang:王 uei:为 uen:文 ueng:瓮 uo:我 v:ㄩ "
    "van:元 ve:月 vn:云"
)
_SIBILANT_I = {"z": "ㄭ", "c": "ㄭ", "s": "ㄭ", "zh": "十", "ch": "十", "sh": "十", "r": "十"}

_MARKS = {mark: other for mark, other in FULL_WIDTH.items() if mark not in "“”"}
_MARKS |= {"、": ",", "《": "“", "》": "”", "「": "“", "」": "”", "【": "“", "】": "”", "（": "(", "）": ")"}


def mandarin_ipa(text: str) -> str:
    """Symbols of version 1.0, tones as they are in the dictionary; letters of other scripts are left out."""
    return _spelled(text, sandhi=False)


def mandarin_zhuyin(text: str) -> str:
    """Symbols of version 1.1, tones as they are spoken; letters of other scripts are left out."""
    return _spelled(text, sandhi=True)


def _spelled(text: str, *, sandhi: bool) -> str:
    parts = []
    for unit in read_mandarin(text, sandhi=sandhi):
        if isinstance(unit, Syllable):
            parts.append(_zhuyin(unit) if sandhi else _ipa(unit))
        elif not unit.isalnum():
            mark = _MARKS.get(unit, unit)
            parts.append(f"{mark} " if mark in ",.!?:;" else mark)
    return " ".join("".join(parts).split())


def _ipa(syllable: Syllable) -> str:
    initial, final = syllable.initial, syllable.final
    if final == "i" and initial in _SIBILANT_I:
        sound = "ɨ0"
    else:
        sound = _IPA_SYLLABLES.get(syllable.spelled) or _IPA_FINALS.get(final, "")
    toned = sound.replace(_TONE_PLACE, TONE_SIGNS[syllable.tone - 1])
    coloured = _ipa(Syllable("er", 2)) if syllable.erhua else ""
    return _IPA_INITIALS.get(initial, "") + toned + coloured


def _zhuyin(syllable: Syllable) -> str:
    initial, final = syllable.initial, syllable.final
    sound = _SIBILANT_I[initial] if final == "i" and initial in _SIBILANT_I else _ZHUYIN_FINALS.get(final, "")
    colour = "R" if syllable.erhua else ""
    return f"{_ZHUYIN_INITIALS.get(initial, '')}{sound}{colour}{syllable.tone}"
