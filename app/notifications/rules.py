"""The kinds of messages and how urgent each is, in one table; when a mail goes, and which refusals are about an address. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.access import Actor, Permission

HOURS = range(6, 21)  # in Amsterdam, at which a digest may go
USUAL_HOUR = 9  # of who chose none: after the reminders of eight o'clock


class Mode(StrEnum):
    """How somebody wants to hear of what its organisation is told."""

    DIGEST = "digest"  # once a day; what is urgent at once
    AT_ONCE = "at once"
    NONE = "none"  # only what is essential


class Unsent(StrEnum):
    """Why a message left by no mail of its own."""

    NO_ADDRESS = "no address"
    BOUNCED = "bounced"
    MUTED = "muted"
    IN_DIGEST = "in digest"


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: who may see its subject, whether it waits for no digest, and whether nobody can be rid of it.

    A sealed kind holds a link or code that opens something: the portal shows the message without it, and `nobody` sees some.
    """

    permission: Permission | None = None
    is_urgent: bool = False
    is_essential: bool = False
    is_sealed: bool = False
    is_hidden: bool = False


_P = Permission
# Essential is what has a term, binds in law or keeps misuse from passing unseen; the rest can be had otherwise.
KINDS: dict[str, MessageKind] = {
    "accounts.access_asked": MessageKind(_P.MANAGE_PEOPLE, is_urgent=True),
    "accounts.access_code": MessageKind(is_urgent=True, is_essential=True, is_sealed=True, is_hidden=True),
    "accounts.admitted": MessageKind(is_urgent=True, is_essential=True),
    "accounts.asked": MessageKind(is_urgent=True, is_essential=True),
    "accounts.bounced": MessageKind(_P.MANAGE_PEOPLE, is_urgent=True),
    "accounts.changed": MessageKind(is_urgent=True, is_essential=True),
    "accounts.forgotten": MessageKind(is_urgent=True, is_essential=True, is_sealed=True),
    "accounts.invited": MessageKind(is_urgent=True, is_essential=True, is_sealed=True),
    "accounts.reset": MessageKind(is_urgent=True, is_essential=True, is_sealed=True),
    "accounts.role_given": MessageKind(_P.MANAGE_PEOPLE, is_urgent=True, is_essential=True),
    "accounts.signup_asked": MessageKind(_P.ADMIT_CREDITORS, is_urgent=True),
    "accounts.signup_refused": MessageKind(is_urgent=True, is_essential=True),
    "audit.head": MessageKind(_P.READ_AUDIT, is_urgent=True, is_essential=True),
    "balances.answered_by_code": MessageKind(_P.READ_BALANCES, is_urgent=True, is_essential=True),
    "balances.asked": MessageKind(_P.READ_BALANCES, is_essential=True),
    "balances.asks_the_bank": MessageKind(_P.ASK_BALANCES),
    "balances.decided": MessageKind(_P.READ_BALANCES, is_essential=True),
    "balances.reminder": MessageKind(_P.READ_BALANCES, is_urgent=True),
    "commitments.check_failed": MessageKind(_P.WORK_RELATIONS),
    "commitments.made": MessageKind(_P.READ_RELATIONS, is_urgent=True, is_essential=True),
    "commitments.not_kept": MessageKind(_P.READ_RELATIONS, is_essential=True),
    "complaints.added": MessageKind(_P.TRIAGE_COMPLAINTS),
    "complaints.addressed": MessageKind(_P.ANSWER_COMPLAINTS, is_urgent=True, is_essential=True),
    "complaints.answered": MessageKind(_P.TRIAGE_COMPLAINTS),
    "complaints.asked": MessageKind(_P.TRIAGE_COMPLAINTS, is_urgent=True),
    "complaints.named": MessageKind(_P.ANSWER_COMPLAINTS, is_urgent=True),
    "complaints.naming": MessageKind(_P.TRIAGE_COMPLAINTS),
    "complaints.outcome": MessageKind(_P.REPORT_COMPLAINTS),
    "complaints.outcome_by_link": MessageKind(is_urgent=True, is_essential=True),
    "complaints.pattern": MessageKind(_P.TRIAGE_COMPLAINTS),
    "complaints.received": MessageKind(_P.REPORT_COMPLAINTS),
    "complaints.received_by_link": MessageKind(is_urgent=True, is_essential=True),
    "complaints.reminder": MessageKind(_P.ANSWER_COMPLAINTS, is_urgent=True),
    "complaints.reopened": MessageKind(_P.TRIAGE_COMPLAINTS),
    "complaints.reopened_for_you": MessageKind(_P.REPORT_COMPLAINTS),
    "complaints.reopened_for_you_by_link": MessageKind(is_urgent=True, is_essential=True),
    "complaints.replied": MessageKind(_P.ANSWER_COMPLAINTS, is_urgent=True, is_essential=True),
    "complaints.reported": MessageKind(_P.TRIAGE_COMPLAINTS),
    "complaints.term": MessageKind(_P.ANSWER_COMPLAINTS, is_urgent=True, is_essential=True),
    "complaints.urgent": MessageKind(_P.TRIAGE_COMPLAINTS, is_urgent=True),
    "consents.expiring": MessageKind(_P.READ_CONSENTS),
    "consents.signed": MessageKind(_P.READ_CONSENTS, is_urgent=True, is_essential=True),
    "consents.withdrawn": MessageKind(_P.READ_CONSENTS, is_urgent=True, is_essential=True),
    "early_signals.feedback": MessageKind(_P.REPORT_SIGNALS),
    "early_signals.late": MessageKind(_P.FOLLOW_SIGNALS, is_urgent=True),
    "early_signals.withdrawn": MessageKind(_P.FOLLOW_SIGNALS, is_urgent=True),
    "meetings.cancelled": MessageKind(_P.READ_RELATIONS, is_urgent=True, is_essential=True),
    "meetings.changed": MessageKind(_P.READ_RELATIONS, is_urgent=True, is_essential=True),
    "meetings.minuted": MessageKind(_P.READ_RELATIONS),
    "meetings.planned": MessageKind(_P.READ_RELATIONS, is_urgent=True, is_essential=True),
    "offers.answered_by_code": MessageKind(_P.READ_OFFERS, is_urgent=True, is_essential=True),
    "offers.asks_the_bank": MessageKind(_P.SETTLE_PROPOSALS),
    "offers.new_code": MessageKind(_P.READ_OFFERS, is_urgent=True, is_essential=True),
    "offers.clock_started": MessageKind(_P.READ_OFFERS, is_urgent=True, is_essential=True),
    "offers.clock_stopped": MessageKind(_P.READ_OFFERS),
    "offers.reminder": MessageKind(_P.READ_OFFERS, is_urgent=True),
    "offers.taken_back": MessageKind(_P.READ_OFFERS, is_urgent=True),
    "pauses.asks_the_bank": MessageKind(_P.SEND_NOTICES),
    "pauses.breach": MessageKind(_P.SEND_NOTICES, is_urgent=True),
    "pauses.ended": MessageKind(_P.READ_NOTICES, is_essential=True),
    "pauses.reminder": MessageKind(_P.READ_NOTICES, is_urgent=True),
    "pauses.sent": MessageKind(_P.READ_NOTICES, is_urgent=True, is_essential=True),
    "practices.due": MessageKind(_P.READ_PRACTICES),
    "practices.late": MessageKind(_P.READ_PRACTICES),
    "practices.questioned": MessageKind(_P.READ_PRACTICES),
    "practices.reopened": MessageKind(_P.READ_PRACTICES, is_urgent=True),
    "practices.replied": MessageKind(_P.REVIEW_PRACTICES),
    "practices.submitted": MessageKind(_P.REVIEW_PRACTICES),
    "proposals.agreed": MessageKind(_P.READ_OFFERS, is_essential=True),
    "proposals.asked_again": MessageKind(_P.READ_OFFERS, is_urgent=True, is_essential=True),
    "proposals.issued": MessageKind(_P.READ_OFFERS, is_essential=True),
    "proposals.withdrawn": MessageKind(_P.READ_OFFERS, is_essential=True),
}
PLAIN = MessageKind()  # what the table does not name yet can wait and be done without


def kind_of(code: str) -> MessageKind:
    """Return the kind of a message."""
    return KINDS.get(code, PLAIN)


def essential_codes() -> list[str]:
    """Return the kinds of which nobody can be rid."""
    return sorted(code for code, kind in KINDS.items() if kind.is_essential)


def unseen_codes(actor: Actor) -> list[str]:
    """Return the kinds that an actor does not see, because it may not see their subject or because nobody does."""
    return sorted(code for code, kind in KINDS.items() if kind.is_hidden or (kind.permission and not actor.may(kind.permission)))


def mailbox_codes() -> list[str]:
    """Return the kinds that a shared mailbox of a creditor or agent may be spared."""
    theirs = {_P.READ_OFFERS, _P.READ_CONSENTS, _P.READ_PRACTICES, _P.READ_BALANCES, _P.READ_NOTICES, _P.REPORT_SIGNALS}
    return sorted(code for code, kind in KINDS.items() if kind.permission in theirs and not kind.is_essential)


def subject_of(code: str) -> str:
    """Return the subject under which people choose a kind of message: what stands before its point."""
    return code.partition(".")[0]


def subjects_for(actor: Actor) -> list[str]:
    """Return the subjects of which somebody may be spared mail: it sees something of them that is not essential."""
    unseen = set(unseen_codes(actor))
    return sorted({subject_of(code) for code, kind in KINDS.items() if code not in unseen and not kind.is_essential})


@dataclass(frozen=True)
class Wish:
    """What somebody chose: how, at which hour in Amsterdam a digest goes, and of which subjects it is spared what is not essential."""

    mode: Mode = Mode.DIGEST
    hour: int = USUAL_HOUR
    muted: frozenset[str] = frozenset()

    def spares(self, code: str) -> bool:
        """Tell whether somebody with this wish is mailed nothing of this kind."""
        return subject_of(code) in self.muted and not kind_of(code).is_essential

    def spared_codes(self) -> list[str]:
        """Return the kinds of which somebody with this wish is mailed nothing."""
        return sorted(code for code in KINDS if self.spares(code))


def goes_at_once(kind: MessageKind, wish: Wish) -> bool:
    """Tell whether somebody with this wish is mailed a message of its organisation at once."""
    if wish.mode is Mode.AT_ONCE:
        return True
    return kind.is_urgent and (kind.is_essential or wish.mode is Mode.DIGEST)


def why_not_now(kind: MessageKind, wish: Wish) -> Unsent | None:
    """Say why a message to somebody personally does not leave at once; None when it does. What is essential never waits."""
    if kind.is_essential or goes_at_once(kind, wish):
        return None
    return Unsent.MUTED if wish.mode is Mode.NONE else Unsent.IN_DIGEST


def last_hour(here: datetime, hour: int) -> datetime:
    """Return the last moment at or before `here` (a moment in Amsterdam) at which a clock there showed this full hour."""
    moment = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    return moment if moment <= here else (moment - timedelta(days=1)).replace(hour=hour)


# ── refusals ─────────────────────────────────────────────────────────────────

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
NO_SUCH_ADDRESS = {521, 550, 551, 553, 556}  # replies of RFC 5321 and 7504 that are about a mailbox or its domain


def status_of(reply: int, words: str) -> str:
    """Return the enhanced status of a reply (RFC 3463), or `5.0.0` for one without it that is about the mailbox."""
    if found := _ENHANCED.search(words):
        return found[0]
    return "5.0.0" if reply in NO_SUCH_ADDRESS else f"{reply // 100}.5.0"


def refuses_address(status: str) -> bool:
    """Tell whether a status says for good that there is no such address: other undefined, addressing, or mailbox (RFC 3463, 3).

    A refusal for policy or security (5.7.x), protocol or a system in trouble is about the mail or the way, not about the address.
    """
    found = _ENHANCED.fullmatch(status.strip())
    return found is not None and found[1] == "5" and (found[2] in {"0", "1", "2"} or found[0] == "5.4.4")
