import pytest

from tts.voices.language import language_family, tag_of_espeak_voice, tag_of_piper_code


@pytest.mark.parametrize(
    ("tag", "family"), [("zh-CN", "zh"), ("zh", "zh"), ("cmn-Hans", "zh"), ("EN_us", "en"), ("yue-HK", "yue")]
)
def test_family_is_the_primary_subtag(tag: str, family: str) -> None:
    assert language_family(tag) == family


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        ("zh_CN", "zh-CN"),
        ("en_us", "en-US"),
        ("de", "de"),
        ("sr_RS-Latn", "sr-RS-Latn"),
        ("", None),
        ("中文", None),
    ],
)
def test_piper_codes_become_tags(code: str, tag: str | None) -> None:
    assert tag_of_piper_code(code) == tag


@pytest.mark.parametrize(
    ("voice", "tag"),
    [
        ("cmn", "zh-CN"),
        ("en-us", "en-US"),
        ("en-us+f3", "en-US"),
        ("en-gb-x-rp", "en-GB"),
        ("de", "de"),
        ("es-419", "es"),
        ("", None),
    ],
)
def test_espeak_voices_become_tags(voice: str, tag: str | None) -> None:
    assert tag_of_espeak_voice(voice) == tag
