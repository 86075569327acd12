"""Texts that nobody sends by accident: generated from a seed, the same on every machine."""

import random
from collections.abc import Callable, Iterator, Sequence

MAX_CHARACTERS = 800

LENGTHS = (*(20,) * 24, *(50,) * 20, *(120,) * 5, MAX_CHARACTERS)
"""Most texts are cut short, so that a hundred thousand of them can be spoken in an hour or two."""

BLOCKS = (
    (0x00, 0x20),
    (0x20, 0x7F),
    (0x80, 0x250),
    (0x250, 0x370),
    (0x370, 0x530),
    (0x590, 0x800),
    (0x900, 0x1000),
    (0x1000, 0x1400),
    (0x2000, 0x2400),
    (0x2460, 0x2800),
    (0x3000, 0x3400),
    (0x4E00, 0x9FFF),
    (0xA000, 0xABFF),
    (0xAC00, 0xD7A4),
    (0xD800, 0xE000),
    (0xE000, 0xF900),
    (0xF900, 0x10000),
    (0x10000, 0x13000),
    (0x1D100, 0x1D800),
    (0x1F000, 0x1FB00),
    (0x20000, 0x20100),
    (0xE0000, 0xE0200),
)
"""Ranges of code points: the scripts espeak-ng has voices for, and what fonts, parsers and engines stumble on."""

FRAGMENTS = (
    *(
        "s'",
        "'s",
        "''",
        "...",
        "。。",
        "!?",
        "--",
        "——",
        "~",
        "…",
        "\n\n",
        "\t",
        "\u200d",
        "\u202e",
        "\ufeff",
        "\0",
    ),
    *(
        "\x0180S",
        "\x0199P",
        "[[h@loU]]",
        "[[",
        "]]",
        "(en)",
        "&#x0;",
        "&lt;",
        "<break time='9s'/>",
        "<speak>",
        "</speak>",
        "<![CDATA[",
        "<!--",
    ),
    *(
        "**",
        "```",
        "[a](b)",
        "|-|",
        "# ",
        "> ",
        "$1",
        "¥1,2",
        "1/0",
        "0/1",
        "1e9",
        "10^5",
        "½",
        "Ⅷ",
        "③",
        "-5℃",
    ),
    *(
        "1:2:3",
        "99:99",
        "2026-02-30",
        "13/13/13",
        "+86",
        "192.168.0.1",
        "http://",
        "a@b.c",
        "v1.2.3",
        "1.2.3.4.5",
    ),
    *(
        "%s%n",
        "{0}",
        "${x}",
        "\\u0000",
        "DROP TABLE",
        "e\u0301",
        "\u0301",
        "👨‍👩‍👧",
        "🇨🇳",
        "が",
        "한",
        "א",
        "ا",
        "ก็",
        "हिं",
    ),
    *(
        "Dr.",
        "e.g.",
        "No.",
        "st",
        "第",
        "百分之",
        "元/平方米",
        "零",
        "亿",
        "点",
        "年",
        "月",
        "日",
        "万",
        "℃",
        "㎡",
        "㍿",
    ),
)

Make = Callable[[random.Random], str]


def _characters(source: random.Random, count: int) -> str:
    start, end = source.choice(BLOCKS)
    return "".join(chr(source.randrange(start, end)) for _ in range(count))


def _mixture(source: random.Random) -> str:
    parts = []
    for _ in range(source.randint(1, 8)):
        parts.append(_characters(source, source.randint(0, 12)))
        parts.append(source.choice(FRAGMENTS) * source.choice((0, 1, 1, 2, 30)))
    return "".join(parts)


def _one_script(source: random.Random) -> str:
    """An unbroken word of one script: what made espeak-ng's Arabic voice abort."""
    return _characters(source, source.choice((1, 40, 41, 200, MAX_CHARACTERS)))


def _repeated(source: random.Random) -> str:
    unit = source.choice((source.choice(FRAGMENTS), _characters(source, source.randint(1, 3))))
    return unit * source.randint(1, MAX_CHARACTERS)


def _numbers(source: random.Random) -> str:
    alphabet = source.choice(
        ("0123456789", "0123456789.,", "0123456789:/-+", "0123456789%‰℃¥$eE^×*()", "零一二三百千万亿点")
    )
    return "".join(source.choice(alphabet) for _ in range(source.choice((3, 30, 300, MAX_CHARACTERS))))


def _fragments(source: random.Random) -> str:
    joiner = source.choice(("", " ", "，", "\n"))
    return joiner.join(source.choice(FRAGMENTS) for _ in range(source.randint(1, 120)))


def _nested(source: random.Random) -> str:
    opening, closing = source.choice(("()", "[]", "{}", "<>", "「」", "《》", "“”", "**", "__"))
    depth = source.randint(1, MAX_CHARACTERS // 2)
    return opening * depth + source.choice(FRAGMENTS) + closing * depth


def _words(source: random.Random) -> str:
    letters = source.choice(("aeioustrn'", "bcdfghjklmnpqrstvwxz", "AEIOU.", "aа", "ﬁﬂßſ"))
    return " ".join(
        "".join(source.choice(letters) for _ in range(source.choice((1, 3, 8, 45, 120))))
        for _ in range(source.randint(1, 20))
    )


MAKERS: Sequence[Make] = (_mixture, _one_script, _repeated, _numbers, _fragments, _nested, _words)


def hostile_texts(count: int, *, seed: int = 1) -> Iterator[str]:
    """`count` texts of at most `MAX_CHARACTERS` code points, lone surrogates and NULs among them."""
    for number in range(count):
        yield hostile_text(number, seed=seed)


def hostile_text(number: int, *, seed: int = 1) -> str:
    """Text `number` of `hostile_texts`, without making those before it."""
    source = random.Random(f"{seed}:{number}")
    return MAKERS[number % len(MAKERS)](source)[: source.choice(LENGTHS)]
