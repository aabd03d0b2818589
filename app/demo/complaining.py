"""Let counsellors of the demo complain of harsh collection, and the relations team and creditors deal with it, in all states."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from app import clock
from app.access import Actor, Kind, Role
from app.accounts.queries import actor_by_email
from app.cases.models import Case, Claim
from app.creditors.models import Organisation
from app.db import reading
from app.deadlines import is_working_day
from app.relations import addressing, complaint_links, complaints, triage
from app.relations.complaint_lifecycle import State
from app.relations.complaint_rules import Answer, Category, ComplaintKind, Helped, Outcome, Severity
from app.relations.complaints import Told
from app.relations.models import Complaint
from app.relations.triage import Sorting

HELPER, TEAM = "hulpverlener@buurtteam.example", "relatiebeheer@stad.example"
SHOWN, AGENT = 4100, "Incassobureau Kade"  # of the demo's sign-ins
K = ComplaintKind


@dataclass(frozen=True)
class Scene:
    """One complaint: so many working days ago, about which creditor of the register's list, and how far it came."""

    days: int
    creditor: int  # its place among the creditors; 0 is that of the demo's sign-ins
    kind: ComplaintKind
    words: str
    wish: str = ""
    until: State = State.NEW
    is_urgent: bool = False


SCENES = (
    Scene(18, 1, K.TONE, "Een medewerker dreigde aan de telefoon met de politie.", "Excuses.", State.ADDRESSED),
    Scene(14, 0, K.COSTS, "Op een rekening van € 412,60 staat € 148,50 aan kosten. Een herinnering zonder kosten was er niet.",
          "De kosten terug.", State.ANSWERED),
    Scene(13, 2, K.NO_ARRANGEMENT, "Een regeling van € 25 per maand werd geweigerd zonder reden.", "Een regeling die past.", State.CLOSED),
    Scene(12, 0, K.COSTS, "Er kwamen twee keer kosten over dezelfde nota.", "De kosten terug.", State.ADDRESSED),
    Scene(11, 3, K.UNREACHABLE, "Drie keer gebeld en twee keer gemaild. Er komt geen antwoord.", "", State.QUESTION),
    Scene(9, 4, K.DATA, "De brief ging naar een oud adres en is door een ander geopend.", "Het juiste adres.", State.DISAGREED),
    Scene(8, 1, K.ATTACHMENT, "Er ligt beslag op de hele rekening. Er is geen geld voor boodschappen.", "Het beslag eraf.",
          State.ADDRESSED, is_urgent=True),
    Scene(6, 0, K.COSTS, "De kosten zijn hoger dan de staffel toelaat.", "Een juiste nota.", State.TRIAGE),
    Scene(5, 2, K.REFUSAL, "De schuldeiser zegt nee en legt niet uit waarom.", "", State.NEW),
    Scene(3, 0, K.NO_ARRANGEMENT, "Betalen in delen kan niet, zegt de klantenservice.", "Een regeling.", State.ADDRESSED),
    Scene(2, 3, K.TONE, "De toon van de brief is dreigend.", "", State.NEW),
    Scene(1, 4, K.ATTACHMENT, "Morgen wordt het water afgesloten.", "Uitstel.", State.NEW, is_urgent=True),
)  # fmt: skip


def complain(until: datetime) -> int:
    """Play the complaints and return how many there are; leaves the clock at `until`."""
    with reading() as session:
        helper, joris = (actor_by_email(session, email, "demo") for email in (HELPER, TEAM))
    creditors = _creditors()
    for scene in SCENES:
        _play(scene, helper, joris, creditors[scene.creditor % len(creditors)], until)
    _beside(helper, joris, creditors[0], until)
    clock.start_at(until)
    return len(SCENES) + 4


def _at(until: datetime, days: int, hour: int) -> None:
    """Set the clock to an hour so many working days ago."""
    day = until.astimezone(clock.AMSTERDAM).date()
    while days:
        day -= timedelta(days=1)
        days -= is_working_day(day)
    clock.start_at(min(datetime.combine(day, time(hour), clock.AMSTERDAM), until))


def _play(scene: Scene, helper: Actor, joris: Actor, creditor: Organisation, until: datetime) -> None:
    _at(until, scene.days, 9)
    ref = complaints.report_complaint(helper, _told(scene, creditor), is_another=True)
    if scene.until is State.NEW:
        return
    _at(until, max(scene.days - 1, 0), 10)
    triage.confirm_receipt(joris, ref, _seen(ref))
    if scene.kind is K.TONE:
        triage.sort_complaint(joris, ref, _seen(ref), Sorting(scene.kind, Severity.GRAVE, Category.HABIT, scene.is_urgent, joris.person_id))
    if scene.until is State.TRIAGE:
        return
    addressing.address_complaint(joris, ref, _seen(ref), scene.words, tell_agent=True)
    _at(until, max(scene.days - 5, 0), 14)
    _answer(scene, ref, helper, joris, _worker(creditor))


def _answer(scene: Scene, ref: str, helper: Actor, joris: Actor, worker: Actor) -> None:
    if scene.until in {State.ANSWERED, State.CLOSED}:
        addressing.answer_complaint(worker, ref, _seen(ref), Answer.MENDED, "Wij hebben dit hersteld en de klant een brief gestuurd.")
    elif scene.until is State.QUESTION:
        addressing.ask_question(worker, ref, _seen(ref), "Op welke dagen is gebeld, en met welk nummer?")
    elif scene.until is State.DISAGREED:
        addressing.disagree(worker, ref, _seen(ref), "Wij stuurden de brief naar het adres dat de gemeente ons gaf.")
    if scene.until is State.CLOSED:
        addressing.close_complaint(joris, ref, _seen(ref), Outcome.UPHELD, "De schuldeiser biedt nu een regeling aan.")
        complaints.say_helped(helper, ref, Helped.YES, "De cliënt betaalt nu € 25 per maand.", _seen(ref))


def _told(scene: Scene, creditor: Organisation) -> Told:
    case, claim = _claim(creditor.id)
    on = clock.today() - timedelta(days=1)
    return Told(
        scene.kind, on, scene.words, scene.wish, scene.is_urgent, party_code=creditor.code, case_ref=case, claim_id=claim,
        client_agrees=scene.creditor == 0,
    )  # fmt: skip


def _beside(helper: Actor, joris: Actor, creditor: Organisation, until: datetime) -> None:
    """A company that the register lacks, one that was merged, a clock that stands still, a draft, and links."""
    _at(until, 4, 11)
    complaints.report_complaint(helper, Told(K.OTHER, clock.today(), "Een onbekend bureau int zonder brief.", named="Snel Incasso"))
    first, second = (
        complaints.report_complaint(helper, Told(K.COVENANT, clock.today(), words, party_code=creditor.code), is_another=True)
        for words in ("De incassopartij kent het convenant niet.", "De incassopartij zegt dat het convenant niet geldt.")
    )
    triage.merge_into(joris, second, _seen(second), first)
    triage.pause_clock(joris, first, _seen(first), "De melder zoekt de brief.")
    triage.note_privately(joris, first, "Bel eerst met de contactpersoon: die zocht dit eerder uit.")
    complaints.save_draft(helper, Told(K.TONE, None, "Mevrouw belde overstuur op.", named=creditor.name))
    complaint_links.make_link(helper, "Vrijwilliger van de taalschool", uses=3)
    complaint_links.make_link(joris, "Huisarts", uses=1, days=3)


def _creditors() -> list[Organisation]:
    """Return the creditor of the demo's sign-ins, and some others in whose cases the demo's team helps."""
    helped = select(Claim.creditor_id).join(Case, Case.id == Claim.case_id).where(Case.closed_on.is_(None)).distinct()
    mine = select(Organisation).where(Organisation.id.in_(helped), Organisation.kind == Kind.CREDITOR)
    with reading() as session:
        return list(session.scalars(mine.order_by(Organisation.code != SHOWN, Organisation.code).limit(5)))


def _claim(creditor_id: int) -> tuple[str, int | None]:
    """Return a case in which the demo's team helps and the claim of a creditor in it, or nothing."""
    with reading() as session:
        helper = actor_by_email(session, HELPER, "demo")
        theirs = select(Case.ref, Claim.id).join(Claim).where(Claim.creditor_id == creditor_id, Case.team == helper.organisation_name)
        row = session.execute(theirs.order_by(Case.id.desc(), Claim.id).limit(1)).one_or_none()
    return (row[0], row[1]) if row else ("", None)


def _seen(ref: str) -> int:
    with reading() as session:
        return session.scalar(select(Complaint.revision).where(Complaint.ref == ref)) or 0


def _worker(row: Organisation) -> Actor:
    return Actor(f"Team Schuldhulp {row.name}", frozenset({Role.CREDITOR_WORKER}), row.kind, row.id, row.name, origin="demo")
