"""Every page: links lead somewhere, commands exist, the two READMEs tell the same."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
ABSENT = {"docker/secrets/", "tests/platform/"}
"""Folders that pages name and that do not exist: one is made by a command, the other must not be."""
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return FENCE.sub("", text)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_files_that_exist(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", without_code(read(name)))
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [target for target in local if not ((ROOT / name).parent / target).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_named_targets_and_files_exist(name: str) -> None:
    text = read(name)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"(?:`|^)(?:[A-Z_]+=\S+ )?make ([a-z-]+)", text, re.MULTILINE))
    assert used - targets == set()
    roots = r"(?:platform|tts|accounts|tests|examples|benchmarks|docker|requirements|templates)"
    paths = re.findall(rf"`({roots}/[\w./-]*)`", without_code(text))
    assert [path for path in paths if path not in ABSENT and not (ROOT / path).exists()] == []


def test_both_readmes_show_the_same_commands_and_lead_to_the_same_pages() -> None:
    english, chinese = read("README.md"), read("README.zh-CN.md")
    assert FENCE.findall(english) == FENCE.findall(chinese)

    def links(text: str) -> set[str]:
        return {link for link in re.findall(r"\]\(([^)]+)\)", text) if not link.startswith("README")}

    assert links(english) == links(chinese)
    assert len(re.findall("^## ", english, re.MULTILINE)) == len(re.findall("^## ", chinese, re.MULTILINE))


def test_every_variable_of_the_readme_is_a_setting() -> None:
    for name in ("README.md", "README.zh-CN.md", "docs/operations.md", "CONTRIBUTING.md"):
        used = set(re.findall(r"\b(?:VOXGATE_[A-Z_]*[A-Z]|TTS_TIMEOUT|DATABASE_URL|REDIS_URL)\b", read(name)))
        assert [word for word in used if f"`{word}`" not in read("docs/settings.md")] == []


def test_every_decision_is_listed_and_dated() -> None:
    folder = ROOT / "docs" / "adr"
    pages = sorted(path for path in folder.glob("0*.md"))
    listed = re.findall(r"\]\((0\d{3}-[\w-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == [page.name for page in pages]
    for page in pages:
        title, _, dated = page.read_text(encoding="utf-8").splitlines()[:3]
        assert title.startswith(f"# {page.name[:4]}: ")
        assert re.match(r"\d{4}-\d{2}-\d{2}, ", dated)
