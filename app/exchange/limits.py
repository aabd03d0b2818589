"""How much a file may hold before it is refused, chosen so that the worst file stays within 512 MB and 10 seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bytes, counts and characters; a workbook is checked before and after unpacking."""

    size: int = 32 << 20  # bytes as they come in
    rows: int = 100_000
    columns: int = 200
    record: int = 1_000_000  # characters in one row
    entries: int = 1_000  # files inside a workbook
    unpacked: int = 100 << 20  # bytes of all files inside a workbook
    elements: int = 6_000_000  # XML elements in a workbook
    cells: int = 4_000_000  # rows times columns: the reader keeps the whole rectangle
    text: int = 50_000_000  # characters, counting a shared text as often as it is used


LIMITS = Limits()
