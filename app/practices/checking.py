"""A file of collection-cost cases, each laid beside the statutory scale; the outcome is kept encrypted for a day, no case is lost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.service import record
from app.clock import now, today
from app.db import new_ref, transaction
from app.errors import NotFound, Refusal
from app.exchange import cells, uploads
from app.exchange.limits import LIMITS
from app.exchange.models import Upload, UploadFile
from app.exchange.sheets import Column, Flaw, Reading, Row, Sheet, open_sheet
from app.exchange.uploads import Incoming
from app.money import Cents, parse_amount
from app.practices.cost_rules import MOST_CLAIMS, CostCase, check_case
from app.signs import legible

UPLOAD = "cost check"
MOST_ROWS = 20_000
SHOWN = 100  # on the page; the file has all
NOTICE, PRINCIPALS, CHARGED = "Aanmaning ontvangen", "Hoofdsom", "Incassokosten"
EARLIER, EARLIER_COSTS = "Eerdere termijnen", "Eerdere kosten"
COLUMN_OF = {"received": NOTICE, "principals": PRINCIPALS, "charged": CHARGED, "earlier_principal": EARLIER}


class CostRow(NamedTuple):
    """One row as it was filled in; amounts in cents."""

    reference: str
    principals: tuple[Cents, ...]
    received: date | None
    charged: Cents
    vat: bool
    earlier_principal: Cents
    earlier_costs: Cents


def principals(text: str) -> tuple[Cents, ...]:
    """Read the claims of one notice, each on a line of its own or with a plus between them. Raises Refusal."""
    found = tuple(parse_amount(part) for part in text.replace("+", "\n").splitlines() if part.strip())
    if not found or len(found) > MOST_CLAIMS:
        raise Refusal("practices.no_principal", field="principals", most=MOST_CLAIMS)
    return found


SHEET: Sheet[CostRow] = Sheet(
    name=UPLOAD,
    of=CostRow,
    columns=(
        Column("Kenmerk", "reference", cells.text(60), default="", synonyms=("Referentie", "KlantnummerSE")),
        Column(PRINCIPALS, "principals", principals, required=True, synonyms=("Hoofdsommen",)),
        Column(NOTICE, "received", cells.day, synonyms=("Aanmaning", "Aanmaning ontvangen op", "Datum aanmaning")),
        Column(CHARGED, "charged", cells.amount(), required=True, synonyms=("Kosten",)),
        Column("Btw", "vat", cells.yes_no, default=False, synonyms=("Met btw",)),
        Column(EARLIER, "earlier_principal", cells.amount(), default=0),
        Column(EARLIER_COSTS, "earlier_costs", cells.amount(), default=0),
    ),
)


@dataclass(frozen=True)
class CheckedCase:
    """What became of one row: the outcome of the check, or why it could not be checked."""

    line: int
    cells: tuple[str, ...]
    reference: str = ""
    principal_cents: Cents = 0
    charged_cents: Cents = 0
    allowed_cents: Cents = 0
    excess_cents: Cents = 0
    payable_from: date | None = None
    flaws: tuple[Flaw, ...] = ()

    @property
    def is_checked(self) -> bool:
        return not self.flaws


@dataclass(frozen=True)
class CheckPage:
    """The outcome of one file: the cases with most charged too much first, then those that could not be checked."""

    ref: str
    name: str
    head: tuple[str, ...]
    unknown: tuple[str, ...]
    cases: tuple[CheckedCase, ...]

    @property
    def above(self) -> list[CheckedCase]:
        return sorted((case for case in self.cases if case.excess_cents), key=lambda case: (-case.excess_cents, case.line))

    @property
    def unchecked(self) -> list[CheckedCase]:
        return [case for case in self.cases if not case.is_checked]

    @property
    def within(self) -> int:
        return len(self.cases) - len(self.above) - len(self.unchecked)

    @property
    def excess_cents(self) -> Cents:
        return sum(case.excess_cents for case in self.cases)


def check_file(actor: Actor, file: Incoming) -> str:
    """Check every case of a file, keep the outcome for a day and return its reference. Raises Refusal for a file nobody can read."""
    actor.must(Permission.CHECK_COSTS)
    with open_sheet(SHEET, file.content, limits=replace(LIMITS, rows=MOST_ROWS)) as reading:
        cases = sorted(_checked(reading), key=lambda case: case.line)
        told = {"head": reading.head, "unknown": reading.unknown, "cases": [_plain(case) for case in cases]}
    if not cases:
        raise Refusal("exchange.empty_file")
    with transaction() as session:
        uploads.forget_old(session)
        upload = Upload(
            ref=new_ref("I"), kind=UPLOAD, person_id=actor.person_id, person_name=actor.name, organisation_id=actor.organisation_id,
            organisation_name=actor.organisation_name, rows=len(cases), outcome="[]", created_at=now(), done_at=now(),
        )  # fmt: skip
        session.add(upload)
        session.flush()
        content = json.dumps(told, ensure_ascii=False).encode()
        session.add(UploadFile(upload_id=upload.id, kind=UPLOAD, name=legible(file.name)[:200], content=content))
        record(session, actor, "costs:check", f"import/{upload.ref}", rows=(None, len(cases)))
        return upload.ref


def _checked(reading: Reading[CostRow]) -> Iterator[CheckedCase]:
    for row in reading:
        yield _check(row)
    for reject in reading.rejects:
        yield CheckedCase(reject.line, tuple(reject.cells), flaws=reject.flaws)


def _check(row: Row[CostRow]) -> CheckedCase:
    told = row.values
    case = CostCase(told.principals, told.charged, told.received, told.vat, told.earlier_principal, told.earlier_costs, told.reference)
    try:
        found = check_case(case, today())
    except Refusal as refusal:
        flaw = Flaw(COLUMN_OF.get(refusal.field or ""), refusal.code, refusal.facts)
        return CheckedCase(row.line, tuple(row.cells), told.reference, flaws=(flaw,))
    return CheckedCase(
        row.line, tuple(row.cells), told.reference, sum(told.principals), told.charged, found.allowed_cents, found.excess_cents,
        found.reckoning.payable_from,
    )  # fmt: skip


def check_page(session: Session, actor: Actor, ref: str) -> CheckPage:
    """Return the outcome of a file that somebody of the own organisation had checked today. Raises NotFound."""
    actor.must(Permission.CHECK_COSTS)
    upload = uploads.visible_upload(session, actor, UPLOAD, ref)
    file = session.scalar(select(UploadFile).where(UploadFile.upload_id == upload.id, UploadFile.kind == UPLOAD))
    if file is None:
        raise NotFound
    told = json.loads(file.content)
    return CheckPage(ref, file.name, tuple(told["head"]), tuple(told["unknown"]), tuple(_case(case) for case in told["cases"]))


def _plain(case: CheckedCase) -> dict[str, Any]:
    day = case.payable_from.isoformat() if case.payable_from else None
    return vars(case) | {"payable_from": day, "flaws": [(f.column, f.code, {k: str(v) for k, v in f.facts.items()}) for f in case.flaws]}


def _case(told: dict[str, Any]) -> CheckedCase:
    day = date.fromisoformat(told["payable_from"]) if told["payable_from"] else None
    flaws = tuple(Flaw(*flaw) for flaw in told["flaws"])
    return CheckedCase(**told | {"cells": tuple(told["cells"]), "payable_from": day, "flaws": flaws})
