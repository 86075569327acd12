"""The formats of usage files."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tts.exports.columns import Detail


class FileFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    NDJSON = "ndjson"


CONTENT_TYPES: dict[FileFormat, str] = {
    # RFC 4180, RFC 7111.
    FileFormat.CSV: "text/csv; charset=utf-8; header=present",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.NDJSON: "application/x-ndjson; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class FileName:
    """What a file is called; `owner` is a tenant's slug, or `all`."""

    owner: str
    first: date
    last: date
    detail: Detail
    file_format: FileFormat

    def __str__(self) -> str:
        return f"usage-{self.owner}-{self.first}-{self.last}-{self.detail}.{self.file_format}"
