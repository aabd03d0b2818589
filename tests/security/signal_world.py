"""Early signals in the world of the proofs: one of each creditor at each team, one taken back, one of which only a stub is left.

And of each creditor one that its agent sent in its name: ours still acts (`sent`), the mandate of theirs has ended (`parted`).
"""

from datetime import date

from app import db
from app.clock import now
from app.early_signals import following, mandates, service
from app.early_signals.models import Signal
from app.early_signals.rules import Attempt, AttemptKind, DayPart, Withdrawal
from app.exchange.models import Upload, UploadFile
from tests import factory

MISSING = {"signal": "E-2222-2222", "signals_upload": "I-2222-2227"}
POSTCODES = {"ours": ("team", "1071 AR"), "theirs": ("other team", "1091 AR")}


def add(things, places):
    """Add what each set of things has of early signals."""
    for owner, (team, postcode) in POSTCODES.items():
        who = {"surname": f"Gemeld {owner}", "house_number": "881", "postcode": postcode}
        signal = factory.signal(places[owner], reference=f"SIGNAAL-{owner}", **who)
        attempt = Attempt(AttemptKind.CARD, reached=False, on=date(2026, 6, 4), part=DayPart.MORNING)
        following.note_attempt(factory.actor(places[team]), signal.ref, attempt, 1)
        with db.transaction() as session:  # a page that stood open tells version 1
            session.query(Signal).filter_by(id=signal.id).update({"revision": 1})
        things[owner] |= {"signal": signal.ref, "signals_upload": _upload(places[owner])}
    things["sent"] = {"signal": _sent(places, "ours"), "signals_upload": _upload(places["ours"], places["agent"])}
    things["parted"] = {"signal": _sent(places, "theirs"), "signals_upload": _upload(places["theirs"], places["stranger"])}
    things["ended"] |= {"signal": _taken_back(places["ours"])}
    things["erased"] |= {"signal": _erased(places["ours"])}


def _sent(places, owner):
    """One that an agent sent; the mandate of theirs held then."""
    signal = factory.signal(places[owner], reference=f"VERZONDEN-{owner}", surname=f"Verzonden {owner}", postcode=POSTCODES[owner][1])
    agent = places["agent" if owner == "ours" else "stranger"]
    with db.transaction() as session:
        session.query(Signal).filter_by(id=signal.id).update({"agent_id": agent.id, "received_by": f"Persoon van {agent.name}"})
    return signal.ref


def _taken_back(creditor):
    signal = factory.signal(creditor, surname="Gemeld vroeger")
    service.withdraw_signal(factory.actor(creditor), signal.ref, Withdrawal.PAID)
    return signal.ref


def _erased(creditor):
    signal = factory.signal(creditor, surname="Gemeld ooit")
    with db.transaction() as session:
        session.query(Signal).filter_by(id=signal.id).update({"erased_on": date(2026, 6, 1), "surname": "", "reference": "gewist-1"})
    return signal.ref


def _upload(creditor, agent=None):
    """A file of one report that waits for a yes, of a creditor or its agent."""
    text = (
        "CodeEiser;Kenmerk;Datum;Achternaam;Huisnummer;Postcode;Achterstand;Soort\n"
        f"{creditor.code};NIEUW-{creditor.code};03-06-2026;Nieuwling;7;1071 AR;100,00;betalingsachterstand\n"
    )
    owner, kind = agent or creditor, mandates.upload_kind(creditor.code if agent else None)
    whose = {"person_name": "Ada", "organisation_id": owner.id, "organisation_name": owner.name}
    upload = factory.save(Upload(ref=db.new_ref("I"), kind=kind, rows=1, outcome="[]", created_at=now(), **whose))
    left = UploadFile(upload_id=upload.id, kind="signals", is_rejects=True, name="rejects.csv", content=b"Regel;Reden\n")
    factory.save(left, UploadFile(upload_id=upload.id, kind="signals", name="meldingen.csv", content=text.encode()))
    return upload.ref
