"""Signs that have no place in a text, because nobody sees them and they change what is read; what a text is without them. Pure.

They are the control characters, halves of surrogate pairs, and the signs that turn the direction of what follows (U+202A to U+202E
and U+2066 to U+2069, known from CVE-2021-42574). A file that holds one is told so at the row; what people type loses them. Joiners
inside emoji and names in Arabic or Persian stay.
"""

import re

TURNING = "\u202a-\u202e\u2066-\u2069"
NEVER = f"\x7f-\x9f{TURNING}\ud800-\udfff\ufffe\uffff"
IN_A_LINE = re.compile(f"[\x00-\x1f{NEVER}]")
IN_LINES = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{NEVER}]")  # a text of several lines has line ends and tabs
_BREAKS = re.compile(r"[\t\r\n]+")


def legible(text: str, *, lines: bool = False) -> str:
    """Return a text without such signs; without `lines` a line end or tab is a space."""
    if text.isprintable():
        return text
    return IN_LINES.sub("", text if lines else _BREAKS.sub(" ", text))
