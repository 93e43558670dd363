"""Text that is safe to show anywhere: what would move a cursor, turn a line round or hide is written as an escape.

Names, exception texts and labels come from students. Terminals obey control characters, browsers and editors obey
bidirectional ones, and lone surrogates cannot be written at all.
"""

from __future__ import annotations

import unicodedata
from typing import Any

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, format (bidi, zero width), surrogate, private, separators
JOINERS = "\u200c\u200d"  # format characters that scripts and emoji need


def visible(text: str, keep: str = "") -> str:
    r"""`text` with control, bidirectional and other invisible characters as escapes (`\x1b`, `\u202e`).

    `keep` lists characters that stay as they are, such as "\n". Equal results mean equal texts but for backslashes.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or not _hidden(c) else _escape(c) for c in text)


def visible_tree(tree: Any) -> Any:
    """A tree of dicts and lists with every text in it made visible; line ends and tabs stay."""
    if isinstance(tree, str):
        return visible(tree, "\n\t")
    if isinstance(tree, dict):
        return {key: visible_tree(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [visible_tree(value) for value in tree]
    return tree


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN and character not in JOINERS


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
