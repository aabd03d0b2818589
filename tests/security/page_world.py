"""A small world in which every page has something to show: people of each role, and work of theirs in each state."""

from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select

from app import db
from app.access import Kind, Role
from app.accounts import rules, unsent
from app.accounts.admitting import mail_code
from app.accounts.models import FederatedIdentity, Invitation, Joining, Passkey, Signup
from app.accounts.people import DEMO_PASSWORD, DEMO_SECRET
from app.accounts.service import hash_password, open_whole
from app.accounts.unsent import UnsentForm
from app.cases import noticing, pausing
from app.cases.balance_rules import Obstacle, Statement
from app.cases.balance_stating import Seen as SeenRequest
from app.cases.balance_stating import state_balance
from app.cases.models import Notice
from app.cases.pausing import SeenNotice
from app.cases.rules import Rank
from app.clock import now, today
from app.consents import service as consents
from app.creditors.models import Organisation
from app.documents.attachments import Added
from app.early_signals import following
from app.early_signals.rules import Attempt, AttemptKind, DayPart, Sort
from app.jobs.service import Result, finish, keep_failure, start
from app.notifications.mails import Stop, stop_path
from app.notifications.models import Bounce, Message
from app.practices import reviewing
from app.practices.measures import MEASURES
from app.practices.models import YearBenchmark
from app.practices.rules import Mark
from app.practices.service import add_evidence, start_report
from app.proposals import clocks, settling
from app.proposals.calling import note_call
from app.proposals.court_rules import CourtPoint, Guidance
from app.proposals.drafting import approve_proposal, draft_proposal
from app.proposals.issuing import issue_proposal
from app.proposals.lifecycle import RejectReason
from app.proposals.models import Offer
from app.proposals.reminding import run_reminders
from app.proposals.responding import Seen, reject_offer
from app.relations import commitments, escalations, meetings
from app.relations.commitments import Origin, Promise
from app.relations.escalation_rules import Level, Way
from app.relations.escalation_rules import Result as StepResult
from app.relations.escalations import Step
from app.relations.meetings import Plan
from app.sealing import blind_index
from tests import factory
from tests.security import complaint_world

TOKEN = "an-invitation-of-the-tests"
ISSUER = "http://127.0.0.1:9"  # a provider of sign-in that is away
BALANCE_CODE = "9876543298"  # of the letter of a balance request that waits
CODE = "2345678923"  # of a letter that nobody answered yet
OTHER_CODE = "5678923456"  # of another
PLACES = {
    "worker": ("De Linde", Role.CREDITOR_WORKER), "manager": ("De Linde", Role.CREDITOR_MANAGER),
    "newcomer": ("De Linde", Role.CREDITOR_WORKER), "agent": ("Incassobureau Kade", Role.AGENT_MANAGER),
    "officer": ("Kredietbank", Role.OFFICER), "second": ("Kredietbank", Role.OFFICER),
    "relations": ("Relatiebeheer", Role.RELATIONSHIP_MANAGER), "counsellor": ("Buurtteam Zuid", Role.COUNSELLOR),
    "auditor": ("Stad", Role.AUDITOR), "administrator": ("Stad", Role.ADMINISTRATOR),
}  # fmt: skip
KINDS = {
    "De Linde": Kind.CREDITOR, "Incassobureau Kade": Kind.AGENT, "Kredietbank": Kind.BANK, "Relatiebeheer": Kind.RELATIONS_TEAM,
    "Buurtteam Zuid": Kind.NEIGHBOURHOOD_TEAM, "Stad": Kind.CITY,
}  # fmt: skip


@dataclass
class World:
    """The people by a short name, their organisations by name, and what stands in for `{words}` in addresses."""

    people: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)
    names: dict = field(default_factory=lambda: {"token": TOKEN})
    sessions: dict = field(default_factory=dict)  # what the cookie holds of somebody who is no person here yet

    def actor(self, who):
        place, role = PLACES[who]
        return factory.actor(self.places[place], role, person_id=self.people[who].id, name=self.people[who].name)


def empty_world():
    """Make an organisation of each kind with its people, and nothing to do for them."""
    world = World(
        places={name: factory.organisation(kind, name=name, kvk="68750110" if name == "De Linde" else "") for name, kind in KINDS.items()}
    )
    password_hash = hash_password(DEMO_PASSWORD)
    for who, (place, role) in PLACES.items():
        keys = {"password_hash": password_hash, "totp_secret": None if who == "newcomer" else DEMO_SECRET}
        world.people[who] = factory.person(
            world.places[place], role, email=f"{who}@organisatie.example", name=f"Mina {who.title()}", **keys
        )
    return world


def full_world(queue):
    """Give everybody something to do."""
    world = empty_world()
    _agree_beforehand(world, queue)
    for step, name in enumerate(("free", "drafted", "approved", "issued")):
        world.names[name] = _case(world, step)
    _answer_one(world)
    _pause(world)
    _ask_balances(world)
    _settle(world)
    _signals(world)
    _work(world)
    _practices(world)
    _relations(world)
    _accounts(world)
    queue.run_all()
    complaint_world.play(world)
    _told(world)
    return world


def _agree_beforehand(world, queue):
    """De Linde has a consent in force and a draft of its next version."""
    linde = world.places["De Linde"]
    factory.organisation(name="De Linde BV", kvk=linde.kvk)
    world.names["signup"] = signup_of(linde)
    world.names |= {"code": linde.code, "signed": factory.consent(linde).ref}
    consents.start_draft(world.actor("manager"))
    queue.run_all()


def _signals(world):
    """Early signals of De Linde at the team: one that was tried and repeats another, and a late one."""
    linde = world.places["De Linde"]
    for sort in (Sort.ARREARS, Sort.EVICTION):
        signal = factory.signal(linde, sort=sort, surname="van ’t Hof-Waterschapsbelastingmedewerker", house_number="12-2")
    card = Attempt(AttemptKind.CARD, reached=False, on=today(), part=DayPart.MORNING)
    following.note_attempt(world.actor("counsellor"), signal.ref, card, signal.revision)
    world.names["signal"] = signal.ref


def signup_of(creditor):
    """Somebody of a creditor that answered with a code asks an account."""
    asked = {"name": "Mia Kas", "email": "mia@linde.example", "kvk": "68750110", "letter_ref": "A-2222-2222", "asked_at": now()}
    return factory.save(Signup(ref=db.new_ref("T"), organisation_id=creditor.id, **asked)).ref


def _case(world, steps):
    """Make a case with a claim of each rank, and go so many steps with it: draft, check, issue."""
    case = factory.case(surname="van ’t Hof-Waterschapsbelastingmedewerker")
    ranks = (Rank.CONCURRENT, Rank.PREFERENTIAL, Rank.CONCURRENT, Rank.SECURED, Rank.EXCLUDED)
    others = [factory.organisation() for _ in ranks[1:]]
    agent = world.places["Incassobureau Kade"]
    factory.mandate(agent, others[1])
    for place, (rank, creditor) in enumerate(zip(ranks, (world.places["De Linde"], *others), strict=True)):
        claim = factory.claim(case, creditor, rank=rank, agent_id=agent.id if place == 2 else None, fraud=place == 0 and steps == 3)
        if rank is Rank.SECURED:
            world.names["claim"] = claim.number
            world.names["claimed"] = case.ref
    if steps > 0:
        ref = draft_proposal(world.actor("officer"), case.ref)
    if steps > 1:
        approve_proposal(world.actor("second"), ref, 1)
    if steps > 2:
        issue_proposal(world.actor("officer"), ref)
    return case.ref


def _pause(world):
    """Notices about the case that is free: De Linde's own waits, another confirmed hers and then reported that she collected."""
    noticing.send_notices(world.actor("officer"), world.names["free"])
    with db.reading() as session:
        notices = session.scalars(select(Notice).order_by(Notice.id)).all()
        mine = next(notice for notice in notices if notice.creditor_id == world.places["De Linde"].id)
        other = next(notice for notice in notices if notice.creditor_id != world.places["De Linde"].id and notice.agent_id is None)
        creditor = session.get_one(Organisation, other.creditor_id)
    pausing.confirm_notice(factory.actor(creditor), SeenNotice(other.ref, 1))
    pausing.report_collecting(factory.actor(creditor), other.ref, today(), "Een aanmaning ging uit.")
    world.names |= {"notice": mine.ref, "paused": other.ref}


def _ask_balances(world):
    """Balance requests: De Linde's own waits, a letter's code opens another, and a third stated another rank."""
    case, linde = factory.case(surname="van ’t Hof-Waterschapsbelastingmedewerker"), world.places["De Linde"]
    creditors = [linde, factory.organisation(), factory.organisation()]
    mine, by_code, other = (
        factory.balance_request(factory.claim(case, one, stated_cents=None, stated_on=None), **over)
        for one, over in zip(creditors, ({}, {"code": BALANCE_CODE, "code_index": blind_index(BALANCE_CODE)}, {}), strict=True)
    )
    said = Statement(100_000, 5_000, 0, "KL-1", Rank.PREFERENTIAL, obstacle=Obstacle.OTHER, explanation="Er loopt een procedure.")
    state_balance(factory.actor(creditors[2]), SeenRequest(other.ref, 1), said)
    world.names |= {"balance": mine.ref, "stated": other.ref, "asked": case.ref, "by_code": by_code.ref}


def _answer_one(world):
    """One creditor said no; De Linde's own offer waits, and a letter's code opens another."""
    with db.transaction() as session:
        offers = session.scalars(select(Offer).order_by(Offer.id)).all()
        mine = next(offer for offer in offers if offer.creditor_id == world.places["De Linde"].id)
        by_code, refused = (offer for offer in offers[1:3])
        by_code.code, by_code.code_index = CODE, blind_index(CODE)
        session.flush()
        world.names |= {"offer": mine.ref, "refused": refused.ref}
        seen, creditor = Seen(refused.ref, refused.revision), session.get_one(Organisation, refused.creditor_id)
        session.expunge_all()
    reject_offer(factory.actor(creditor), seen, RejectReason.PERCENTAGE_TOO_LOW, "Wij vragen ten minste 20%.")
    factory.offers(factory.organisation(), code=OTHER_CODE, code_index=blind_index(OTHER_CODE))


def _settle(world):
    """One creditor said no twice and the bank goes to court; one clock stands still; reminders went out; De Linde was called."""
    officer, linde = world.actor("officer"), world.places["De Linde"]
    (stopped,) = factory.offers(factory.organisation())
    with db.reading() as session:
        court = session.scalars(select(Offer).order_by(Offer.id)).all()[3]
        creditor = factory.actor(session.get_one(Organisation, court.creditor_id))
    reject_offer(creditor, Seen(court.ref, court.revision), RejectReason.POLICY, "Ons beleid.")
    grounds = settling.Grounds((CourtPoint.MAXIMUM, CourtPoint.EQUAL_TREATMENT), (Guidance.BUDGET_MANAGEMENT,))
    settling.ask_again(officer, court.ref, "Alles is nagekeken.", _revision(court), grounds)
    reject_offer(creditor, Seen(court.ref, _revision(court)), RejectReason.POLICY, "Wij blijven erbij.")
    settling.decide_court(officer, court.ref, _revision(court), chosen=True, reason="Alle anderen zijn akkoord.")
    clocks.stop_clock(officer, stopped.ref, "Wij zoeken het saldo na.", stopped.revision)
    run_reminders(today())
    note_call(officer, linde.id, today(), "mevrouw Baas", "Belt morgen terug.")
    world.names |= {"court": court.ref, "stopped": stopped.ref, "party": linde.id}


def _revision(offer):
    with db.reading() as session:
        return session.get_one(Offer, offer.id).revision


def _practices(world):
    """De Linde reported on last year, was asked something and writes on this year; there is a benchmark."""
    manager, relations = world.actor("manager"), world.actor("relations")
    world.names["practice"] = ref = factory.practice_report(manager)
    reviewing.mark_answer(relations, ref, "staff", Mark.QUESTIONED, "Tellen uitzendkrachten mee?", 0)
    add_evidence(manager, ref, "staff", [Added("lijst.txt", b"a;b")])
    world.names["practice_draft"] = start_report(manager, today().year)
    figures = {measure.code: 20 for measure in MEASURES[2:]}
    told = {"all": {"at_least": 5, "figures": figures | {"complaints_rate": None}}}
    factory.save(YearBenchmark(year=today().year - 1, figures=told, made_at=now(), person_name="Joris"))


def _relations(world):
    """The relations team has an escalation with De Linde that nobody answered, and one that helped before."""
    relations, code = world.actor("relations"), world.places["De Linde"].code
    earlier = escalations.start_escalation(relations, code, "Dreigende toon", CALL)
    escalations.close_escalation(relations, earlier, 1, StepResult.SETTLED, "Een telefoontje hielp.")
    begins = now() + timedelta(days=14)
    plan = Plan(begins, begins + timedelta(hours=1), "Dijkgracht 324", (relations.person_id,), ("Noor Wisselink",))
    world.names["meeting"] = meeting = meetings.plan_meeting(relations, code, plan)
    meetings.add_item(relations, meeting, "Brieven testen", is_private=False)
    meetings.note_meeting(relations, meeting, "Vraag naar de nieuwe brieven.")
    earlier = replace(plan, begins=begins - timedelta(days=90), ends=begins - timedelta(days=90, hours=-1))
    world.names["held"] = meetings.plan_meeting(relations, code, earlier, "Zij testen de brieven met vijf klanten.")
    promise = Promise("Antwoordt voortaan op tijd.", "Noor Wisselink", today(), "Cijfers van het portaal.")
    world.names["commitment"] = ref = commitments.make_commitment(relations, code, promise, Origin(meeting=world.names["held"]))
    commitments.check_commitment(relations, ref, 1, "Twee van de vijf brieven.", today() + timedelta(days=30), is_kept=False)
    world.names["escalation"] = escalations.start_escalation(relations, code, "Kosten boven de staffel", CALL)


CALL = Step(Level.CONTACT, Way.CALL, "Betaal de kosten terug.")


def _work(world):
    """Some work waits, some is done, and some failed."""
    with db.transaction() as session:
        start(session, world.actor("officer"), "brieven-1", "Brieven maken", 400)
        start(session, world.actor("officer"), "brieven-2", "Brieven maken", 400)
        finish(session, "brieven-2", Result((("Brieven", "400"),), "/cases", "Naar de dossiers"))
    keep_failure("proposals.write_letters", {"proposal": 1}, "brieven-3", "OSError: the disk is full")


def _told(world):
    """De Linde was told something, and two addresses refuse mail: that of its worker, and its own."""
    linde, worker = world.places["De Linde"], world.people["worker"]
    with db.reading() as session:
        told = session.scalars(select(Message.id).where(Message.organisation_id == linde.id).order_by(Message.id)).first()
    factory.save(*(Bounce(address=one, status="5.1.1", bounced_at=now()) for one in (worker.email, linde.email)))
    world.names |= {"message": told, "stop": stop_path(Stop(organisation_id=linde.id, code="offers.reminder"))}


def _accounts(world):
    """The newcomer holds an invitation; the agent sent a form after its session ended; the worker has everything an account can have."""
    worker, stamp = world.people["worker"].id, {"created_at": now()}
    with db.transaction() as session:
        expires_at = now() + rules.UNSENT_FOR
        session.add(Invitation(token_hash=rules.hash_token(TOKEN), person_id=world.people["newcomer"].id, expires_at=expires_at))
        session.add(Passkey(person_id=worker, credential_id=b"1", public_key=b"1", sign_count=0, name="telefoon", **stamp))
        asked = {"asked_by": "Bo de Wit", "asked_at": now(), "name": "Mina", "role": Role.AGENT_WORKER}
        session.add(Joining(person_id=worker, organisation_id=world.places["Incassobureau Kade"].id, **asked))
        open_whole(session, worker, "192.0.2.7", "test")
        late = open_whole(session, world.people["agent"].id, "127.0.0.1", "test")
    unsent.keep_unsent(late, UnsentForm("/organisation/contacts", (("name", "Bo de Wit"), ("task", "Belt ons terug"))))
    _strangers(world)


def _strangers(world):
    """Three come with eHerkenning for De Linde: one may begin to ask, one has a code on its way, one waits; a fourth is linked."""
    usual = {"issuer": ISSUER, "kvk": "90001234", "organisation_id": world.places["De Linde"].id, "created_at": now() - timedelta(hours=1)}
    waits = {"asked_name": "Bo de Wit", "asked_email": "bo@organisatie.example"}
    rows = [FederatedIdentity(subject=str(place), **usual, **(waits if place == 2 else {})) for place in range(3)]
    linked = FederatedIdentity(subject="linked", person_id=world.people["worker"].id, **usual)
    asker, asking, *_ = factory.save(*rows, linked)
    for who, row in (("asker", asker), ("asking", asking)):
        world.sessions[who] = {"asks": {"identity": row.id, "at": int(now().timestamp())}}
    world.sessions["asking"]["asked"] = asdict(mail_code(asking.id, "Jo de Wit", "jo@organisatie.example", "nl"))
