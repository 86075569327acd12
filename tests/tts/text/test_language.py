import pytest

from tts.text import Run, canonical_language, prepare


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [
        ("zh", "zh-CN"),
        ("ZH-cn", "zh-CN"),
        ("zh-Hans", "zh-CN"),
        ("zh-Hant", "zh-TW"),
        ("zh-Hans-SG", "zh-SG"),
        ("cmn", "zh-CN"),
        ("cmn-Hans-CN", "zh-CN"),
        ("en", "en-US"),
        ("en_GB", "en-GB"),
        ("ja", "ja-JP"),
        ("fr", "fr"),
        ("yue", "yue"),
        ("!?", "und"),
        ("", "und"),
    ],
)
def test_a_tag_gets_its_usual_form(tag: str, canonical: str) -> None:
    assert canonical_language(tag) == canonical


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好", "zh-CN"),
        ("123", "zh-CN"),
        ("-5°C", "zh-CN"),
        ("Hello", "en-US"),
        ("Call me at 5", "en-US"),
        ("我用iPhone打电话", "zh-CN"),
        ("Everyone says 你好 to me", "zh-CN"),
        ("今日はいい天気です", "ja-JP"),
        ("カタカナ", "ja-JP"),
        ("鲜の每日牛奶很好喝", "zh-CN"),
        ("안녕하세요", "ko-KR"),
        ("Привет", "ru"),
        ("مرحبا", "ar"),
        ("שלום", "he"),
        ("γειά σου", "el"),
        ("สวัสดี", "th"),
        ("नमस्ते", "hi"),
        ("ꯃꯤꯇꯩ", "und"),
        ("5²", "zh-CN"),
    ],
)
def test_a_sentence_is_in_the_language_of_its_script(text: str, language: str) -> None:
    assert {sentence.language for sentence in prepare(text).sentences} == {language}


@pytest.mark.parametrize(
    ("text", "language", "spoken_in"),
    [
        ("123", "en", "en-US"),
        ("123", "ja", "ja-JP"),
        ("Bonjour", "fr-FR", "fr-FR"),
        ("hello", "zh", "zh-CN"),
        ("你好 hello", "en", "en-US"),
        ("東京", "ja", "ja-JP"),
        ("Привіт", "uk", "uk"),
        ("Привет", "zh", "ru"),
        ("こんにちは", "zh", "ja-JP"),
    ],
)
def test_a_language_asked_for_takes_the_scripts_it_is_written_in(
    text: str, language: str, spoken_in: str
) -> None:
    prepared = prepare(text, language=language)
    assert [sentence.language for sentence in prepared.sentences] == [spoken_in]
    assert {run.language for run in prepared.runs} == {spoken_in}


def test_digits_follow_the_language_asked_for() -> None:
    assert prepare("50%", language="en").normalized == "fifty percent"
    assert prepare("50%", language="zh").normalized == "百分之五十"
    assert prepare("50%", language="fr").normalized == "50%"


def test_a_sentence_of_digits_is_in_the_language_of_its_neighbour() -> None:
    languages = [
        sentence.language for sentence in prepare("7. 5!\nHello there!\n123!\n你好！\n456").sentences
    ]
    assert languages == ["en-US", "en-US", "en-US", "zh-CN", "zh-CN"]


def test_runs_change_with_the_script() -> None:
    prepared = prepare("我用 iPhone 15 打电话。Bye!")
    assert prepared.runs == (
        Run("zh-CN", "我用 "),
        Run("en-US", "iPhone "),
        Run("zh-CN", "十五 打电话。"),
        Run("en-US", "Bye!"),
    )


def test_chinese_characters_between_kana_are_a_japanese_run() -> None:
    assert prepare("今日は晴れです。").runs == (Run("ja-JP", "今日は晴れです。"),)
