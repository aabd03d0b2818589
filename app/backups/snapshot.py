"""What taking and placing a database's content tell each other. Pure."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Snapshot:
    """One moment of a database, as it was written into an archive."""

    database: str
    migration: str
    audit_sequence: int
    audit_hash: bytes
    rows: dict[str, int]
    columns: dict[str, list[str]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
