"""Rules of the register: which mandates may stand beside each other. Pure: no database, no clock, no words."""

import re
from collections.abc import Iterable
from datetime import date

from app.access import Kind
from app.errors import Refusal

WKI_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-/]{2,19}")
Period = tuple[date, date | None]


def mandate(agent: Kind, creditor: Kind, period: Period, others: Iterable[Period]) -> None:
    """Check a new mandate: an agent acts for a creditor, once at a time, and it ends on or after its first day. Raises Refusal."""
    starts_on, ends_on = period
    if agent is not Kind.AGENT:
        raise Refusal("creditors.not_an_agent", field="agent")
    if creditor is not Kind.CREDITOR:
        raise Refusal("creditors.not_a_creditor", field="creditor")
    if ends_on is not None and ends_on < starts_on:
        raise Refusal("creditors.mandate_ends_before_start", field="ends_on")
    if any(overlap(period, other) for other in others):
        raise Refusal("creditors.mandate_overlaps", field="starts_on")


def wki(kind: Kind, number: str, *, is_bailiff: bool) -> None:
    """Check a number in the register of collection agencies (Wki 4): of an agent that is no bailiff. Raises Refusal."""
    if kind is not Kind.AGENT:
        raise Refusal("creditors.not_an_agent", field="wki_number")
    if is_bailiff:
        raise Refusal("creditors.wki_exempt", field="wki_number")
    if number and not WKI_NUMBER.fullmatch(number):
        raise Refusal("creditors.wki_unreadable", field="wki_number")


def overlap(one: Period, other: Period) -> bool:
    """Tell whether two periods share a day; without a last day they go on."""
    return one[0] <= (other[1] or date.max) and other[0] <= (one[1] or date.max)


def is_in_force(period: Period, today: date) -> bool:
    """Tell whether a mandate counts today: from its first day up to and including its last."""
    return period[0] <= today <= (period[1] or date.max)


def last_day(period: Period, ends_on: date, today: date) -> date:
    """Check the last day of a mandate that is being ended: yesterday at the earliest, so that it stops at once. Raises Refusal.

    A last day that stands is never moved back: an agent would give itself longer sight of the creditor's offers.
    """
    starts_on, ended = period
    if ended is not None and ended < today:
        raise Refusal("creditors.mandate_ended")
    if ended is not None and ends_on > ended:
        raise Refusal("creditors.mandate_ends_sooner", field="ends_on")
    if ends_on < starts_on:
        raise Refusal("creditors.mandate_ends_before_start", field="ends_on")
    if (today - ends_on).days > 1:
        raise Refusal("creditors.ends_in_past", field="ends_on")
    return ends_on
