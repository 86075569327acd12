import pytest

from tts.text import prepare
from tts.text.hypertext import strip_html


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>one</p>", "\none\n"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ('<a href="https://example.com?a=1&b=2" target=_blank>here</a>', "here"),
        ("<!-- hidden -->shown", "shown"),
        ("&lt;b&gt;", "<b>"),
        ("&amp;amp;", "&amp;"),
        ("&#20320;&#x597D;", "你好"),
    ],
)
def test_tags_go_and_references_become_characters(written: str, read: str) -> None:
    assert strip_html(written) == read


@pytest.mark.parametrize(
    "written", ["<红楼梦>", "a<b and c>d", "x < y", "AT&T", "?a=1&copy=2", "<b", "<script"]
)
def test_what_only_looks_like_html_stays(written: str) -> None:
    assert strip_html(written) == written


def test_a_reference_to_a_control_character_is_not_spoken() -> None:
    assert prepare("a&#1;b&#x200b;c&#xd800;").normalized.rstrip() == "abc"
