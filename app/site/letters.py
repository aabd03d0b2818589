"""Find letters for the search: by their own reference, that of what they are about or its case, and by what kind of letter they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.cases.balance_access import requests_of_case
from app.documents.queries import found_documents
from app.proposals.offer_access import offers_of_case

KINDS = {
    "offer letter": _("Brief bij een betaalvoorstel"),
    "balance letter": _("Brief bij een saldoverzoek"),
    "standing consent": _("Akkoord vooraf"),
}
PAGES = {"offer letter": "offers.offer", "balance letter": "balances.balance", "standing consent": "consents.consent"}
VERSIONS = range(1, 51)  # of a consent, whose documents are found by the number of the consent


@dataclass(frozen=True)
class Letter:
    """A letter that was found, and the page on which it opens."""

    ref: str
    kind: str
    title: str
    created_at: datetime
    url: str


def reads_letters(actor: Actor) -> bool:
    """Tell whether an actor finds letters: who opens them, and who sees the offers that they are about."""
    return actor.may(Permission.READ_DOCUMENTS) or actor.may(Permission.READ_ALL_OFFERS)


def letters(session: Session, actor: Actor, q: str) -> Iterator[Letter]:
    """Yield the letters that fit what was typed, of what the actor sees itself, the newest first."""
    ref = q.upper()
    subjects = [f"{ref}.{version}" for version in VERSIONS]
    if actor.may(Permission.READ_CASES):
        subjects += [*offers_of_case(session, actor, ref), *requests_of_case(session, actor, ref)]
    kinds = [kind for kind, name in KINDS.items() if q.casefold() in str(name).casefold()]
    for one in found_documents(session, actor, ref, subjects, kinds):
        yield Letter(one.ref, str(KINDS[one.kind]), one.title, one.created_at, _page(actor, one.ref, one.kind, one.subject_ref))


def _page(actor: Actor, ref: str, kind: str, subject: str) -> str:
    """Return where a letter opens: itself, or for who reads no documents the page that names it."""
    if actor.may(Permission.READ_DOCUMENTS):
        return url_for("documents.document", ref=ref)
    return url_for(PAGES[kind], ref=subject.partition(".")[0])
