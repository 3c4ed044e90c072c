"""A hook of MkDocs: links from the documentation to other files of the project become plain text on the site.

Read in the project, such links lead somewhere; the site holds the documentation alone. What leads nowhere at all is
found by ``tests/spec/test_docs.py``.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

#: A fenced block, which is left as it is, or a link.
_FENCE_OR_LINK = re.compile(r"^```.*?^```$|(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", re.M | re.S)


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Called by MkDocs for each page."""
    home = posixpath.dirname(page.file.src_uri)

    def kept(match: re.Match[str]) -> str:
        text, link = match[1], match[2]
        leads_out = link is not None and posixpath.normpath(posixpath.join(home, link)).startswith("../")
        return text if leads_out else match[0]

    return _FENCE_OR_LINK.sub(kept, markdown)
