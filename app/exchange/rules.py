"""What becomes of one row of a file of answers. Pure: no database, clock or words."""

from enum import StrEnum


class Fate(StrEnum):
    """What a row of a file of answers does, or did."""

    WAITS = "waits"  # it can be given, and waits for the yes
    DONE = "done"
    UNCHANGED = "unchanged"  # this very answer stands already
    EMPTY = "empty"  # nothing was filled in: left alone
    REFUSED = "refused"
