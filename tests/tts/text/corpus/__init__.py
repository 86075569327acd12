"""What people write and how it should be read: one file per feature.

A line holds the language given with the request (empty to have it detected), the text as written and the text as
spoken, parted by tabs; `\\n` stands for a line feed. Lines that start with `#` are comments.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_EAST_ASIAN = "\u3000-\u30ff\u3400-\u9fff\uff01-\uff65"
_UNHEARD_SPACE = re.compile(f" (?=[{_EAST_ASIAN}])|(?<=[{_EAST_ASIAN}]) ")


@dataclass(frozen=True, slots=True)
class Case:
    feature: str
    language: str
    written: str
    spoken: str

    @property
    def id(self) -> str:
        return f"{self.feature}:{self.written}"


def cases() -> list[Case]:
    found = []
    for path in sorted(Path(__file__).parent.glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                language, written, spoken = (field.replace("\\n", "\n") for field in line.split("\t"))
                found.append(Case(path.stem, language, written, spoken))
    return found


def heard(text: str) -> str:
    """`text` without the spaces next to East Asian characters, which no voice speaks."""
    return _UNHEARD_SPACE.sub("", text)
