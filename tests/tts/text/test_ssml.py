import contextlib
import time
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tts.text import NothingToSpeak, PreparedText, prepare
from tts.text.say_as import READINGS
from tts.text.script import Passage, SayAs, Script, Substitute
from tts.text.ssml import InvalidSsml, parse_ssml

SPEAK = "<speak>{}</speak>"


def spoken(inside: str, language: str | None = None) -> str:
    return prepare(parse_ssml(SPEAK.format(inside)), language=language).normalized


def heard(inside: str) -> PreparedText:
    return prepare(parse_ssml(SPEAK.format(inside)))


def test_a_document_becomes_passages_in_order() -> None:
    script = parse_ssml(
        '<speak xml:lang="zh-Hans">你好 <break time="500ms"/>'
        '<prosody rate="slow">慢 <lang xml:lang="en">slow</lang></prosody>'
        '<sub alias="乙">甲</sub><say-as interpret-as="date" format="mdy">2/3/2026</say-as><break time="1s"/></speak>'
    )
    assert script.passages == (
        Passage(("你好 ",)),
        Passage(("慢 ",), "", 0.7, 0.5),
        Passage(("slow",), "en-US", 0.7),
        Passage((Substitute("甲", "乙"), SayAs("2/3/2026", "date:mdy"))),
    )
    assert (script.language, script.break_after_seconds) == ("zh-CN", 1.0)
    assert script.written == "你好 慢 slow甲2/3/2026"
    assert script.spoken == "你好 慢 slow乙2/3/2026"


def test_tags_are_not_billed_and_layout_counts_as_one_space() -> None:
    script = parse_ssml('<speak>\n    你好，\n\t<prosody rate="fast">\n  世界\n</prosody>\n</speak>\n')
    assert script.characters == len("你好， 世界")


def test_plain_text_in_a_document_is_spoken_as_plain_text_is() -> None:
    text = "今天的温度是35℃，单价12,000元/平方米。It costs $3.50 on 5 May 2026."
    one, other = prepare(text), heard(text)
    assert (one.normalized, one.runs, one.characters) == (other.normalized, other.runs, other.characters)
    assert one.sentences == other.sentences


def test_a_break_parts_a_sentence_and_replaces_the_pause_of_punctuation() -> None:
    sentences = heard('你好<break time="2s"/>世界。<break time="300ms"/>再见。天亮了。').sentences
    assert [s.text for s in sentences] == ["你好", "世界。", "再见。", "天亮了。"]
    assert [s.break_before_seconds for s in sentences] == [0.0, 2.0, 0.3, 0.0]
    assert [s.pause_after_seconds for s in sentences] == [0.0, 0.0, 0.35, 0.0]


def test_breaks_at_the_ends_are_kept_and_neighbours_add_up() -> None:
    (sentence,) = heard('<break time="1s"/>你好<break time="1.5s"/> <break time="500ms"/>').sentences
    assert (sentence.break_before_seconds, sentence.break_after_seconds) == (1.0, 2.0)


def test_a_break_of_strength_none_takes_the_pause_away() -> None:
    first, second = heard('你好。<break strength="none"/>再见。').sentences
    assert (first.pause_after_seconds, second.break_before_seconds) == (0.0, 0.0)


def test_stronger_breaks_last_longer() -> None:
    lengths = [
        heard(f'a<break strength="{strength}"/>b').sentences[1].break_before_seconds
        for strength in ("none", "x-weak", "weak", "medium", "strong", "x-strong")
    ]
    assert all(one < two for one, two in pairwise(lengths))
    assert heard("a<break/>b").sentences[1].break_before_seconds == lengths[3]


def test_a_break_beside_what_is_silent_is_not_lost() -> None:
    sentences = heard(
        '你好<break time="1s"/>…<break time="1s"/>\U0001f600<prosody rate="slow">再见</prosody>'
    ).sentences
    assert [s.break_before_seconds for s in sentences] == [0.0, 2.0]


@pytest.mark.parametrize(
    ("rate", "factor"),
    [
        ("x-slow", 0.5),
        ("medium", 1.0),
        ("default", 1.0),
        ("x-fast", 2.0),
        ("80%", 0.8),
        ("1.2", 1.2),
        ("+25%", 1.25),
        ("-50%", 0.5),
        (" 100% ", 1.0),
        ("200%", 2.0),
    ],
)
def test_rates_are_factors(rate: str, factor: float) -> None:
    assert heard(f'<prosody rate="{rate}">你好</prosody>').sentences[0].rate == pytest.approx(factor)


def test_nested_rates_multiply_and_end_with_their_element() -> None:
    nested = '<prosody rate="50%">一<prosody rate="150%">二</prosody>三</prosody>四'
    assert [s.rate for s in heard(nested).sentences] == pytest.approx([0.5, 0.75, 0.5, 1.0])


def test_pieces_of_one_sentence_follow_each_other_with_the_pause_of_their_marks() -> None:
    sentences = heard(
        '今天<prosody rate="slow">很慢</prosody>，<lang xml:lang="en-US">very slow</lang>！'
    ).sentences
    assert [(s.text, s.pause_after_seconds) for s in sentences] == [
        ("今天", 0.0),
        ("很慢，", 0.15),
        ("very slow!", 0.0),
    ]


def test_a_language_holds_for_what_is_inside() -> None:
    sentences = heard('Bonjour <lang xml:lang="fr-FR">Bonjour 3</lang> hello').sentences
    assert [s.language for s in sentences] == ["en-US", "fr-FR", "en-US"]


@pytest.mark.parametrize(
    ("ssml", "language", "spoken_in"),
    [
        ('<speak xml:lang="fr-FR">Bonjour</speak>', None, "fr-FR"),
        ('<speak xml:lang="fr-FR">Bonjour</speak>', "de-DE", "fr-FR"),
        ("<speak>Bonjour</speak>", "de-DE", "de-DE"),
        # What many clients send with every document.
        (
            '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">你好</speak>',
            None,
            "zh-CN",
        ),
        ('<speak xml:lang="ja-JP">東京</speak>', None, "ja-JP"),
        ('<speak xml:lang="en-US">123</speak>', None, "en-US"),
    ],
)
def test_the_language_of_the_document(ssml: str, language: str | None, spoken_in: str) -> None:
    (sentence,) = prepare(parse_ssml(ssml), language=language).sentences
    assert sentence.language == spoken_in


@pytest.mark.parametrize(
    ("reading", "written", "chinese", "english"),
    [
        ("characters", "aB3-x", "A B 三 横杠 X", "A B three dash X"),
        ("spell-out", "中国", "中 国", "中 国"),
        ("digits", "2026-10", "二零二六，一零", "two zero two six, one zero"),
        ("telephone", "+86 10 110", "加八六，幺零，幺幺零", "plus eight six, one zero, one one zero"),
        ("cardinal", "1,234", "一千二百三十四", "one thousand two hundred thirty-four"),
        ("number", "-0012.50", "负十二点五零", "minus twelve point five zero"),
        (
            "cardinal",
            "13800138000",
            "一百三十八亿零一十三万八千",
            "thirteen billion eight hundred million one hundred thirty-eight thousand",
        ),
        ("ordinal", "21", "第二十一", "twenty-first"),
        ("ordinal", "3rd", "第三", "third"),
        ("fraction", "3/4", "四分之三", "three quarters"),
        ("date", "2026-02-03", "二零二六年二月三日", "February third, twenty twenty-six"),
        ("date", "20260203", "二零二六年二月三日", "February third, twenty twenty-six"),
        ("date:dmy", "2/3/2026", "二零二六年三月二日", "March second, twenty twenty-six"),
        ("date:mdy", "2/3/26", "二零二六年二月三日", "February third, twenty twenty-six"),
        ("date:md", "2/3", "二月三日", "February third"),
        ("date:my", "2/1999", "一九九九年二月", "February nineteen ninety-nine"),
        ("date:y", "1905", "一九零五年", "nineteen oh five"),
        ("time", "14:30", "十四点三十分", "fourteen thirty"),
        ("currency", "$12.50", "十二点五美元", "twelve dollars and fifty cents"),
        ("unit", "5kg", "五千克", "five kilograms"),
    ],
)
def test_what_say_as_names_is_read_that_way(reading: str, written: str, chinese: str, english: str) -> None:
    kind, _, form = reading.partition(":")
    element = (
        f'<say-as interpret-as="{kind}"' + (f' format="{form}"' if form else "") + f">{written}</say-as>"
    )
    assert spoken(f"好{element}") == f"好{chinese}"
    assert spoken(element, language="en") == english


def test_other_languages_get_digits_one_by_one_and_leave_numbers_to_their_voices() -> None:
    element = '<lang xml:lang="fr"><say-as interpret-as="{}">{}</say-as></lang>'
    assert spoken(element.format("telephone", "01 23")) == "0 1, 2 3"
    assert spoken(element.format("cardinal", "123")) == "123"
    assert spoken(element.format("date", "2026-02-03")) == "2026-02-03"


def test_no_rule_touches_what_was_said_to_be_said() -> None:
    assert spoken('用<sub alias="3/4 and 50% &amp; $5">甲</sub>，3/4') == "用3/4 and 50% & $5，四分之三"
    assert spoken('<sub alias="12:30">甲</sub>是12:30') == "12:30是十二点三十分"


def test_without_normalization_directions_still_hold() -> None:
    script = parse_ssml(
        SPEAK.format('3/4 <say-as interpret-as="cardinal">12</say-as><sub alias="乙">甲</sub>好')
    )
    assert prepare(script, normalize=False).normalized == "3/4 十二乙好"


def test_substitutes_are_seen_as_part_of_their_sentence() -> None:
    prepared = heard('我用<sub alias="结构化查询语言">SQL</sub>，很好。')
    assert [s.text for s in prepared.sentences] == ["我用结构化查询语言，很好。"]
    assert [run.language for run in prepared.runs] == ["zh-CN"]


def test_the_first_step_leads_from_the_document_to_its_text() -> None:
    ssml = SPEAK.format('<say-as interpret-as="cardinal">12</say-as> 和 3 个')
    steps = prepare(parse_ssml(ssml)).steps
    assert (steps[0].rule, steps[0].before, steps[0].after) == ("ssml", ssml, "12 和 3 个")
    assert "say-as" in {step.rule for step in steps}
    assert all(one.after == two.before for one, two in pairwise(steps))


def test_markup_of_other_kinds_is_text() -> None:
    assert "b" in spoken("a &lt;b&gt; c", language="en")
    assert spoken("1. *a*\n# b", language="fr") == "1. *a* # b"


def test_comments_say_nothing_and_cdata_is_text() -> None:
    assert spoken("你<!-- <break time='9s'/> -->好<![CDATA[<b>]]>") == spoken("你好&lt;b&gt;")


def test_private_use_characters_of_a_client_stand_for_nothing() -> None:
    forged = "".join(map(chr, (0xF0000, 0xF0001, 0xFFFFD, 0x100000, 0x100001, 0x10FFFD)))
    for inside in (forged, forged.encode("ascii", "xmlcharrefreplace").decode()):
        sub = '<sub alias="乙">甲</sub>'
        assert spoken(f"你{inside}好{sub}<break/>{inside}再见") == "你好乙再见"
    assert prepare(f"你{forged}好").normalized == "你好"
    # Decoded by what strips HTML, were that done to SSML.
    assert "乙乙" not in spoken('<sub alias="乙">甲</sub>&amp;#xF0000;好')


def test_a_document_without_words_is_nothing_to_speak() -> None:
    for inside in ("", "…", '<break time="1s"/>'):
        with pytest.raises(NothingToSpeak):
            heard(inside)


@pytest.mark.parametrize(
    "unit",
    [
        "<break/>",
        "<sub alias='b'>a</sub>",
        "<prosody rate='fast'>a</prosody>b",
        "<!-- -->",
        "&amp;",
        "a ",
        "<lang xml:lang='en'>",
        "<say-as interpret-as='cardinal'>1</say-as> ",
    ],
)
def test_reading_takes_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        ssml = SPEAK.format(unit * (length // len(unit)))
        started = time.process_time()
        with contextlib.suppress(InvalidSsml, NothingToSpeak):
            prepare(parse_ssml(ssml))
        return time.process_time() - started

    # A busy machine can spoil one comparison, not five.
    assert any(seconds(84_000) < 3 * seconds(42_000) + 0.05 for _ in range(5))


_TEXTS = st.lists(
    st.sampled_from([*"你好，。35%ab A.! \n", "&amp;", "&#x1F600;", "&#xF0000;"]), max_size=12
).map("".join)
_INSIDE = st.recursive(
    _TEXTS
    | st.sampled_from(['<break time="1s"/>', "<break/>", '<sub alias="乙 b">甲</sub>'])
    | st.sampled_from(sorted(READINGS)).map(
        lambda kind: (
            f"<say-as interpret-as='{kind}'>1</say-as>"
            if kind in ("digits", "characters", "cardinal", "ordinal", "number", "spell-out", "telephone")
            else ""
        )
    ),
    lambda inner: (
        st.lists(inner, max_size=4).map("".join)
        | st.tuples(
            st.sampled_from(["<prosody rate='90%'>{}</prosody>", "<lang xml:lang='en'>{}</lang>"]), inner
        ).map(lambda pair: pair[0].format(pair[1]))
    ),
    max_leaves=12,
)


@given(inside=_INSIDE, normalize=st.booleans())
@example(inside='，<break time="1s"/> 3', normalize=True)
@settings(max_examples=150, deadline=None)
def test_whatever_is_read_is_spoken_whole(inside: str, normalize: bool) -> None:
    try:
        script = parse_ssml(SPEAK.format(inside))
        prepared = prepare(script, normalize=normalize)
    except (InvalidSsml, NothingToSpeak):
        return
    squeezed = "".join(prepared.normalized.split())
    assert "".join("".join(s.text.split()) for s in prepared.sentences) == squeezed
    assert "".join(run.text for run in prepared.runs) == prepared.normalized
    for sentence in prepared.sentences:
        assert "".join(run.text for run in sentence.runs) == sentence.text
        assert any(map(str.isalnum, sentence.text))
    breaks = sum(s.break_before_seconds + s.break_after_seconds for s in prepared.sentences)
    asked = sum(p.break_before_seconds or 0.0 for p in script.passages) + (script.break_after_seconds or 0.0)
    assert breaks == pytest.approx(asked)
    assert all(one.after == two.before for one, two in pairwise(prepared.steps))


def test_a_script_need_not_come_from_ssml() -> None:
    script = Script(
        (
            Passage(("一", Substitute("x", ""), Substitute("x", "…"))),
            Passage(("二",), break_before_seconds=1.0),
        )
    )
    assert [s.text for s in prepare(script).sentences] == ["一", "二"]
