"""Canaries: a marker of its own in every text that belongs to one organisation, and where each may sing.

Which columns those are is read from the tables themselves: a new column with text is seeded without anybody thinking of it, and a new
JSON column fails until somebody says here what goes into it.
"""

import json
import re
from itertools import count
from typing import NamedTuple

import sqlalchemy as sa

from app import db
from app.db import Base, EncryptedBytes, EncryptedDate, EncryptedText
from app.sealing import blind_index

# What the portal itself writes into a column, or compares it with: it has to stay as it is, and is a canary as it is when it is long.
FIXED = {"ref", "offer_ref", "subject_ref", "kind", "what", "code", "language", "rank", "percentage", "path", "sha256", "terms_hash", "key",
         "signed_with", "address", "team", "programme", "household", "fingerprint", "annual_rate", "fee_percentage"}  # fmt: skip
SECRETS = {"ref", "offer_ref", "subject_ref", "sha256", "terms_hash", "key", "code"}
SHAPES = {
    "sign_in.unsent": lambda mark: json.dumps({"path": "/offers", "fields": [["remark", mark]]}),
    "offer.draft": lambda mark: {"remark": mark, "question": mark},
    "offer_event.facts": lambda mark: {"reason": mark, "by": "by hand", "state": "accepted", "late": False},
    "job_progress.result": lambda mark: {"lines": [[mark, mark]], "path": "", "path_words": ""},
    "message.facts": lambda mark: {"offer": mark, "offers": mark, "number": "1", "reason": mark},
    "mailbox_choice.muted": None,  # kinds of messages
    "mail_choice.muted": None,
    "early_signal.confirmations": None,  # kinds of what a landlord did before
    "offer.remind_on": None,  # days
    "balance_request.draft": lambda mark: {"reference": mark, "obstacle_words": mark},
    "balance_request.remind_on": None,
    "pause_breach.handled_by": lambda _: None,  # nobody dealt with those of the world
    "balance_statement.decided_by": lambda _: None,  # nor decided about these
    "complaint_event.facts": lambda mark: {"to": mark},
    "agenda_item.facts": None,  # codes of what a point is about
    "notice.searched": None,  # which fields were searched, of a list
    "consent.clauses": None,  # limits and dates, which the non-interference of a creditor's pages proves
    "consent_assessment.rows": None,
    "creditor_month.figures": None,  # counts
}
_numbers = count(1)


class Place(NamedTuple):
    """Where a marker was put."""

    table: str
    column: str
    id: object

    def __str__(self):
        return f"{self.table}.{self.column}"


def mark():
    """Return the next marker: small letters and digits, so that it fits an address, a name and a search."""
    return f"zq{next(_numbers):04}x"


def rows_of(session, organisation_id, people, cases):
    """Yield table and key of every row that belongs to an organisation: by its tenant column, its people and its own cases."""
    own = {"organisation": [organisation_id], "person": people, "case_file": cases}
    for table in Base.metadata.sorted_tables:
        key = next(iter(table.primary_key.columns))
        tenant = table.info.get("tenant")
        if table.name == "audit_event":  # never changed: it holds what the others hold
            continue
        if tenant and tenant != "person_id":
            where = table.c[tenant] == organisation_id
        elif "person_id" in table.c:
            where = table.c.person_id.in_(people)
        else:
            where = key.in_(own.get(table.name, []))
        yield table, key, list(session.scalars(sa.select(key).where(where).order_by(key)))


def plant(organisation_id, people, cases):
    """Seed every text of an organisation and return the markers with the column that each stands in."""
    planted = {}
    with db.transaction() as session:
        for table, key, ids in rows_of(session, organisation_id, people, cases):
            for id_ in ids:
                values = {column.name: value for column in table.c if (value := _marked(column)) is not None}
                if "surname" in values:
                    values["surname_index"] = blind_index(values["surname"])
                if values:
                    session.execute(sa.update(table).where(key == id_).values(values))
                planted |= {found: Place(table.name, name, id_) for name, value in values.items() for found in _found_in(value)}
    return planted


def _found_in(value):
    if isinstance(value, dict):
        return {text for part in value.values() for text in _found_in(part)}
    if isinstance(value, list):
        return {text for part in value for text in _found_in(part)}
    return set(re.findall(r"zq\d{4}x", value)) if isinstance(value, str) else set()


def _marked(column):
    """Return what a column is seeded with; None for what holds no words of an organisation."""
    name = f"{column.table.name}.{column.name}"
    if isinstance(column.type, sa.JSON):
        shape = SHAPES[name]  # KeyError: say at SHAPES what goes into this new column
        return shape(mark()) if shape else None
    if name in SHAPES:
        return SHAPES[name](mark())
    if column.name in FIXED or column.primary_key or isinstance(column.type, sa.Enum | EncryptedDate | EncryptedBytes):
        return None
    if name == "person.totp_secret" or column.name in {"password_hash", "bsn", "outcome"}:
        return None
    if isinstance(column.type, EncryptedText):
        return mark()
    if not isinstance(column.type, sa.String) or (column.type.length or 99) < 8:
        return None
    return f"{mark()}@zq.example" if column.name.endswith("email") else mark()


def own_secrets(organisation_id, people, cases):
    """Return what the portal itself gave to an organisation alone, references, hashes and codes, and where each stands."""
    found = {}
    with db.reading() as session:
        for table, key, ids in rows_of(session, organisation_id, people, cases):
            texts = [column for column in table.c if column.name in SECRETS and isinstance(column.type, sa.String | EncryptedText)]
            for column in texts if table.name != "message" else ():  # whose code is its kind
                rows = session.execute(sa.select(key, column).where(key.in_(ids)))
                found |= {str(value): Place(table.name, column.name, id_) for id_, value in rows if value and len(str(value)) > 7}
    return found


def bsn(number):
    """Return a BSN of nine digits that passes its own check, and no other test's."""
    while True:
        digits = f"{number:09}"
        if sum(int(d) * w for d, w in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)) % 11 == 0:
            return digits
        number += 1
