import pytest

from tts.text import prepare
from tts.text.clean import clean


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("今天真开心😀", "今天真开心，笑脸"),
        ("太好了👍！", "太好了，点赞！"),
        ("笑死😂😂😂了", "笑死，笑哭，了"),
        ("你好 😀 世界", "你好，笑脸，世界"),
        ("👍🏽", "点赞"),
        ("😀😂", "笑脸，笑哭"),
        ("我爱🇨🇳", "我爱，中国国旗"),
        ("👨‍👩‍👧‍👦出游", "一家人，出游"),
        ("Great job 👍", "Great job, thumbs up"),
        ("I ❤️ you", "I, red heart, you"),
        ("🦄 rules", "unicorn face, rules"),
        ("Go 🇫🇷!", "Go, flag of France!"),
    ],
)
def test_emoji_are_named_in_the_language_of_their_line(written: str, spoken: str) -> None:
    assert clean(written, emoji="name") == spoken


def test_the_language_asked_for_decides() -> None:
    assert clean("OK 👍", emoji="name", language="zh-CN") == "OK，点赞"
    assert clean("好👍", emoji="name", language="en-US") == "好, thumbs up"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [("こんにちは😀", "こんにちは"), ("안녕하세요😀", "안녕하세요"), ("今天🦄", "今天"), ("好🇦🇶", "好")],
)
def test_what_has_no_name_is_dropped(written: str, spoken: str) -> None:
    assert clean(written, emoji="name") == spoken


def test_emoji_are_dropped_unless_asked_for() -> None:
    assert clean("今天😀真开心") == "今天真开心"


def test_the_preview_shows_the_naming() -> None:
    assert "name-emoji" in {step.rule for step in prepare("好👍", emoji="name").steps}
