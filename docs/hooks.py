"""Of the documentation site: sections of README and CONTRIBUTING where a page asks for them, and notebooks as pages.

A line that is a link to a section, such as `[For students](../README.md#for-students)`, is replaced by that section,
without its heading, its links made to fit; one to the folder of the notebooks by all of them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SECTION = re.compile(r"^\[(.+)\]\(\.\./(README|CONTRIBUTING)\.md#[\w-]+\)$", re.MULTILINE)
NOTEBOOKS = re.compile(r"^\[.+\]\(\.\./notebooks\)$", re.MULTILINE)


def section(file: str, title: str) -> str:
    """The text below a heading, up to the next of the same level or above."""
    text = (ROOT / f"{file}.md").read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"{file}.md has no section {title}")
    body = re.sub(r"<!-- .*? -->\n", "", found[2])
    return re.sub(r"\]\(docs/", "](", body).replace("](CONTRIBUTING.md)", "](authors.md#add-an-exercise)")


def notebooks() -> str:
    """Every notebook as text: its explanations, and its exercises as they are handed out."""
    made = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                made.append(re.sub(r"^(#+ )", r"#\1", source, flags=re.MULTILINE))
            elif source.strip():
                made.append(f"```python\n{source}\n```")
    return "\n\n".join(made)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs for every page."""
    markdown = SECTION.sub(lambda m: section(m[2], m[1]), markdown)
    return NOTEBOOKS.sub(lambda _: notebooks(), markdown)
