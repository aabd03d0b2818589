"""Rows for tests, each with sensible values of its own; the one file in which tests make things."""

from datetime import UTC, date, datetime

from app import db
from app.access import Actor, Kind, Role
from app.accounts.models import Membership, Person
from app.cases.models import Case, Claim
from app.cases.rules import Rank
from app.creditors.models import Mandate, Organisation

ROLE_OF = {
    Kind.CREDITOR: Role.CREDITOR_WORKER,
    Kind.AGENT: Role.AGENT_WORKER,
    Kind.BANK: Role.OFFICER,
    Kind.RELATIONS_TEAM: Role.RELATIONSHIP_MANAGER,
    Kind.NEIGHBOURHOOD_TEAM: Role.COUNSELLOR,
    Kind.CITY: Role.ADMINISTRATOR,
}
_names = iter(range(1, 10**9))


def save(*rows):
    """Add rows in one transaction and return them (or the one) as they were kept."""
    with db.transaction() as session:
        session.add_all(rows)
        session.flush()
        session.expunge_all()
    return rows[0] if len(rows) == 1 else rows


def organisation(kind=Kind.CREDITOR, **over):
    n = next(_names)
    values = {"kind": kind, "name": f"Organisatie {n}", "email": f"post{n}@organisatie.example"}
    if kind in {Kind.CREDITOR, Kind.AGENT}:
        values |= {"code": 5000 + n, "rank": "C", "branch": "water", "street": "Zeilstraat", "house_number": "1"}
        values |= {"postcode": "1028 BS", "city": "Amsterdam", "iban": "NL67TEST2486040197", "joined_on": date(2020, 1, 1)}
    return save(Organisation(**values | over))


def person(organisation, role=None, **over):
    n = next(_names)
    values = {"email": f"persoon{n}@organisatie.example", "name": f"Persoon {n}", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    made = save(Person(**values | over))
    role = role or ROLE_OF[organisation.kind]
    save(Membership(person_id=made.id, organisation_id=organisation.id, role=role, starts_on=date(2020, 1, 1)))
    return made


def actor(organisation, role=None, **over):
    """Somebody who acts for an organisation, without an account of its own unless `person_id` is given."""
    roles = frozenset({role or ROLE_OF[organisation.kind]})
    values = {"name": "Pieter Dros", "roles": roles, "kind": organisation.kind, "origin": "test"}
    return Actor(**values | {"organisation_id": organisation.id, "organisation_name": organisation.name} | over)


def mandate(agent, creditor, **over):
    return save(Mandate(**{"agent_id": agent.id, "creditor_id": creditor.id, "starts_on": date(2020, 1, 1)} | over))


def case(**over):
    n = next(_names)
    surname = over.get("surname", "Visser")
    values = {
        "ref": db.new_ref("D"), "relation_code": 700000 + n, "sequence": 1, "initials": "X.", "given_name": "Xander", "surname": surname,
        "surname_index": db.blind_index(surname), "birth_date": date(1987, 5, 2), "street": "Vlinderhof", "house_number": "33",
        "postcode": "1098 HJ", "city": "Amsterdam", "entrepreneur": False,
        "started_on": date(2026, 3, 2), "calculated_on": date(2026, 5, 12),
        "income_cents": 184200, "vtlb_cents": 165600, "extra_cents": 0, "team": "buurtteam Zuid", "settlement_known": True,
        "created_at": datetime(2026, 3, 2, tzinfo=UTC),
    }  # fmt: skip
    return save(Case(**values | over))


def claim(case, creditor, **over):
    n = next(_names)
    values = {"case_id": case.id, "number": n, "creditor_id": creditor.id, "reference": f"KL{n:08}", "rank": Rank.CONCURRENT}
    values |= {"reported_cents": 312764, "stated_cents": 312764, "stated_on": date(2026, 4, 20)}
    return save(Claim(**values | over))
