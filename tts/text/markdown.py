"""Markdown that was sent as text: what is left is what a reader would say, and `- ` before items of a list.

Covers headings, emphasis, lists, quotes, links, images, code, tables, rules and footnotes of CommonMark and GitHub
Flavored Markdown, as far as they cannot be taken for arithmetic: `3*4*5` and `my_name` stay as they are.
"""

import re

_SIGNS = frozenset("*_`~[]#>|-=+\\•")
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,}) *(?P<info>[A-Za-z0-9+#.-][A-Za-z0-9+#. -]{0,40})?\Z")
_RULE = re.compile(r" {0,3}(?:(?:\* ?){3,}|(?:- ?){3,}|(?:_ ?){3,}|={3,})\Z")
_TABLE_RULE = re.compile(r" ?[|:][|: -]{1,500}\Z")
_HEADING = re.compile(r" {0,3}#{1,6} +(?=\S)")
_CLOSING = re.compile(r" #{1,6} ?\Z")
_QUOTE = re.compile(r" {0,3}(?:> {1,3}(?!\d|=))+")
_TASK = re.compile(r" {0,12}[-*+] \[[ xX]\] ")
_BULLET = re.compile(r" {0,12}(?:[-*•] {1,4}|\+ (?=[^\W\d]))(?=\S)")
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\([^()\s]{0,500}(?: \"[^\"\n]{0,200}\")?\)")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,300})\](?:\([^()\s]{0,500}(?: \"[^\"\n]{0,200}\")?\)|\[[^\[\]\n]{0,60}\])"
)
_FOOTNOTE = re.compile(r"\[\^[\w-]{1,40}\]:?")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,500})>")
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`) ?([^\n]{1,200}?) ?(?<!`)\1(?!`)")
_EMPHASIS = tuple(
    re.compile(rf"(?<![A-Za-z0-9*\\])\*{{{count}}}(?![\s*])([^*\n]{{1,1000}})(?<![\s\\])\*{{{count}}}(?!\*)")
    for count in (3, 1, 2)
)
_UNDERLINES = tuple(
    re.compile(
        rf"(?<![A-Za-z0-9_\\])_{{{count}}}(?![\s_])([^_\n]{{1,1000}})(?<![\s\\])_{{{count}}}(?![A-Za-z0-9_])"
    )
    for count in (3, 1, 2)
)
_STRUCK = re.compile(r"~~(?![\s~])([^~\n]{1,1000})(?<!\s)~~(?!~)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|~>-])")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_MIN_PIPES = 3


def strip_markdown(text: str) -> str:
    """`text` without the marks of Markdown; the cells of a table row are parted by commas, its rule is dropped."""
    if _SIGNS.isdisjoint(text):
        return text
    written = text.split("\n")
    fences = {number: fence for number, line in enumerate(written) if (fence := _FENCE.match(line))}
    last = max((number for number, fence in fences.items() if fence["info"] is None), default=-1)
    lines: list[str] = []
    is_code = False
    for number, line in enumerate(written):
        fence = fences.get(number)
        # A language is named where code begins, and only if it also ends: `~~~ok` alone is chat.
        if fence and (fence["info"] is None or (not is_code and number < last)):
            is_code = not is_code
        elif is_code:
            lines.append(line)
        elif not (_RULE.match(line) or ("-" in line and _TABLE_RULE.match(line))):
            lines.append(_inline(_block(line)))
    return "\n".join(lines)


def _block(line: str) -> str:
    """A line without the mark of its block."""
    line = _QUOTE.sub("", line, count=1) if line.lstrip(" ").startswith(">") else line
    if heading := _HEADING.match(line):
        return _CLOSING.sub("", line[heading.end() :])
    if line.lstrip(" ").startswith("|") and line.count("|") >= _MIN_PIPES:
        return _row(line)
    mark = _TASK.match(line) or _BULLET.match(line)
    return f"- {line[mark.end() :]}" if mark else line


def _row(line: str) -> str:
    cells = (cell.strip() for cell in line.split("|"))
    return ("，" if _EAST_ASIAN.search(line) else ", ").join(cell for cell in cells if cell)


def _inline(line: str) -> str:
    if _SIGNS.isdisjoint(line):
        return line
    line = _LINK.sub(r"\1", _FOOTNOTE.sub("", _IMAGE.sub(r"\1", line)))
    line = _CODE.sub(r"\2", _AUTOLINK.sub(r"\1", line))
    for pattern in (*_EMPHASIS, *_UNDERLINES, _STRUCK):
        line = pattern.sub(r"\1", line)
    return _ESCAPE.sub(r"\1", line)
