"""Rules of the debt file. Pure: no database, no clock, no words."""

from enum import StrEnum


class Rank(StrEnum):
    """The rank of a claim (Fw 349(2), 57-59a, 358(4), 299a)."""

    PREFERENTIAL = "preferential"
    CONCURRENT = "concurrent"
    SECURED = "secured"
    EXCLUDED = "excluded"
