"""Every text of ours has a Chinese one, and the compiled catalogue says what the readable one says."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "platform" / "voxgate" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def entries() -> dict[str, str]:
    """Message to translation, of what xgettext and msgfmt agree on; plurals have one form in Chinese."""
    found = {}
    for block in CATALOGUE.read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        keyword = ""
        for line in block.splitlines():
            if line.startswith("#"):
                assert "fuzzy" not in line, block
                continue
            head, _, rest = line.partition(" ") if not line.startswith('"') else (keyword, "", line)
            keyword = head
            parts[keyword] = parts.get(keyword, "") + ast.literal_eval(STRING.findall(rest)[0])
        found[parts["msgid"]] = parts.get("msgstr", parts.get("msgstr[0]", ""))
    return found


def texts_in_code() -> Iterator[tuple[Path, str]]:
    for top in ("accounts", "tts", "platform/voxgate"):
        for path in (ROOT / top).rglob("*.py"):
            yield from ((path, text) for text in texts_of(path.read_text(encoding="utf-8")))


def texts_in_templates() -> Iterator[tuple[Path, str]]:
    for path in (ROOT / "templates").rglob("*.html"):
        # Django's own tool for this: it turns a template into calls that gettext's tools can read.
        code = templatize(path.read_text(encoding="utf-8"))
        for quoted in re.findall(r"""gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")[,)]""", code):
            yield path, ast.literal_eval(quoted)
        for quoted in re.findall(r""" _\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""", code):
            yield path, ast.literal_eval(quoted)


def texts_of(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def test_every_text_is_translated() -> None:
    translated = {message for message, translation in entries().items() if translation}
    used = [*texts_in_code(), *texts_in_templates()]
    missing = sorted({f"{path.relative_to(ROOT)}: {text!r}" for path, text in used if text not in translated})

    assert len(used) > 150
    assert missing == [], "see the head of the .po file for how to add them"


def test_no_translation_has_lost_its_text() -> None:
    used = {text for _path, text in (*texts_in_code(), *texts_in_templates())}

    assert sorted(set(entries()) - used - {""}) == []


def test_translations_keep_their_placeholders() -> None:
    placeholders = re.compile(r"%\(\w+\)[sd]")
    wrong = [
        message
        for message, translation in entries().items()
        if sorted(placeholders.findall(message)) != sorted(placeholders.findall(translation))
    ]

    assert wrong == []


def test_the_compiled_catalogue_is_the_readable_one() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    # `_catalog` holds plural messages as (message, form).
    messages = {
        key if isinstance(key, str) else key[0]: text
        for key, text in compiled._catalog.items()  # type: ignore[attr-defined]  # no public way to list them
    }

    assert messages == entries(), "compile it: the head of the .po file says how"
