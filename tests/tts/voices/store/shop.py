"""A voices directory, its publisher, and stores between the two."""

from collections.abc import Mapping
from pathlib import Path

from tests.tts.voices.store.published import catalogue_of, download, entry, publish, tone_pair
from tests.tts.voices.store.publisher import QUICK, Publisher
from tts.voices.store.catalogue import Catalogue
from tts.voices.store.download import Downloader
from tts.voices.store.mirror import parse_mirror
from tts.voices.store.voice_store import VoiceStore

PAIR = ["v.onnx", "v.onnx.json"]


class Shop:
    """A voices directory, its publisher, and stores between the two."""

    def __init__(self, root: Path, publisher: Publisher) -> None:
        self.root = root
        self.voices = root / "voices"
        self.starters = root / "starters"
        self.publisher = publisher
        self.entries: list[Mapping[str, object]] = []
        self.installed_at = 1234.5

    @property
    def store(self) -> VoiceStore:
        return VoiceStore(
            self.voices,
            catalogue_of(self.root, *self.entries) if self.entries else Catalogue(),
            mirror=parse_mirror([self.publisher.url]),
            downloader=Downloader(patience=QUICK, sleep=lambda _: None),
            starters=self.starters,
            allow_fixture=True,
            now=lambda: self.installed_at,
        )

    def offer_pair(self, name: str = "v", **options: object) -> Mapping[str, bytes]:
        files = tone_pair(self.root / "published", name, **options)
        publish(self.publisher, files)
        self.entries.append(entry(name, [download(data, file) for file, data in files.items()]))
        return files

    def offer(self, content: bytes, members: list[str], *, name: str = "v", **changes: object) -> None:
        publish(self.publisher, {f"{name}.tar.bz2": content})
        parts = download(content, f"{name}.tar.bz2", folder="top", members=members)
        self.entries.append(entry(name, [parts], **changes))

    def names(self) -> list[str]:
        """Files where workers look."""
        found = (path.relative_to(self.voices) for path in self.voices.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if path.parts[0] != ".store")

    def rests(self) -> list[str]:
        """What lies about in the store beside records."""
        store = self.voices / ".store"
        return sorted(
            str(path.relative_to(store))
            for path in store.rglob("*")
            if path.is_file() and path.name != "lock" and path.parent.name != "records"
        )
