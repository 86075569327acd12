import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.text.zh.pinyin import INITIALS, NEUTRAL, Syllable, read_mandarin


def spelled(text: str, *, sandhi: bool) -> str:
    units = read_mandarin(text, sandhi=sandhi)
    return " ".join(
        f"{unit.spelled}{unit.tone}{'R' if unit.erhua else ''}" if isinstance(unit, Syllable) else unit
        for unit in units
    )


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("银行行长", "yin2 hang2 hang2 zhang3"),
        ("重庆", "chong2 qing4"),
        ("还要还钱", "hai2 yao4 huan2 qian2"),
        ("绿色旅游", "lv4 se4 lv3 you2"),
        ("的了吗", "de5 le5 ma5"),
        ("嗯", "en2"),
        ("你好，世界。", "ni3 hao3 ， shi4 jie4 。"),
        ("一个不是", "yi1 ge5 bu4 shi4"),
        ("慢慢地跑得快", "man4 man4 de5 pao3 de5 kuai4"),
    ],
)
def test_readings_are_those_of_the_dictionary(text: str, syllables: str) -> None:
    assert spelled(text, sandhi=False) == syllables


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("你好", "ni2 hao3"),
        ("展览馆", "zhan2 lan2 guan3"),
        ("我也想买", "wo2 ye3 xiang2 mai3"),
        ("好，好", "hao3 ， hao3"),
        ("一个", "yi2 ge5"),
        ("一定", "yi2 ding4"),
        ("一天", "yi4 tian1"),
        ("一起", "yi4 qi3"),
        ("第一", "di4 yi1"),
        ("十一月一日", "shi2 yi1 yue4 yi1 ri4"),
        ("星期一", "xing1 qi1 yi1"),
        ("看一看", f"kan4 yi{NEUTRAL} kan4"),
        ("不是", "bu2 shi4"),
        ("不好", "bu4 hao3"),
        ("不", "bu4"),
    ],
)
def test_tones_change_as_they_are_spoken(text: str, syllables: str) -> None:
    assert spelled(text, sandhi=True) == syllables


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("花儿", "hua1R"),
        ("玩儿吧", "wan2R ba5"),
        ("女儿", "nv3 er2"),
        ("幼儿园", "you4 er2 yuan2"),
        ("儿童", "er2 tong2"),
        ("小儿子", "xiao3 er2 zi5"),
        ("，儿", "， er2"),
    ],
)
def test_er_colours_the_syllable_before_it_unless_it_is_a_word(text: str, syllables: str) -> None:
    assert spelled(text, sandhi=False) == syllables


@pytest.mark.parametrize(
    ("text", "initial", "final"),
    [
        ("流", "l", "iou"),
        ("会", "h", "uei"),
        ("元", "", "van"),
        ("知", "zh", "i"),
        ("文", "", "uen"),
        ("绿", "l", "v"),
    ],
)
def test_finals_are_given_in_full(text: str, initial: str, final: str) -> None:
    (unit,) = read_mandarin(text, sandhi=False)
    assert isinstance(unit, Syllable)
    assert (unit.initial, unit.final) == (initial, final)


@pytest.mark.parametrize("text", ["", "iPhone 15!", "𠀀", "㐀", "こんにちは", "\u200b", "é"])
def test_what_has_no_reading_stays_character_by_character(text: str) -> None:
    units = read_mandarin(text, sandhi=True)
    assert len(units) == len(text)


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x9FFF), max_size=30), st.booleans())
def test_any_text_can_be_read(text: str, sandhi: bool) -> None:
    for unit in read_mandarin(text, sandhi=sandhi):
        if isinstance(unit, Syllable):
            assert 1 <= unit.tone <= NEUTRAL
            assert unit.initial in ("", *INITIALS)
            assert unit.final
        else:
            assert len(unit) == 1
