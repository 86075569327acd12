import pytest

from tts.text.markdown import strip_markdown


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("# Title #", "Title"),
        ("```python\nprint(1)\n```\nend", "print(1)\nend"),
        ("~~~ok", "~~~ok"),
        ("so\n~~~ok\nbye", "so\n~~~ok\nbye"),
        ("###### Six", "Six"),
        ("> > nested", "nested"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("* **bold** item", "- bold item"),
        ("+ one\n- [x] two", "- one\n- two"),
        ("**bold *nested* text**", "bold nested text"),
        ("_a_ and __b__ and ___c___", "a and b and c"),
        ('[**bold** link](https://example.com "title")', "bold link"),
        ("[text][1]", "text"),
        ("`code`", "code"),
        ("``a ` b``", "a ` b"),
        ("~~~\n# not a heading\n~~~", "# not a heading"),
        ("| a | b |\n|:--|--:|\n| 1 | 2 |", "a, b\n1, 2"),
        ("---", ""),
        ("* * *", ""),
    ],
)
def test_the_marks_go_and_the_words_stay(written: str, read: str) -> None:
    assert strip_markdown(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "3*4*5",
        "2 * 3 * 4",
        "a*b*c",
        "snake_case_name",
        "#话题#很热",
        "#1 choice",
        ">5人",
        "> 5",
        "-5℃",
        "- ",
        "+1",
        "|x|",
        "**",
        "**not closed",
        "[brackets] only",
        "5 > 3",
        "C:\\new",
        "[a](b c)",
        "~5",
    ],
)
def test_what_only_looks_like_markdown_stays(written: str) -> None:
    assert strip_markdown(written) == written
