import pytest

from tts.engines.onnx.kokoro_mandarin import mandarin_ipa, mandarin_zhuyin
from tts.engines.onnx.kokoro_phonemes import english_symbols, legacy_symbols, other_symbols


@pytest.mark.parametrize(
    ("ipa", "american", "british"),
    [
        ("tʃˈɜːtʃ", "ʧˈɜɹʧ", "ʧˈɜːʧ"),
        ("dʒˈoʊk", "ʤˈOk", "ʤˈɔʊk"),
        ("ɡˈəʊ", "ɡˈəʊ", "ɡˈQ"),
        ("sˈeɪ nˈaʊ mˈaɪ tˈɔɪ", "sˈA nˈW mˈI tˈY", "sˈA nˈW mˈI tˈY"),
        ("wˈɔːɾɚ", "wˈɔTəɹ", "wˈɔːTəɹ"),
        ("lˈɪɾəl", "lˈɪTᵊl", "lˈɪTᵊl"),
        ("ɐlˈoʊn", "əlˈOn", "əlˈɔʊn"),
        ("bˈʌʔn\u0329", "bˈʌtn", "bˈʌtn"),
        ("ɹˈɪðm\u0329", "ɹˈɪðᵊm", "ɹˈɪðᵊm"),
        ("hˈeə", "hˈAə", "hˈɛː"),
    ],
)
def test_english_is_spelled_as_misaki_spells_it(ipa: str, american: str, british: str) -> None:
    assert english_symbols(ipa, british=False) == american
    assert english_symbols(ipa, british=True) == british


def test_other_languages_keep_their_length_and_join_affricates() -> None:
    assert other_symbols("tsˈiːtsa dʒˈɔ-rno") == "ʦˈiːʦa ʤˈɔrno"


def test_version_0_19_keeps_diphthongs_apart() -> None:
    assert legacy_symbols("rˈaɪt lɬˈox") == "ɹˈaɪt llˈok"


@pytest.mark.parametrize(
    ("text", "ipa", "zhuyin"),
    [
        ("你好，世界。", "ni↓xau↓, ʂɨ↘ʨje↘.", "ㄋㄧ2ㄏㄠ3, ㄕ十4ㄐㄝ4."),
        ("资", "ʦɨ→", "ㄗㄭ1"),
        ("日元", "ɻɨ↘ɥɛ↗n", "ㄖ十4元2"),
        ("中国", "\uab67ʊ→ŋkwo↗", "ㄓ中1ㄍ我2"),
        ("花儿", "xwa→ɚ↗", "ㄏ穵R1"),
        ("吗？", "ma?", "ㄇㄚ5?"),
        ("《书》（吧）", "“ʂu→”(pa)", "“ㄕㄨ1”(ㄅㄚ5)"),
        ("喔，哟", "ɔ→, jɔ→", "ㄛ1, ㄛ1"),
        ("用iPhone吧", "jʊ↘ŋpa", "用4ㄅㄚ5"),
        ("", "", ""),
    ],
)
def test_mandarin_is_spelled_as_misaki_spells_it(text: str, ipa: str, zhuyin: str) -> None:
    assert mandarin_ipa(text) == ipa
    assert mandarin_zhuyin(text) == zhuyin
