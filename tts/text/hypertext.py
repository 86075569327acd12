"""HTML that was pasted as text: tags are dropped, character references resolved."""

import re
from html import unescape

# Only what browsers know is taken for a tag, so that `<红楼梦>` and `a<b` stay.
_BLOCK = (
    "p|div|br|hr|h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|blockquote|pre|section|article|header|footer|nav"
    "|main|figure|figcaption|form|html|head|body|title"
)
_INLINE = (
    "a|abbr|b|big|button|center|cite|code|del|em|font|i|img|input|ins|kbd|label|mark|q|s|small|span|strike|strong"
    "|sub|sup|td|th|tt|u|var|video|audio|source|link|meta"
)
_ATTRIBUTE = (
    r"""[A-Za-z_:][A-Za-z0-9_:.-]{0,40}(?:\s?=\s?(?:"[^"<>]{0,500}"|'[^'<>]{0,500}'|[^\s"'<>=`]{1,200}))"""
)
_TAG = re.compile(
    rf"</?(?:(?P<block>{_BLOCK})|(?:{_INLINE}))(?:\s{{1,4}}{_ATTRIBUTE}){{0,12}}\s{{0,4}}/?>", re.IGNORECASE
)
_COMMENT = re.compile(r"<!--[^<>]{0,300}-->")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")


def strip_html(text: str) -> str:
    """`text` without HTML tags and comments; tags of blocks and line breaks become line feeds.

    Character references (`&amp;`, `&#39;`) become what they stand for, in one pass: `&amp;lt;` becomes `&lt;`.
    """
    if "<" in text:
        text = _TAG.sub(lambda match: "\n" if match["block"] else "", _COMMENT.sub("", text))
    if "&" in text:
        text = _REFERENCE.sub(lambda match: unescape(match[0]), text)
    return text
