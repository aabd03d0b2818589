"""Load the demo once: the register, cases, people and consents, and some weeks that are played through the real use cases."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from app import clock
from app.access import SYSTEM, Role
from app.accounts.people import DEMO_SECRET, ensure_demo_people
from app.accounts.queries import actor_by_email
from app.accounts.totp import code_at
from app.cases.importing import import_cases
from app.cases.models import Case
from app.consents import service as consents
from app.consents.rules import OPEN_END, Clauses, Effect, Product
from app.consents.service import Signing, Terms
from app.creditors.importing import import_creditors
from app.creditors.models import Organisation
from app.creditors.service import add_mandate
from app.db import reading
from app.demo import samples
from app.demo.playing import Play
from app.demo.practices import report_practices, reported_year, write_on_and_compare
from app.relations.profile_counting import count_months

HISTORY = timedelta(days=56)  # how long ago the demo begins
CHANCE_OF_CONSENT = 2 / 3
OWN_CONSENT = 4100  # the creditor of the demo's sign-ins has one too, though it never joined


def people_only() -> int:
    """Make the organisations of the city and their people; return how many people are new."""
    return ensure_demo_people()


def is_seeded() -> bool:
    with reading() as session:
        return session.scalar(select(Case.id).limit(1)) is not None


def seed(today: date, until: datetime, work: Callable[[], None]) -> dict[str, int]:
    """Load everything and play the weeks up to `until`; return what there is then.

    `work` does what use cases enqueued; it is called at the end of each day. Leaves the clock at `until`.
    """
    chance = Random(20260604)  # noqa: S311 (a demo that is the same every time, no secret)
    first = today - HISTORY
    by = samples.shift(today)
    _at(date(reported_year(today), 3, 1))
    import_creditors(SYSTEM, samples.sample("creditors.csv", by))
    ensure_demo_people()
    report_practices(today)
    _at(first)
    import_cases(SYSTEM, samples.sample("aanvragen.csv", by), samples.sample("eisers.csv", by))
    let_agents_act(first)
    signed = sign_consents(chance)
    played = Play(chance, first, today, until, work).run()
    write_on_and_compare(today)
    work()
    count_months()
    return {"consents": signed, **played}


def _at(day: date, hour: int = 9, minute: int = 0) -> None:
    clock.start_at(datetime.combine(day, time(hour, minute), clock.AMSTERDAM))


def let_agents_act(first: date) -> None:
    """Let every agent act that the sample claims name."""
    with reading() as session:
        ids = {row[0]: row[1] for row in session.execute(select(Organisation.code, Organisation.id).order_by(Organisation.id))}
    for agent, creditor in sorted(samples.pairs("eisers.csv")):
        add_mandate(SYSTEM, ids[creditor], ids[agent], first - timedelta(days=365), None)


# ── consents ─────────────────────────────────────────────────────────────────


def sign_consents(chance: Random, share: float | None = None) -> int:
    """Sign a consent for about two thirds of the creditors that joined, or for a share of all; each with limits of its own."""
    creditors = _of_the_demo(chance) if share is None else [row for row in _creditors() if chance.random() < share]
    ensure_demo_people(tuple(_manager(row) for row in creditors if row.code != OWN_CONSENT))
    for row in creditors:
        _sign(chance, f"beheerder@{_domain(row)}")
    return len(creditors)


def _of_the_demo(chance: Random) -> list[Organisation]:
    joined = [row for row in _creditors() if row.joined_on or row.code == OWN_CONSENT]
    return [row for row in joined if row.code == OWN_CONSENT or chance.random() < CHANCE_OF_CONSENT]


def _creditors() -> list[Organisation]:
    with reading() as session:
        return list(session.scalars(select(Organisation).where(Organisation.kind == "creditor").order_by(Organisation.code)))


def _domain(organisation: Organisation) -> str:
    return organisation.email.partition("@")[2]


def _manager(organisation: Organisation) -> tuple[str, str, str, Role]:
    return (f"beheerder@{_domain(organisation)}", f"Beheer {organisation.name}", organisation.name, Role.CREDITOR_MANAGER)


def _sign(chance: Random, email: str) -> None:
    with reading() as session:
        actor = actor_by_email(session, email, "demo")
    ref = consents.start_draft(actor)
    consents.save_draft(actor, ref, _terms(chance), 1)
    code = code_at(DEMO_SECRET, clock.now().timestamp())
    consents.sign_draft(actor, ref, Signing(None, code, 2))


def _terms(chance: Random) -> Terms:
    """Make up terms as creditors differ: most take zero offers, many ask a least percentage or the largest share."""
    zero = chance.random() < 0.7
    products = {Product.RESTRUCTURING_LOAN, Product.YOUTH_LOAN} | ({Product.ZERO_OFFER} if zero else set())
    clauses = Clauses(
        products=frozenset(products | ({Product.DEBT_MEDIATION} if chance.random() < 0.5 else set())),
        zero_offers=zero,
        min_percentage=chance.choice([None, Decimal(2), Decimal(5), Decimal(8)]),
        max_claim_cents=chance.choice([None, None, 1_000_000, 500_000]),
        max_share=chance.choice([None, None, Decimal(40), Decimal(60)]),
        max_months=chance.choice([None, 18]),
        entrepreneurs=chance.choice([None, True, False]),
        years_since_settlement=chance.choice([None, None, 5]),
        balance_tolerance=chance.choice([None, None, Decimal(10)]),
        valid_from=None,
        valid_until=OPEN_END,
    )
    return Terms(clauses, chance.choice([Effect.ACCEPT, Effect.ACCEPT, Effect.ACCEPT, Effect.PREPARE]))
