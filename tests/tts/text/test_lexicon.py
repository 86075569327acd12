import time
from random import Random

import pytest

from tts.text import Run, prepare
from tts.text.insets import Insets
from tts.text.lexicon import (
    MAX_ENTRIES,
    EntryProblem,
    Kind,
    Lexicon,
    LexiconEntry,
    Match,
    entry_problems,
    max_added,
    unknown_symbols,
)


def said(text: str, *entries: LexiconEntry, language: str | None = None) -> str:
    return prepare(text, language=language, lexicon=Lexicon(1, entries)).normalized


def exact(written: str, spoken: str) -> LexiconEntry:
    return LexiconEntry(written, spoken, match=Match.EXACT)


SQL = LexiconEntry("SQL", "sequel")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("用SQL查", "用sequel查"),
        ("Use sql here.", "Use sequel here."),
        ("MySQL and SQLite and SQL2", "MySQL and SQLite and SQL two"),
        ("NoSQL", "NoSQL"),
        ("(SQL)", "(sequel)"),
        ("SQL's", "sequel's"),
        ("SQL_x", "SQL x"),
        ("ＳＱＬ", "sequel"),
        ("SQL\u0301 now", "SQĹ now"),
        ("Le SQLé", "Le SQLé"),
    ],
)
def test_a_word_is_not_replaced_inside_a_longer_one(text: str, expected: str) -> None:
    assert said(text, SQL) == expected


def test_an_exact_form_is_replaced_anywhere_in_the_same_case_only() -> None:
    assert said("MySQL mysql", exact("SQL", "sequel")) == "Mysequel mysql"


def test_case_is_minded_where_an_entry_says_so() -> None:
    polish = LexiconEntry("Polish", "Poe-lish", case_sensitive=True)
    assert said("Polish people polish it", polish) == "Poe-lish people polish it"


def test_chinese_words_need_no_space_around_them() -> None:
    assert said("我在重庆银行", LexiconEntry("重庆", "虫庆")) == "我在虫庆银行"


def test_words_end_where_the_script_changes() -> None:
    assert said("我用iOS系统", LexiconEntry("iOS", "爱欧艾斯")) == "我用爱欧艾斯系统"


def test_the_longest_form_wins_and_matches_do_not_overlap() -> None:
    entries = (
        exact("重", "A"),
        exact("重庆", "B"),
        exact("重庆市", "C"),
        exact("庆市长", "D"),
    )
    assert said("重重庆重庆市长", *entries, language="zh") == "ABC长"


def test_a_shorter_form_stands_in_where_the_longer_one_does_not_fit() -> None:
    assert said(
        "New Yorker in New York", LexiconEntry("New", "Nu"), LexiconEntry("New York", "Big Apple")
    ) == ("Nu Yorker in Big Apple")


def test_what_is_said_is_said_as_it_stands() -> None:
    assert said("甲是3/4", LexiconEntry("甲", "3/4, $5 & 50%")) == "3/4, $5 & 50%是四分之三"


def test_forms_may_hold_marks_and_digits_and_go_before_the_rules() -> None:
    entries = (
        exact("C++", "see plus plus"),
        LexiconEntry("24/7", "around the clock"),
        LexiconEntry("Yahoo!", "ya hoo"),
    )
    assert (
        said("C++ runs 24/7 at Yahoo! Inc", *entries) == "see plus plus runs around the clock at ya hoo Inc"
    )


def test_a_form_with_an_end_mark_does_not_end_the_sentence() -> None:
    prepared = prepare("我在Yahoo!上班。好。", lexicon=Lexicon(1, [LexiconEntry("Yahoo!", "雅虎")]))
    assert [sentence.text for sentence in prepared.sentences] == ["我在雅虎上班。", "好。"]


def test_a_language_limits_an_entry_to_text_in_it() -> None:
    chinese = LexiconEntry("行", "航", match=Match.EXACT, language="zh-CN")
    english = LexiconEntry("live", "lyve", language="en")
    assert said("银行。これは銀行行です。", chinese) == "银航。これは銀行行です。"
    assert said("他说live很好。A live show.", english) == "他说lyve很好。A lyve show."
    assert said("live", english, language="fr") == "live"
    assert said("live", english, LexiconEntry("live", "lif"), language="fr") == "lif"
    assert said("live", LexiconEntry("live", "lif"), english, language="en") == "lyve"


def test_phonemes_stay_beside_the_written_form() -> None:
    entry = LexiconEntry("Voxgate", "/vˈɒksɡeɪt/", Kind.PHONEMES)
    prepared = prepare("我们用Voxgate说话。", lexicon=Lexicon(1, [entry]))
    run = Run("en-US", "Voxgate", "vˈɒksɡeɪt")
    assert prepared.normalized == "我们用Voxgate说话。"
    assert prepared.runs == (Run("zh-CN", "我们用"), run, Run("zh-CN", "说话。"))
    (sentence,) = prepared.sentences
    assert sentence.runs == prepared.runs
    assert prepared.steps == ()


def test_phonemes_are_decomposed_and_in_the_language_of_their_entry() -> None:
    entry = LexiconEntry("Peña", "pˈe\u00f5 ɲa", Kind.PHONEMES, language="es")
    prepared = prepare("Peña", language="es", lexicon=Lexicon(1, [entry]))
    assert prepared.runs == (Run("es", "Peña", "pˈeo\u0303 ɲa"),)


def test_phonemes_are_weighed_as_what_they_stand_for() -> None:
    entry = LexiconEntry("大" * 20, "da", Kind.PHONEMES, match=Match.EXACT)
    prepared = prepare("大" * 100, lexicon=Lexicon(1, [entry]))
    assert [len(sentence.text) for sentence in prepared.sentences] == [60, 40]
    assert "".join(sentence.text for sentence in prepared.sentences) == "大" * 100


def test_a_sentence_of_nothing_but_dictionary_forms_is_spoken() -> None:
    entries = (LexiconEntry("你好", "ni hau", Kind.PHONEMES), LexiconEntry("再见", "拜拜"))
    prepared = prepare("你好。再见。", lexicon=Lexicon(1, entries))
    assert [(s.text, s.language) for s in prepared.sentences] == [("你好。", "zh-CN"), ("拜拜。", "zh-CN")]


def test_the_preview_shows_what_was_replaced() -> None:
    (step,) = prepare("用SQL查", lexicon=Lexicon(1, [SQL])).steps
    assert (step.rule, step.before, step.after) == ("lexicon", "用SQL查", "用sequel查")


def test_without_normalization_the_dictionary_still_holds() -> None:
    prepared = prepare("SQL 3/4", normalize=False, lexicon=Lexicon(1, [SQL]))
    assert prepared.normalized == "sequel 3/4"


def test_switched_off_it_does_nothing() -> None:
    assert prepare("SQL", lexicon=Lexicon(1, [SQL]), off=frozenset({"lexicon"})).normalized == "SQL"


def test_an_empty_dictionary_does_nothing() -> None:
    empty = Lexicon(1, [])
    assert not empty
    assert prepare("SQL", lexicon=empty).normalized == "SQL"
    assert empty.apply("SQL", Insets(), lambda index: "en") == "SQL"


def test_substitutions_cannot_kill_espeak() -> None:
    hostile = LexiconEntry("x", "s'" * 80)
    assert said("x", hostile).count("'") == 2
    assert all(len(word) <= 40 for word in said("x", LexiconEntry("x", "a" * 200)).split())


@pytest.mark.parametrize("length", [10, 800, 20_000])
def test_substitutions_add_no_more_than_a_text_may_grow(length: int) -> None:
    added = len(said("好" * length, exact("好", "坏" * 200))) - length
    assert max_added(length) - 200 < added <= max_added(length)


def test_a_text_may_grow_with_its_length_and_a_short_one_by_a_few_long_entries() -> None:
    assert [max_added(length) for length in (1, 500, 800, 20_000)] == [1000, 1000, 1600, 40_000]


def test_what_would_add_too_much_stays_and_what_comes_after_it_may_still_fit() -> None:
    grown = said("甲" * 20 + "乙", exact("甲", "好" * 200), exact("乙", "丙"))
    assert grown == "好" * 1000 + "甲" * 15 + "丙"


@pytest.mark.parametrize(
    ("entry", "problems"),
    [
        (LexiconEntry("a", "b"), {}),
        (LexiconEntry("", "b"), {"written": EntryProblem.EMPTY}),
        (LexiconEntry("\u200b\U0001f600", "b"), {"written": EntryProblem.EMPTY}),
        (LexiconEntry("a" * 101, "b"), {"written": EntryProblem.TOO_LONG}),
        (LexiconEntry("a\nb", "b"), {"written": EntryProblem.LINE_BREAK}),
        (LexiconEntry("a", ""), {"spoken": EntryProblem.UNSPEAKABLE}),
        (LexiconEntry("a", "…!"), {"spoken": EntryProblem.UNSPEAKABLE}),
        (LexiconEntry("a", "b" * 201), {"spoken": EntryProblem.TOO_LONG}),
        (LexiconEntry("a", "b", language="中文"), {"language": EntryProblem.UNKNOWN_LANGUAGE}),
        (LexiconEntry("a", "ˈe\u0303ɪ t͡ʃ", Kind.PHONEMES), {}),
        (LexiconEntry("a", "ni2χˈɑu2", Kind.PHONEMES), {}),
        (LexiconEntry("a", "A!", Kind.PHONEMES), {"spoken": EntryProblem.UNKNOWN_SYMBOL}),
        (LexiconEntry("a", "ˈˌ", Kind.PHONEMES), {"spoken": EntryProblem.UNSPEAKABLE}),
        (LexiconEntry("a", "b\0c"), {"spoken": EntryProblem.CONTROL_CHARACTER}),
        (LexiconEntry("a", "b\nc"), {"spoken": EntryProblem.CONTROL_CHARACTER}),
        (LexiconEntry("a", "b\x85c"), {"spoken": EntryProblem.CONTROL_CHARACTER}),
        (LexiconEntry("a", "b\u2028c"), {"spoken": EntryProblem.CONTROL_CHARACTER}),
        (LexiconEntry("a", "b\ud800c"), {"spoken": EntryProblem.CONTROL_CHARACTER}),
        (LexiconEntry("a", " b\n"), {}),
        (LexiconEntry("a", "b\0", Kind.PHONEMES), {"spoken": EntryProblem.CONTROL_CHARACTER}),
        (LexiconEntry("a", " [b] ", Kind.PHONEMES), {}),
        (LexiconEntry("a", "/b/", Kind.PHONEMES), {}),
        (LexiconEntry("a", "[[b]]", Kind.PHONEMES), {"spoken": EntryProblem.UNKNOWN_SYMBOL}),
        (LexiconEntry("a", "/[b]/", Kind.PHONEMES), {"spoken": EntryProblem.UNKNOWN_SYMBOL}),
        (LexiconEntry("a", "[b", Kind.PHONEMES), {"spoken": EntryProblem.UNKNOWN_SYMBOL}),
        (LexiconEntry("→", "to", Kind.PHONEMES), {"written": EntryProblem.UNSPEAKABLE}),
    ],
)
def test_entries_that_cannot_be_used_are_found(
    entry: LexiconEntry, problems: dict[str, EntryProblem]
) -> None:
    assert entry_problems(entry) == problems


def test_unknown_symbols_are_named() -> None:
    assert unknown_symbols("/ˈAb!/") == ["!", "A"]


def test_entries_that_cannot_be_used_are_left_out() -> None:
    assert not Lexicon(1, [LexiconEntry("", "b"), LexiconEntry("a", "…")])
    assert not Lexicon(1, [LexiconEntry("a", "[[b]]", Kind.PHONEMES)])


def _seconds(lexicon: Lexicon, text: str) -> float:
    def once() -> float:
        start = time.process_time()
        lexicon.apply(text, Insets(), lambda index: "zh-CN")
        return time.process_time() - start

    return min(once() for _ in range(3))


def test_five_thousand_entries_cost_little_on_a_long_text() -> None:
    random = Random(1)
    han = [chr(code) for code in range(0x4E00, 0x5E00)]
    entries = [
        LexiconEntry("".join(random.choices(han, k=random.randint(1, 6))), "替换") for _ in range(MAX_ENTRIES)
    ]
    text = "".join(random.choices([*han, *"abcdef "], k=20_000))
    assert _seconds(Lexicon(1, entries), text) < 0.2


def test_hostile_entries_and_text_take_linear_time() -> None:
    # One form of every length, each nearly there at every place.
    lexicon = Lexicon(1, [exact("a" * length + "b", "x") for length in range(1, 100)])
    half, full = _seconds(lexicon, "a" * 10_000), _seconds(lexicon, "a" * 20_000)
    assert full < 2.0
    assert full < 3 * half + 0.05
