import unicodedata
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts.text import NothingToSpeak, PreparedText, count_characters, prepare
from tts.text.clean import cleaning
from tts.text.markdown import strip_markdown

_WRITTEN = """
0 1 2 12 2026 14:30 1,234 3.14 -5 50 % ‰ ℃ °C ¥ $ € US$ RMB / : - ~ — … . , ! ? ; ， 。 ！ ？ ； ： ( ) “ ” " '
s' 's kg km/h m² ㎡ ½ ⁵ ^ + = × & @ # * _ www. http:// .com a@b.com v2.0 第 年 月 日 号 点 元 平方米 今天 好 两 Dr.
St. Mr. etc. p.m. May Main 1st COVID- iPhone hello U.S. の ひらがな 안녕 Привет مرحبا \u0300 \u200d \U0001f600
① Ⅳ ﬁ Ａ １ ％ \ufdfa 电话 比分
** __ ` ``` # > - * ~~ [a](b) ![ ]( | |a|b| --- <p> </p> <br/> &amp; &#1; &#x200b; <!-- --> \\* 3つ 3本 10日 14:30
03-1234-5678 명 개 시 10~20 ₩ 010-1234-5678 0,000 1,2 京A12345 G102次 10086 第IV章 α √ 1e5 x² 1/2 25bp 3x 2w
K1+200 Ctrl+C #a 👍🏽 🇨🇳
"""
_PIECES = st.sampled_from([*_WRITTEN.split(), " ", "\n", "\r", "\t", "\u3000", "\x00", "\x01", "\ud800"])
_COMPOSED = st.lists(_PIECES, max_size=40).map("".join)
_ANY = st.one_of(_COMPOSED, st.text(st.characters(), max_size=200))
_LANGUAGES = st.sampled_from([None, "zh-CN", "en-US", "en", "ja", "ko", "fr", "x", "!"])
_MORE = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _prepare(text: str, language: str | None = None, normalize: bool = True) -> PreparedText | None:
    try:
        return prepare(text, language=language, normalize=normalize)
    except NothingToSpeak:
        return None


def _squeeze(text: str) -> str:
    return "".join(text.split())


@given(text=_ANY, language=_LANGUAGES, normalize=st.booleans())
@_MORE
def test_sentences_and_runs_hold_the_normalized_text(
    text: str, language: str | None, normalize: bool
) -> None:
    prepared = _prepare(text, language, normalize)
    if prepared is None:
        return
    assert _squeeze("".join(sentence.text for sentence in prepared.sentences)) == _squeeze(
        prepared.normalized
    )
    assert "".join(run.text for run in prepared.runs) == prepared.normalized
    assert all(run.text for run in prepared.runs)
    assert all(one.language != two.language for one, two in pairwise(prepared.runs))


@given(text=_ANY, language=_LANGUAGES, normalize=st.booleans())
@_MORE
def test_every_sentence_can_be_spoken(text: str, language: str | None, normalize: bool) -> None:
    prepared = _prepare(text, language, normalize)
    if prepared is None:
        return
    assert prepared.sentences
    assert prepared.sentences[-1].pause_after_seconds == 0.0
    for sentence in prepared.sentences:
        assert any(map(str.isalnum, sentence.text))
        assert sentence.text == sentence.text.strip()
        assert not {unicodedata.category(character) for character in sentence.text} & {
            "Cc",
            "Cf",
            "Cs",
            "Co",
            "Cn",
        }
        assert len(sentence.text) < 2000
        sentence.text.encode()


@given(text=_ANY, language=_LANGUAGES, normalize=st.booleans())
@_MORE
def test_steps_form_a_chain(text: str, language: str | None, normalize: bool) -> None:
    prepared = _prepare(text, language, normalize)
    if prepared is None or not prepared.steps:
        return
    chain = prepared.steps
    assert all(one.after == two.before for one, two in pairwise(chain))
    assert chain[-1].after == prepared.normalized
    for step in chain:
        step.before.encode()


@given(text=_ANY)
@_MORE
def test_cleaning_twice_changes_nothing(text: str) -> None:
    # What HTML and Markdown escape is text, but may be markup to who reads it again; a face in full-width signs
    # only looks like one once these are folded.
    once = _clean_but_markup(text)
    assert _clean_but_markup(once) == once


def _clean_but_markup(text: str) -> str:
    for step in cleaning():
        if step.feature not in ("html", "markdown", "kaomoji"):
            text = step.apply(text)
    return text


@given(text=st.text("*_`~ab中 1", max_size=60))
@_MORE
def test_markdown_takes_away_marks_only(text: str) -> None:
    assert [character for character in strip_markdown(text) if character.isalnum()] == [
        character for character in text if character.isalnum()
    ]


@given(text=_ANY, language=st.sampled_from(["zh", "en", "ja", "ko"]))
@_MORE
def test_no_digit_is_left_to_the_voice(text: str, language: str) -> None:
    prepared = _prepare(text, language)
    if prepared is not None:
        assert not any(
            character in "0123456789"
            for run in prepared.runs
            if run.language.startswith(language)
            for character in run.text
        )


@given(text=_ANY)
@_MORE
def test_the_billed_count_ignores_form_controls_and_outer_space(text: str) -> None:
    characters = count_characters(text)
    assert characters == count_characters(f" \n{text}\t")
    assert characters == count_characters(unicodedata.normalize("NFD", text))
    assert characters == count_characters("\x00".join(text))
    assert characters <= len(unicodedata.normalize("NFC", text))


_MARKS = st.text(st.characters(categories=["P", "S", "Z", "C", "Me"]), max_size=80).filter(
    lambda text: not any(map(str.isalnum, unicodedata.normalize("NFKC", text)))
)


@given(text=_MARKS)
@_MORE
def test_marks_alone_are_nothing_to_speak(text: str) -> None:
    assert _prepare(text) is None
