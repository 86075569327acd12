"""What is written in the project's own code."""

import ast
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def strings_matching(wanted: Callable[[str], bool], folder: str) -> set[str]:
    """Every string constant below the folders of this name in `accounts` and `tts` that is `wanted`."""
    paths = [path for app in ("accounts", "tts") for path in (ROOT / app / folder).rglob("*.py")]
    return {
        node.value
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and wanted(node.value)
    }
