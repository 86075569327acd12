import pytest

from tts.text import NothingToSpeak, prepare
from tts.text.kaomoji import drop_kaomoji

_FACES = [
    *(
        "(≧▽≦)",
        "(^_^)",
        "(*^▽^*)",
        "(^^)",
        "(T_T)",
        "(>_<)",
        "(-_-)",
        "(=_=)",
        "(´・ω・`)",
        "（￣▽￣）",
        "(｡･ω･｡)",
    ),
    *(
        "(づ｡◕‿‿◕｡)づ",
        "ヽ(✿ﾟ▽ﾟ)ノ",
        "(ಥ_ಥ)",
        "(╥﹏╥)",
        "(╯°□°)╯",
        "ʕ•ᴥ•ʔ",
        "(๑•̀ㅂ•́)و",
        "(・∀・)",
        "o(*￣▽￣*)o",
    ),
    *("¯\\_(ツ)_/¯", "^_^", "T_T", ">_<", "-_-", "（＾＿＾）", "＞＿＜"),
]


@pytest.mark.parametrize("face", _FACES)
def test_nothing_is_left_of_a_face(face: str) -> None:
    assert drop_kaomoji(f"好{face}") == "好"


@pytest.mark.parametrize("face", _FACES)
def test_a_face_between_words_parts_them(face: str) -> None:
    assert drop_kaomoji(f"好{face}，好 {face} 好") == "好，好 好"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "(a+b)",
            "(笑)",
            "(°C)",
            "(ω)",
            "(ω=2π)",
            "(∀x∈R)",
            "(∇×F)",
            "(2-3)",
            "(-5)",
            "(…)",
            "(——)",
            "(*)",
            "(+)",
        ),
        *(
            "(ツアー)",
            "（含税）",
            "f(o_o)",
            "my_T_T",
            "T_TYPE",
            "x^2",
            "2^^3",
            "a>_b",
            "a_b",
            "A-_-B",
            "()",
            "(  )",
        ),
    ],
)
def test_what_only_looks_like_a_face_stays(text: str) -> None:
    assert drop_kaomoji(text) == text


def test_faces_can_be_left_to_the_rules() -> None:
    assert prepare("好(≧▽≦)").normalized == "好"
    assert prepare("好(≧▽≦)", off=frozenset({"kaomoji"})).normalized != "好"


def test_a_face_alone_is_nothing_to_speak() -> None:
    with pytest.raises(NothingToSpeak):
        prepare("(T_T)")
