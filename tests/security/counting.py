"""How many cases each family of proofs ran: tests count, `make test` prints the sums at its end."""

import json
import os
from collections import Counter
from pathlib import Path

FILE = Path(__file__).parents[2] / "instance" / "proofs.jsonl"


def count(family: str, what: str, number: int = 1) -> None:
    """Add `number` cases to a family, such as `count("8 tokens", "forgeries refused", 64)`; safe from several processes at once."""
    line = json.dumps([family, what, number]) + "\n"
    FILE.parent.mkdir(exist_ok=True)
    handle = os.open(FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def sums() -> list[tuple[str, list[tuple[str, int]]]]:
    """Return the families in their order, each with its sums."""
    counted: dict[str, Counter[str]] = {}
    for line in FILE.read_text().splitlines() if FILE.exists() else []:
        family, what, number = json.loads(line)
        counted.setdefault(family, Counter())[what] += number
    return [(family, sorted(counted[family].items())) for family in sorted(counted, key=_place)]


def _place(family: str) -> tuple[int, str]:
    number = family.split(" ", 1)[0]
    return (int(number) if number.isdigit() else 99, family)


def main() -> None:
    """Print what was proved, a line for each family."""
    for family, numbers in sums():
        print(f"  {family}: " + ", ".join(f"{number:,} {what}" for what, number in numbers))  # noqa: T201 # this prints for a person


if __name__ == "__main__":
    main()
