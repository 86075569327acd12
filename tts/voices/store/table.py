"""`voices list` for people: rows as lines of text."""

from collections.abc import Iterable, Iterator, Sequence

from tts.voices.language import language_family
from tts.voices.store.catalogue import CommercialUse
from tts.voices.store.installed import Row
from tts.voices.store.progress import human_bytes

SHOWN_IDS = 4
"""Ids of a model with more speakers are cut off here, unless all are asked for."""

COMMERCIAL_NOTES = {
    CommercialUse.YES: "",
    CommercialUse.NO: "not for commercial use",
    CommercialUse.UNCLEAR: "commercial use unclear",
}

_HEADER = ("  name", "state", "languages", "speaker", "size", "licence")


def table(rows: Sequence[Row], *, all_ids: bool = False) -> Iterator[str]:
    """A header and a line for each row; below it, where the name is no voice's id, the ids that are, then what is
    wrong and what to do about it."""
    cells = [_cells(row) for row in rows]
    widths = [max(len(row[column]) for row in [_HEADER, *cells]) for column in range(len(_HEADER) - 1)]
    yield _line(_HEADER, widths)
    for row, cell in zip(rows, cells, strict=True):
        yield _line(cell, widths)
        yield from (f"      {line}" for line in _ids(row, all_ids=all_ids))
        if row.problem:
            yield f"      {row.problem}{f': {row.advice}' if row.advice else ''}"


def of_language(rows: Iterable[Row], wanted: str) -> list[Row]:
    """Rows in the language `wanted`: `en` finds `en-GB` too, `en-GB` no other. Case and `_` do not matter."""
    asked = _subtags(wanted)
    return [row for row in rows if any(_subtags(tag)[: len(asked)] == asked for tag in row.languages)]


def languages_told(rows: Iterable[Row]) -> str:
    """The languages of `rows`, each once, in the order of their tags."""
    return ", ".join(sorted({tag for row in rows for tag in row.languages})) or "none"


def in_brackets(text: str) -> str:
    """` (text)`, or nothing for nothing."""
    return f" ({text})" if text else ""


def _subtags(tag: str) -> list[str]:
    return [language_family(tag), *tag.lower().replace("_", "-").split("-")[1:]]


def _cells(row: Row) -> tuple[str, ...]:
    return (
        f"{'*' if row.recommended else ' '} {row.name}",
        row.state,
        ", ".join(row.languages),
        row.gender or (f"{row.speakers} speakers" if row.speakers > 1 else ""),
        human_bytes(row.size_bytes) if row.size_bytes is not None else "?",
        f"{row.licence}{in_brackets(COMMERCIAL_NOTES[row.commercial_use] if row.in_catalogue else '')}",
    )


def _ids(row: Row, *, all_ids: bool) -> Iterator[str]:
    ids = row.voice_ids
    if ids in ((), (row.name,)):
        return
    if all_ids or len(ids) <= SHOWN_IDS:
        yield from ids
        return
    yield from ids[:SHOWN_IDS]
    yield f"… {len(ids) - SHOWN_IDS} more: `voices list {row.name}` shows all"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*padded, cells[-1]]).rstrip()
