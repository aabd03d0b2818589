"""Text that a spreadsheet would take for a formula, and the apostrophe that keeps it text in a CSV file (OWASP, CSV injection)."""

MARKS = frozenset("=+-@\t\r\n＝＋－＠")
SKIPPED = "' \u00a0"  # spreadsheets look past these for the first mark


def neutral(text: str) -> str:
    """Return the text as a CSV file may hold it: with an apostrophe before it when it could become a formula."""
    return "'" + text if text.lstrip(SKIPPED)[:1] in MARKS and text.lstrip(SKIPPED) else text


def restored(cell: str) -> str:
    """Return the text that `neutral` was given: `restored(neutral(text)) == text` for every text."""
    return cell[1:] if cell[:1] == "'" and neutral(cell[1:]) != cell[1:] else cell
