import json
from collections.abc import Callable

import pytest

from tests.fixture_voices import fixture_config
from tts.engines.onnx.phoneme_ids import phonemes_of
from tts.engines.onnx.piper_config import PhonemeType, parse_piper_config
from tts.voices.fields import MAX_CONFIG_BYTES, MAX_TEXT_CHARACTERS
from tts.voices.problems import VoiceCorrupt, VoiceIncompatible

Values = dict[str, object]


def as_json(values: object) -> bytes:
    return json.dumps(values).encode()


def test_published_configuration_is_read() -> None:
    config = parse_piper_config(as_json(fixture_config(speakers=2)))
    assert (config.sample_rate, config.language, config.espeak_voice) == (22050, "zh-CN", "cmn")
    assert (config.noise_scale, config.length_scale, config.noise_w) == (0.667, 1.0, 0.8)
    assert config.phoneme_type is PhonemeType.ESPEAK
    assert config.speakers == ("speaker0", "speaker1")
    assert config.phoneme_id_map["a"] == (14,)
    assert config.description.is_fixture


def test_fields_piper_leaves_out_have_its_defaults() -> None:
    values = fixture_config()
    for key in (
        "inference",
        "phoneme_type",
        "language",
        "speaker_id_map",
        "dataset",
        "num_speakers",
        "hop_length",
    ):
        del values[key]
    config = parse_piper_config(as_json(values))
    assert (config.noise_scale, config.length_scale, config.noise_w) == (0.667, 1.0, 0.8)
    assert config.phoneme_type is PhonemeType.ESPEAK
    assert config.language == "zh-CN"
    assert config.speakers == ("",)
    assert not config.description.is_fixture


def test_own_fields_name_the_voice() -> None:
    own = {"name": "Lin", "gender": "female", "licence": "CC0-1.0"}
    config = parse_piper_config(as_json(fixture_config() | {"voxgate": own}))
    assert (config.name, config.gender, config.licence) == ("Lin", "female", "CC0-1.0")


def test_own_fields_are_fit_for_a_line_and_a_column() -> None:
    own = {"name": "L\u001bi\nn\u2028", "gender": "nonbinary", "licence": "x" * 1000}
    config = parse_piper_config(as_json(fixture_config() | {"voxgate": own}))
    assert (config.name, config.gender, config.licence) == ("Lin", "", "x" * MAX_TEXT_CHARACTERS)


@pytest.mark.parametrize(("written", "read"), [("Female", "female"), ("male ", "male"), ("", ""), ("f", "")])
def test_a_gender_is_female_male_or_unknown(written: str, read: str) -> None:
    config = parse_piper_config(as_json(fixture_config() | {"voxgate": {"gender": written}}))
    assert config.gender == read


def test_text_voices_need_no_espeak_voice() -> None:
    values = fixture_config(phoneme_type="text")
    del values["espeak"]
    assert parse_piper_config(as_json(values)).phoneme_type is PhonemeType.TEXT


def test_vowel_clusters_come_longest_first() -> None:
    config = parse_piper_config(as_json(fixture_config() | {"vowel_clusters": [["a", "ɪ"], ["a", "ɪ", "ə"]]}))
    assert config.vowel_clusters == (("a", "ɪ", "ə"), ("a", "ɪ"))


@pytest.mark.parametrize(
    ("phoneme_type", "missing"),
    [
        ("japanese", "a reader of Japanese \\(OpenJTalk\\)"),
        ("thai", "a reader of Thai"),
        ("hebrew", "a reader of Hebrew"),
        ("multilingual", "phonemes that Voxgate does not make"),
    ],
)
def test_other_phoneme_types_name_what_is_missing(phoneme_type: str, missing: str) -> None:
    with pytest.raises(
        VoiceIncompatible, match=f"phoneme_type '{phoneme_type}' is not supported: it needs {missing}"
    ):
        parse_piper_config(as_json(fixture_config(phoneme_type=phoneme_type)))


def test_phonemes_may_stand_for_others() -> None:
    config = parse_piper_config(as_json(fixture_config() | {"phoneme_map": {"ɝ": ["ɜ", "ɹ"], "ʔ": []}}))
    assert phonemes_of("bɝʔd", config) == ["b", "ɜ", "ɹ", "d"]


def set_to(*path: str, value: object) -> Callable[[Values], None]:
    def change(values: Values) -> None:
        target = values
        for key in path[:-1]:
            target = target[key]  # type: ignore[assignment]  # the tests name objects only
        target[path[-1]] = value

    return change


def without(*path: str) -> Callable[[Values], None]:
    def change(values: Values) -> None:
        target = values
        for key in path[:-1]:
            target = target[key]  # type: ignore[assignment]  # the tests name objects only
        del target[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("audio"), "audio.sample_rate is missing"),
        (without("audio", "sample_rate"), "audio.sample_rate is missing"),
        (set_to("audio", value=[]), r"audio must be an object, is \[\]"),
        (
            set_to("audio", "sample_rate", value="22050"),
            "audio.sample_rate must be a whole number from 8000 to 48000, is '22050'",
        ),
        (set_to("audio", "sample_rate", value=7), "audio.sample_rate must be a whole number"),
        (set_to("audio", "sample_rate", value=True), "audio.sample_rate must be a whole number"),
        (without("espeak"), "espeak.voice is missing"),
        (set_to("espeak", "voice", value=5), "espeak.voice must be a string, is 5"),
        (without("num_symbols"), "num_symbols is missing"),
        (set_to("num_symbols", value=12), "phoneme_id_map.* must be a list of ids from 0 to 11"),
        (set_to("num_speakers", value=0), "num_speakers must be a whole number from 1 to 10000, is 0"),
        (
            set_to("speaker_id_map", value={"a": 1}),
            "speaker_id_map.a must be a whole number from 0 to 0, is 1",
        ),
        (without("phoneme_id_map"), "phoneme_id_map lacks '_'"),
        (without("phoneme_id_map", "^"), "phoneme_id_map lacks '^'"),
        (set_to("phoneme_id_map", "a", value=14), "phoneme_id_map.a must be a list, is 14"),
        (set_to("phoneme_id_map", "a", value=[]), "phoneme_id_map.a must be a list of at least one id"),
        (set_to("phoneme_id_map", "a", value=[-1]), "phoneme_id_map.a must be a list of ids from 0 to 255"),
        (set_to("phoneme_id_map", "a", value=[1.5]), "phoneme_id_map.a must be a list of ids"),
        (
            set_to("inference", "length_scale", value=0),
            "inference.length_scale must be a number from 0.1 to 10.0, is 0",
        ),
        (set_to("inference", "noise_w", value=float("nan")), "inference.noise_w must be a number"),
        (set_to("inference", "noise_scale", value="loud"), "inference.noise_scale must be a number"),
        (set_to("language", "code", value="中文"), "language.code '中文' names no language"),
        (set_to("phoneme_type", value=3), "phoneme_type must be a string, is 3"),
        (set_to("vowel_clusters", value="ai"), "vowel_clusters must be a list, is 'ai'"),
        (set_to("vowel_clusters", value=[5]), "vowel_clusters must be a list of lists"),
        (set_to("vowel_clusters", value=[[]]), "vowel_clusters must be a list of lists"),
        (set_to("vowel_clusters", value=[["a", ""]]), "vowel_clusters must be a list of lists"),
        (set_to("phoneme_map", value={"a": ["b", ""]}), "phoneme_map must map phonemes to lists of phonemes"),
        (set_to("phoneme_map", value=[]), "phoneme_map must be an object"),
        (set_to("dataset", value={}), "dataset must be a string"),
        (set_to("dataset", value="\ud800"), "dataset must be a string without NUL and surrogates"),
        (set_to("voxgate", value={"name": "\ud800"}), "voxgate.name must be a string without NUL and surr"),
        (set_to("voxgate", value={"licence": "a\0b"}), "voxgate.licence must be a string without NUL and"),
        (set_to("espeak", "voice", value="c\0"), "espeak.voice must be a string without NUL and surrogates"),
        (set_to("phoneme_id_map", "", value=[1]), "phoneme_id_map holds '', which is no phoneme"),
        (
            set_to("phoneme_id_map", "\ud800", value=[1]),
            r"phoneme_id_map holds '\\ud800', which is no phoneme",
        ),
        (set_to("phoneme_id_map", "\0", value=[1]), r"phoneme_id_map holds '\\x00', which is no phoneme"),
        (set_to("speaker_id_map", value={"\udfff": 0}), r"speaker_id_map holds '\\udfff', which is no name"),
        (set_to("language", "code", value="de" + "-abcdefg" * 5), "language.code 'de-.*' names no language"),
    ],
)
def test_an_odd_field_is_named(change: Callable[[Values], None], message: str) -> None:
    values = fixture_config()
    change(values)
    with pytest.raises(VoiceCorrupt, match=message.replace("^", r"\^")):
        parse_piper_config(as_json(values))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b'"text"', b"null"])
def test_what_is_no_json_object_is_corrupt(data: bytes) -> None:
    with pytest.raises(VoiceCorrupt, match=r"not (a )?JSON"):
        parse_piper_config(data)


def test_a_huge_file_is_not_even_parsed() -> None:
    with pytest.raises(VoiceCorrupt, match="larger than"):
        parse_piper_config(b" " * (MAX_CONFIG_BYTES + 1))


def test_messages_stay_short() -> None:
    with pytest.raises(VoiceCorrupt) as caught:
        parse_piper_config(as_json(fixture_config() | {"dataset": ["x" * 10_000]}))
    assert len(str(caught.value)) < 200


def test_messages_can_be_stored_whatever_a_field_is_called() -> None:
    with pytest.raises(VoiceCorrupt) as caught:
        parse_piper_config(as_json(fixture_config() | {"speaker_id_map": {"\n" + "x" * 10_000: "one"}}))
    assert len(str(caught.value)) <= 500
    assert str(caught.value).isprintable()
