import unicodedata
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tts.text import NothingToSpeak, PreparedText, count_characters, prepare
from tts.text.clean import clean

_WRITTEN = """
0 1 2 12 2026 14:30 1,234 3.14 -5 50 % ‰ ℃ °C ¥ $ € US$ RMB / : - ~ — … . , ! ? ; ， 。 ！ ？ ； ： ( ) “ ” " '
s' 's kg km/h m² ㎡ ½ ⁵ ^ + = × & @ # * _ www. http:// .com a@b.com v2.0 第 年 月 日 号 点 元 平方米 今天 好 两 Dr.
St. Mr. etc. p.m. May Main 1st COVID- iPhone hello U.S. の ひらがな 안녕 Привет مرحبا \u0300 \u200d \U0001f600
① Ⅳ ﬁ Ａ １ ％ \ufdfa 电话 比分
"""
_PIECES = st.sampled_from([*_WRITTEN.split(), " ", "\n", "\r", "\t", "\u3000", "\x00", "\x01", "\ud800"])
_COMPOSED = st.lists(_PIECES, max_size=40).map("".join)
_ANY = st.one_of(_COMPOSED, st.text(st.characters(), max_size=200))
_LANGUAGES = st.sampled_from([None, "zh-CN", "en-US", "en", "ja", "fr", "x", "!"])
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
    assert clean(clean(text)) == clean(text)


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
