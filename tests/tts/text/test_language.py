import pytest

from tts.text import Run, canonical_language, prepare
from tts.text.lexicon import Lexicon, LexiconEntry, Match


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("He ordered 2 bowls of 牛肉面 for lunch.", "en-US"),
        ("Take Line 10 to 国贸 and use Exit C.", "en-US"),
        ("The shop 海底捞 is on the left of the bank.", "en-US"),
        ("我喜欢 the way he says it", "zh-CN"),
        ("She said 请在3点来 and left in a hurry", "zh-CN"),
        ("用 pip install 安装 the package of 工具", "zh-CN"),
        ("a 的 b is in the 表 of it", "zh-CN"),
    ],
)
def test_an_english_sentence_may_name_something_in_chinese(text: str, language: str) -> None:
    assert [sentence.language for sentence in prepare(text).sentences] == [language]


def test_chinese_names_keep_their_voice_in_an_english_sentence() -> None:
    assert prepare("Take Line 10 to 国贸 and use Exit C.").runs == (
        Run("en-US", "Take Line ten to "),
        Run("zh-CN", "国贸 "),
        Run("en-US", "and use Exit C."),
    )


@pytest.mark.parametrize(
    ("text", "language", "runs"),
    [
        ("你好 hello", "en", [("zh-CN", "你好 "), ("en-US", "hello")]),
        ("密码abc", "zh", [("zh-CN", "密码"), ("en-US", "abc")]),
        ("Bonjour", "fr-FR", [("fr-FR", "Bonjour")]),
    ],
)
def test_voices_get_only_scripts_they_can_read_whatever_language_is_asked_for(
    text: str, language: str, runs: list[tuple[str, str]]
) -> None:
    assert [(run.language, run.text) for run in prepare(text, language=language).runs] == runs


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("駅前", ["ja-JP"]),
        ("出席者20名。", ["zh-CN"]),
        ("出席者20名。会議です。", ["ja-JP", "ja-JP"]),
        ("你好。会議です。出席者20名。", ["zh-CN", "ja-JP", "zh-CN"]),
        ("這是我們的產品。", ["zh-CN"]),
        ("서울 漢字 3개입니다", ["ko-KR"]),
        ("Everyone says ありがとう to me", ["en-US"]),
        ("Python3はOKです", ["ja-JP"]),
        ("〒150-0001", ["ja-JP"]),
    ],
)
def test_characters_of_one_language_only_tell_it_and_others_ask_their_neighbours(
    text: str, languages: list[str]
) -> None:
    assert [sentence.language for sentence in prepare(text).sentences] == languages


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("20kg", ["en-US"]),
        ("20kg；", ["zh-CN"]),
        ("很重。20kg.", ["zh-CN", "zh-CN"]),
        ("20kg！很重", ["zh-CN", "zh-CN"]),
        ("It is heavy. 20kg.", ["en-US", "en-US"]),
        ("무거워요. 20kg.", ["ko-KR", "ko-KR"]),
        ("很重。20kg of rice.", ["zh-CN", "en-US"]),
    ],
)
def test_a_measure_alone_is_in_the_language_of_its_neighbour(text: str, languages: list[str]) -> None:
    assert [sentence.language for sentence in prepare(text).sentences] == languages


def test_a_dictionary_entry_of_a_language_holds_where_neighbours_tell_it() -> None:
    entry = LexiconEntry("出席者", "しゅっせきしゃ", match=Match.EXACT, language="ja")
    lexicon = Lexicon(1, [entry])
    assert (
        prepare("会議です。出席者20名。", lexicon=lexicon).normalized
        == "会議です。しゅっせきしゃにじゅうめい。"
    )
    assert prepare("出席者20名。", lexicon=lexicon).normalized == "出席者二十名。"
