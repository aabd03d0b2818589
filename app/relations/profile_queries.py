"""Read the profile of a creditor or agent: the figures of its months beside what stands in the register, was agreed and complained of.

Its manager reads its own: without notes, escalations and complaints that were not laid before it. A creditor does not read its
agent's, which tells what that did for others.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from app.access import Actor, Permission
from app.audit.queries import did_today
from app.clock import today
from app.creditors.models import Organisation
from app.errors import NotFound
from app.money import half_up
from app.practices.questions import Answers
from app.relations import profile_parts as parts
from app.relations import profile_rules as rules
from app.relations.complaint_rules import ComplaintKind, Outcome
from app.relations.profile_rules import Verdict
from app.relations.profile_values import Agent, Agreed, Complaints, Creditor, ProfilePage, Said

GROUNDED = (Outcome.UPHELD, Outcome.PARTLY)
SHOWN = 8  # complaints and commitments on the page; the lists have the rest


def visible_profile(session: Session, actor: Actor, code: int | None) -> Creditor:
    """Return the creditor or agent with this code (None: the actor's own) whose profile the actor may see. Raises NotFound."""
    actor.must(Permission.READ_PROFILES)
    by, wanted = (Organisation.id, actor.organisation_id) if code is None else (Organisation.code, code)
    found = session.connection().execute(parts.creditor_by(by), {"creditor": wanted}).one_or_none()
    if found is None or not (found.id == actor.organisation_id or actor.may(Permission.READ_ALL_RELATIONS)):
        raise NotFound
    return Creditor(*found)


def profile_code(session: Session, actor: Actor, organisation_id: int) -> int | None:
    """Return the code by which the relations team opens a profile; None for who reads no others'."""
    if not (actor.may(Permission.READ_PROFILES) and actor.may(Permission.READ_ALL_RELATIONS)):
        return None
    found = session.connection().execute(parts.creditor_by(Organisation.id), {"creditor": organisation_id}).one_or_none()
    return None if found is None else int(found.code)


def profile_page(session: Session, actor: Actor, code: int | None, *, on_paper: bool = False) -> ProfilePage:
    """Return the profile of a creditor or agent; of one's own without what the city keeps to itself. Raises NotFound.

    On paper, which lies on the table, complaints count that were laid before it alone, whoever prints it.
    """
    creditor = visible_profile(session, actor, code)
    own = creditor.id == actor.organisation_id
    months, counted_at = parts.months(session, creditor.id)
    of_team = actor.may(Permission.TRIAGE_COMPLAINTS) and not on_paper
    complaints = _complaints(session, creditor, months, of_team=of_team)
    agreed = parts.agreed(session, creditor.id, months)
    report = parts.reported(session, creditor.id)
    consent = parts.consent(session, creditor.id)
    quarters, year = rules.by_quarter(months, today()), rules.last_year(months, today())
    return ProfilePage(
        creditor.code, creditor.name, creditor.branch, creditor.kvk, creditor.joined_on, own, counted_at,
        parts.people(session, creditor.id), consent, year, rules.total(figures for _, figures in quarters),
        quarters, [rules.plot(name, quarters, agreed.targets.get(name)) for name in rules.plotted(is_agent=creditor.is_agent)],
        _said(creditor, year, complaints, agreed, report.answers if report else {}, has_consent=consent is not None), _reasons(year),
        complaints,
        report, agreed, parts.meetings(session, creditor.id), [] if own else parts.escalations(session, creditor.id),
        [] if own else parts.notes(session, creditor.id), did_today(session, actor, "profiles:open", creditor.subject),
        actor.may(Permission.WORK_RELATIONS), _agent(session, creditor),
    )  # fmt: skip


def _agent(session: Session, creditor: Creditor) -> Agent | None:
    if not creditor.is_agent:
        return None
    mandates, in_force = parts.mandates(session, creditor.id)
    return Agent(creditor.is_bailiff, creditor.wki_number, creditor.wki_checked_on, mandates, in_force)


Months = dict[date, Counter[str]]


def _reasons(year: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return why offers were rejected, the most frequent reason first."""
    found = [(code.removeprefix("reason:"), number) for code, number in year.items() if code.startswith("reason:")]
    return sorted(found, key=lambda one: (-one[1], one[0]))


# ── complaints ───────────────────────────────────────────────────────────────


def _complaints(session: Session, creditor: Creditor, months: Months, *, of_team: bool) -> Complaints:
    """Read what was complained of, and add it to the months: to the city all of it, to the creditor what was laid before it."""
    number, kinds, upheld, outcomes = 0, Counter[ComplaintKind](), Counter[ComplaintKind](), Counter[Outcome | None]()
    for year, month, kind, outcome, many in map(tuple, parts.complaint_counts(session, creditor, of_team=of_team)):
        counted = months.setdefault(date(int(year), int(month), 1), Counter())
        is_upheld = outcome in GROUNDED
        counted.update(complaints=many, upheld=many if is_upheld else 0)
        number, kinds[kind] = number + many, kinds[kind] + many
        upheld[kind] += many if is_upheld else 0
        outcomes[outcome] += many  # None: nothing came of it yet
    by_kind = sorted(((kind, many, upheld[kind]) for kind, many in kinds.items()), key=lambda one: (-one[1], one[0]))
    opened = parts.open_complaints(session, creditor, of_team=of_team)
    return Complaints(number, by_kind, outcomes, opened[:SHOWN], len(opened), sum(one.is_late for one in opened))


# ── what it says beside what it does ─────────────────────────────────────────


def _said(
    creditor: Creditor, year: Counter[str], complaints: Complaints, agreed: Agreed, told: Answers, *, has_consent: bool
) -> list[Said]:
    """Lay what the creditor reported and agreed to beside what it did in twelve months, subject by subject; no agent consents."""
    in_time, covered = (rules.MEASURE[code].value(year) for code in ("in_time", "covered"))
    against, broken = year["against_consent"], year["pauses_broken"]
    upheld = {kind: many for kind, _, many in complaints.by_kind}
    told_broken = _number(told, "pauses_broken")
    found = [
        Said("answer_term", None, agreed.targets.get("in_time"), in_time, rules.at_least(in_time, agreed.targets.get("in_time"))),
        Said("consent", None, None, covered, rules.at_most(against, 0 if has_consent else None), against),
        Said("costs", _share(told, "cost_cases"), None, upheld.get(ComplaintKind.COSTS, 0), _judged(upheld, ComplaintKind.COSTS, told)),
        Said("pause", told_broken, None, broken, rules.at_most(broken, told_broken)),
        Said(
            "arrangement", _share(told, "arrangements_offered"), None, upheld.get(ComplaintKind.NO_ARRANGEMENT, 0),
            _judged(upheld, ComplaintKind.NO_ARRANGEMENT, told),
        ),
    ]  # fmt: skip
    return [one for one in found if not (creditor.is_agent and one.topic == "consent")]


def _judged(upheld: Mapping[ComplaintKind, int], kind: ComplaintKind, told: Answers) -> Verdict:
    """Judge by complaints that were upheld; without a report there is no word to hold it to."""
    return rules.at_most(upheld.get(kind, 0), 0 if told else None)


def _number(told: Answers, code: str) -> int | None:
    found = told.get(code)
    return found if isinstance(found, int) else None


def _share(told: Answers, code: str) -> int | None:
    """Return the share of the customers in arrears that an answer counts, in per cent."""
    part, whole = _number(told, code), _number(told, "customers_in_arrears")
    return None if part is None or not whole else half_up(part * 100, whole)
