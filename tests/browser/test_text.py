"""What the page computes by itself agrees with the server's own code."""

from tests.browser.visitor import Visitor
from tts.text.count import count_characters

CALLED = """async ([name, calls]) => {
  const module = await import("/static/tts/web/text.js");
  return calls.map((values) => module[name](...values));
}"""

TEXTS = [
    "",
    " \t\r\n ",
    "今天的温度是35℃!!!",
    "a\r\nb",
    "\x00\x01a\x7f\x85b\x9f",
    "\x1c a \x1f",
    "e\u0301 \u212b \ufb01",
    "\u1100\u1161\u11a8",
    "👩‍👩‍👧‍👦 👍🏽 🇨🇳",
    "\ud800a\udc00",
    "\ufeff a \ufeff",
    "\u00a0\u1680\u2000\u2009\u202f\u205f\u3000字\u2028\u2029",
    "\u180e a \u200b",
    "a" + "\u0301" * 40,
]


CHANGES = [
    ("温度是35℃!", "温度是三十五摄氏度!", ("35℃", "三十五摄氏度")),
    ("on 3 May", "on May third", ("3 May", "May third")),
    ("see Dr. Lee", "see Doctor Lee", ("Dr.", "Doctor")),
    ("it's 9:30.", "it's nine thirty.", ("9:30", "nine thirty")),
    ("a!!!", "a!", ("a!!!", "a!")),
    ("same", "same", ("", "")),
    ("", "new", ("", "new")),
    ("😀a", "a", ("😀", "")),
    ("10:10 and 10:10", "ten ten and ten ten", ("10:10 and 10:10", "ten ten and ten ten")),
]


def test_characters_are_counted_as_the_server_counts(visitor: Visitor) -> None:
    counted = visitor.opens().evaluate(CALLED, ["countCharacters", [[text] for text in TEXTS]])
    assert counted == [count_characters(text) for text in TEXTS]


def test_a_step_shows_what_it_changed(visitor: Visitor) -> None:
    calls = [[before, after] for before, after, _ in CHANGES]
    spans = visitor.opens().evaluate(CALLED, ["changedSpan", calls])
    assert [(span["from"], span["to"]) for span in spans] == [span for *_, span in CHANGES]


def test_a_file_name_holds_harmless_characters_only(visitor: Visitor) -> None:
    names = {
        'inline; filename="voxgate-1.wav"': "voxgate-1.wav",
        "attachment; filename=plain.mp3": "plain.mp3",
        'inline; filename="../../etc/passwd"': "_.._etc_passwd",
        'inline; filename="a\u202egpj.exe"': "a_gpj.exe",
        "inline": "",
        "": "",
    }
    called = CALLED.replace("text.js", "api.js")
    assert visitor.opens().evaluate(called, ["fileNameOf", [[header] for header in names]]) == [
        *names.values()
    ]
