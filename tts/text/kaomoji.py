"""Faces made of marks, `(≧▽≦)` and `^_^`: nothing is said for them, as for emoji.

They are found before other cleaning, which drops half of their signs and leaves the rest between two brackets.
"""

import re

# Letters that serve as eyes, mouths and cheeks; digits and other letters make the bracket text.
_LETTERS = "_๑づっつoOTQUuxXvwVωДσεツシヮノ一人益皿口ㅂᴗಠಥʕʔᴥʖーﾟﾉﾞ"
_INSIDE = rf"(?:[^\w\s()（）\[\]{{}}，。：！？、,%$¥€£+/&#\U000f0000-\U0010ffff]|[{_LETTERS}]| )"
# Two of these, or one that is nothing but a feature of faces, make one.
_SIGNS = "▽△∇ω﹏∀Д◡‿ヮ﹃ಠಥ◕≧≦•╥◉⊙ㅂ︿皿益ᴗ﹀°□´｀ツ￣˘｡・･❛✪ᴥ͜ʖˊˋ◠﹁╯ﾟ"
_FEATURES = "▽﹏Д‿ヮ﹃ಠಥ◕≧≦╥ㅂ︿益ᴗ﹀⌒"
_FACE_OF_SIGNS = (
    rf"(?:(?={_INSIDE}{{0,14}}[{_FEATURES}])(?={_INSIDE}{{3}})"
    rf"|(?={_INSIDE}{{0,4}}(?P<side>[^\w\s×·])[∇ω∀](?P=side))"
    rf"|(?={_INSIDE}{{0,12}}[{_SIGNS}]{_INSIDE}{{0,12}}[{_SIGNS}])){_INSIDE}{{2,16}}"
)
_EYES = r"\^[-_.oO]{0,3}\^|>[_.]{1,3}<|(?P<eye>[-=~@+*;])[_.]{1,3}(?P=eye)|[._]_[._]"
_LETTER_EYES = r"(?P<letter>[TQoOUu])_{1,3}(?P=letter)"
_FACE_OF_ASCII = rf"[*;=~'\" ]{{0,2}}(?:{_EYES}|(?<![A-Za-z0-9_][(（]){_LETTER_EYES})[*;=~'\" ]{{0,3}}"
_ARM_BEFORE = r"(?:[ヽヾ╭╮╰╯┌└＼\\¯٩ᕙლ୧щᕕ]{1,2}_?|(?<![A-Za-z])[od](?=[(（]))?"
_ARM_AFTER = (
    r"(?:[ノﾉゞゝヾヽづっシوง٩ᕗᕤ୨૭](?![\u3041-\u30fa])|[od](?![A-Za-z])"
    r"|_?/¯|[╯╮╭╰┐┘┌└︵┻━┸彡☆★✧♡♪~～⊃]| (?=[┻━])){0,8}"
)
_BRACKETED = re.compile(
    rf" ?{_ARM_BEFORE}(?:[(（](?:{_FACE_OF_SIGNS}|{_FACE_OF_ASCII}|ツ)[)）]|ʕ[^\s\w]?[^\s]{{1,6}}ʔ){_ARM_AFTER}"
)
_BARE = re.compile(
    rf" ?(?<![A-Za-z0-9_^<>=+*@.;~(（\[\"'`-])(?:{_EYES}|{_LETTER_EYES}|(?P<arrow>[→←])_(?P=arrow))"
    r"(?![A-Za-z0-9_^<>=+*@.~-])"
)

# As cleaning writes them later, when it is too late for a face.
_FULL_WIDTH = str.maketrans("＾＿＞＜＝－ＴｏＯ", "^_><=-ToO")


def drop_kaomoji(text: str) -> str:
    """`text` without faces in brackets and the common ones of ASCII. Linear in the length of `text`."""
    text = text.translate(_FULL_WIDTH) if not text.isascii() else text
    if "(" in text or "（" in text or "ʕ" in text:
        text = _BRACKETED.sub(_gap, text)
    return _BARE.sub(_gap, text) if "_" in text or "^" in text else text


def _gap(match: re.Match[str]) -> str:
    """A space where text goes on."""
    return " " if match.string[match.end() : match.end() + 1].isalnum() else ""
