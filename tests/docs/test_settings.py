"""docs/settings.md against the code that reads the environment."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "settings.md"
READERS = ("platform/voxgate", "tts", "accounts")
NAME = re.compile(r"(VOXGATE|TTS|DATABASE|REDIS)_[A-Z][A-Z_]*")
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def documented() -> dict[str, str]:
    """Name → default, as the page shows it."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert len(rows) == len({name for name, *_ in rows}), "a variable has two rows"
    return {name: default for name, _, default, _ in rows}


def reads(tree: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """(name, default) of each look-up of an environment variable by a literal name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            names = [position for position, part in enumerate(node.args) if _name(part)]
            for position in names:
                rest = node.args[position + 1 :]
                yield _name(node.args[position]), rest[0] if rest else None
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _name(node.slice):
            yield _name(node.slice), None


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
        return node.value.removesuffix("_FILE")
    return ""


def read_by_code() -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for folder in READERS:
        for path in (ROOT / folder).rglob("*.py"):
            for name, default in reads(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault(name, []).extend([default] if default is not None else [])
    return found


def shown(default: ast.expr) -> str | None:
    """A literal default as the page writes it; None for what is computed from something else."""
    match default:
        case ast.Constant(value=bool() as value):
            return f"`{str(value).lower()}`"
        case ast.Constant(value=int() | float() as value):
            return f"`{int(value) if value == int(value) else value}`"
        case ast.Constant(value=str() as value):
            return f"`{value}`" if value else "none"
        case ast.List(elts=[]) | ast.Dict(keys=[]):
            return "none"
        case ast.List(elts=parts):
            return "`" + ",".join(ast.literal_eval(part) for part in parts) + "`"
        case ast.BinOp(op=ast.Mult()):
            return f"`{_product(default)}`"
    return None


def _product(node: ast.expr) -> int:
    if isinstance(node, ast.BinOp):
        return _product(node.left) * _product(node.right)
    return int(ast.literal_eval(node))


def test_every_variable_is_documented_and_nothing_else() -> None:
    in_code, on_page = set(read_by_code()), set(documented())
    assert len(in_code) > 30
    assert in_code - on_page == set(), "missing from docs/settings.md"
    assert on_page - in_code == set(), "read by nothing"


@pytest.mark.parametrize("name", sorted(documented()))
def test_the_documented_default_is_the_one_of_the_code(name: str) -> None:
    told = documented()[name]
    literal = {text for default in read_by_code()[name] if (text := shown(default)) is not None}
    # An empty string means that something computed stands in; the page tells what.
    for text in literal - {"none"}:
        assert told.startswith(text), f"the code says {text}, the page {told}"


def test_the_reader_sees_each_way_of_reading() -> None:
    source = 'env.int("VOXGATE_A", 3); _number(environment, "VOXGATE_B", 7860); os.environ["TTS_C_FILE"]'
    assert [name for name, _ in reads(ast.parse(source))] == ["VOXGATE_A", "VOXGATE_B", "TTS_C"]
