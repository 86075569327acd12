"""Tables of tokens and their ids, in the forms that publishers use."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tts.voices.problems import VoiceCorrupt

MAX_TABLE_BYTES = 16 * 2**20
MAX_TOKENS = 200_000


@dataclass(frozen=True, slots=True)
class TokenTable:
    """Ids by token."""

    ids: Mapping[str, int]

    @property
    def size(self) -> int:
        """One more than the highest id."""
        return max(self.ids.values()) + 1

    def __contains__(self, token: object) -> bool:
        return token in self.ids

    def __getitem__(self, token: str) -> int:
        return self.ids[token]

    def known(self, tokens: Sequence[str]) -> list[int]:
        """The ids of those of `tokens` that are in the table."""
        return [self.ids[token] for token in tokens if token in self.ids]

    def with_aliases(self, aliases: Mapping[str, str]) -> "TokenTable":
        """With further tokens that mean the same as one of the table; those it has already stay."""
        extra = {alias: self.ids[token] for alias, token in aliases.items() if token in self.ids}
        return TokenTable({**extra, **self.ids})


def read_tokens(path: Path) -> TokenTable:
    """`tokens.txt` of k2 projects: a token and its id on each line. A line with the id alone is the space's.

    Of several ids for a token the first counts. Raises `VoiceCorrupt`.
    """
    ids: dict[str, int] = {}
    for number, line in lines_of(path):
        token, _, last = line.strip().rpartition(" ")
        if not last.isascii() or not last.isdigit():
            raise VoiceCorrupt(f"{path.name}, line {number}: expected a token and its id")
        ids.setdefault(token.strip() or " ", int(last))
    return _checked(ids, path)


def read_vocabulary(path: Path) -> TokenTable:
    """Ids from JSON: a plain object of them, or one at `vocab` (Kokoro's config.json) or `model.vocab`
    (tokenizer.json). Raises `VoiceCorrupt`."""
    try:
        values = json.loads(_read(path))
    except (ValueError, RecursionError) as problem:
        raise VoiceCorrupt(f"{path.name} is not JSON") from problem
    for key in ("model", "vocab"):
        if isinstance(values, dict) and isinstance(values.get(key), dict):
            values = values[key]
    if not isinstance(values, dict) or not all(_is_id(value) for value in values.values()):
        raise VoiceCorrupt(f"{path.name} holds no table of tokens and ids")
    return _checked(cast("dict[str, int]", values), path)


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines of a text file that are not blank, without their ends. Raises `VoiceCorrupt`."""
    try:
        text = _read(path).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise VoiceCorrupt(f"{path.name} is not UTF-8") from problem
    # `splitlines` would also break at characters that are tokens of some voices, such as U+2028.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def interleaved(ids: Sequence[int], blank: int) -> list[int]:
    """`blank` before, between and after `ids`."""
    spaced = [blank] * (2 * len(ids) + 1)
    spaced[1::2] = ids
    return spaced


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TABLE_BYTES + 1)
    except OSError as problem:
        raise VoiceCorrupt(f"{path.name} cannot be read: {problem.strerror}") from problem
    if len(data) > MAX_TABLE_BYTES:
        raise VoiceCorrupt(f"{path.name} is larger than {MAX_TABLE_BYTES} bytes")
    return data


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _checked(ids: dict[str, int], path: Path) -> TokenTable:
    if not ids:
        raise VoiceCorrupt(f"{path.name} holds no token")
    if max(ids.values()) >= MAX_TOKENS:
        raise VoiceCorrupt(f"{path.name} holds an id above {MAX_TOKENS}")
    return TokenTable(ids)
