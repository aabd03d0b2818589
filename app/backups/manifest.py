"""What a backup says of itself: of which installation and moment it is, and how much it holds. Pure."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from app.errors import Refusal

NAME = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """The last member of an archive, with what was counted while it was written."""

    portal: str  # version
    made_at: str
    database: str  # sqlite or postgresql
    migration: str
    audit_sequence: int
    audit_hash: str
    rows: dict[str, int]
    columns: dict[str, list[str]] = field(default_factory=dict)  # PostgreSQL: of each table, as they were written
    sequences: dict[str, int] = field(default_factory=dict)
    documents: int = 0

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def parse(cls, text: bytes) -> "Manifest":
        """Read what `as_json` wrote. Raises Refusal when it tells what this version does not know."""
        values: dict[str, Any] = json.loads(text)
        if not values.keys() <= cls.__dataclass_fields__.keys():
            raise Refusal("backups.newer")
        return cls(**values)

    @property
    def all_rows(self) -> int:
        return sum(self.rows.values())
