"""A small world in the bound database: two creditors that may know nothing of each other, everybody around them, and what each owns.

The proofs of isolation share it. `build` writes through the factory, on SQLite and PostgreSQL alike; every person has a session
whose token is known, so that a browser of theirs also opens on a copy of the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app import db
from app.access import Actor, Kind, Role
from app.accounts import rules
from app.accounts.models import FederatedIdentity, Invitation, Joining, Membership, Passkey, Person, SignIn, Signup
from app.accounts.service import hash_password, open_whole, sign_in
from app.audit.models import Event
from app.cases.balance_rules import BalanceAnswer, Correction
from app.cases.models import PauseBreach
from app.cases.pause_rules import BreachSource, EndReason
from app.clock import now
from app.consents.rules import Clauses, Product, State
from app.creditors.models import Contact
from app.documents.service import store
from app.exchange.models import Upload, UploadFile, UploadRow
from app.exchange.rules import Fate
from app.jobs.models import JobFailure, JobProgress
from app.notifications.mails import Stop, stop_path
from app.notifications.models import Bounce, MailboxChoice, MailChoice, Message, MessageMark, PersonalMail
from app.proposals.drafting import approve_proposal, draft_proposal
from app.proposals.inputs import Choice
from app.proposals.lifecycle import AnsweredBy, OfferState, ProposalState, RejectReason, Visibility
from app.proposals.models import BulkAnswer, BulkAnswerRow, CreditorCall, Offer, SavedFilter
from tests import factory
from tests.security import complaint_world, practice_world, relation_world, signal_world

TEAM, OTHER_TEAM = "Buurtteam Zuid", "Buurtteam Oost"
PASSWORD, SECRET = "veilig genoeg 2026", "JBSWY3DPEHPK3PXP"  # of everybody
MISSING = {
    "offer": "A-2222-2222", "case": "D-2222-2222", "consent": "C-2222-2222", "document": "B-2222-2222", "record": "B-2222-2223",
    "number": "9", "cases_upload": "I-2222-2222", "creditors_upload": "I-2222-2223", "work": "J-2222-2222", "failure": "a.b:J-2222-2222",
    "code": "99999999", "contact": "99999999", "mandate": "99999999", "membership": "99999999", "invitation": "a-link-of-nobody",
    "organisation": "99999999", "joining": "99999999", "identity": "99999999", "passkey": "99999999", "session": "99999999",
    "event": "99999999", "notice": "K-2222-2222", "breach": "99999999", "choice": "M-2222-2222",
    "offers_file": "I-2222-2224", "balances_file": "I-2222-2225", "pauses_file": "I-2222-2226",
    "filter": "99999999", "balance": "S-2222-2222", "statement": "99999999", "balance_letter": "B-2222-2223",
    "signup": "T-2222-2222", "double": "99999998", "agency": "99999999",
    "call": "99999999", "message": "99999999", "bounce": "99999999", "stop": "bm9ib2R5.AAAA",
    "link": "99999999",
} | complaint_world.MISSING | practice_world.MISSING | signal_world.MISSING | relation_world.MISSING  # fmt: skip


@dataclass(frozen=True)
class Who:
    """Somebody who knocks at the door: with a session (token), with the code of a letter, or with nothing."""

    name: str
    person_id: int | None = None
    organisation_id: int | None = None
    token: str | None = None
    letter: str | None = None


@dataclass(frozen=True)
class World:
    """Everybody by name, and for each set of things (`ours`, `theirs`, `missing` …) the reference of each kind."""

    people: Mapping[str, Who]
    things: Mapping[str, Mapping[str, str]]
    organisations: Mapping[str, int]

    def browser(self, app, name):
        """A browser of somebody, without a request having been made yet."""
        who, browser = self.people[name], app.test_client()
        with browser.session_transaction() as cookie:
            if who.token:
                cookie.update(token=who.token, seen=int(now().timestamp()), email=f"{name}@wereld.example")
            if who.letter:
                cookie["letter"] = factory.held(who.letter)
        return browser


def build():
    """Fill the bound, empty database and return what is where."""
    places = _organisations()
    ids = {name: place.id for name, place in places.items()}
    people = _people(places)
    factory.mandate(places["agent"], places["ours"])
    factory.mandate(places["stranger"], places["theirs"], ends_on=date(2026, 6, 3))
    things = {
        "ours": _of_creditor(places, "ours", places["agent"], TEAM)
        | _work(places, people, "ours", places["bank"])
        | _doors(places["ours"], people["worker"], people["team2"])
        | _told(places["ours"], people["worker"])
        | _list_of(places["ours"], people["worker"]),
        "theirs": _of_creditor(places, "theirs", places["stranger"], OTHER_TEAM)
        | _work(places, people, "theirs", places["relations"])
        | _doors(places["theirs"], people["worker2"], people["officer2"])
        | _told(places["theirs"], people["worker2"])
        | _list_of(places["theirs"], people["worker2"]),
        "ended": _ended(places, people),
        "missing": MISSING,
        "resting": _hidden(places, "resting", Visibility.RESTRICTED, restricted_at=now(), restricted_by="Ada"),
        "erased": _hidden(places, "erased", Visibility.ERASED, closed_on=date(2021, 1, 4), erased_on=date(2026, 6, 1)),
    } | _proposals(places, people)
    complaint_world.add(things, places, people)
    signal_world.add(things, places)
    practice_world.add(things, places)
    relation_world.add(things, places, people)
    things["resting"]["message"] = _message(places["ours"].id, things["resting"]["offer"])
    people["code"] = Who("code", letter=things["ours"]["offer"])
    return World(people, things, ids)


# ── who there is ─────────────────────────────────────────────────────────────

KINDS = {
    "ours": Kind.CREDITOR, "theirs": Kind.CREDITOR, "agent": Kind.AGENT, "stranger": Kind.AGENT, "bank": Kind.BANK,
    "relations": Kind.RELATIONS_TEAM, "team": Kind.NEIGHBOURHOOD_TEAM, "other team": Kind.NEIGHBOURHOOD_TEAM, "city": Kind.CITY,
}  # fmt: skip
NAMES = {
    "ours": "Waterbedrijf Westerdok", "theirs": "Zilverreiger Energie", "agent": "Incassobureau Kade", "stranger": "Deurwaarder Dijk",
    "bank": "Kredietbank", "relations": "Relatiebeheer", "team": TEAM, "other team": OTHER_TEAM, "city": "Stad",
}  # fmt: skip
PEOPLE = {
    "worker": ("ours", Role.CREDITOR_WORKER), "manager": ("ours", Role.CREDITOR_MANAGER),
    "gone": ("ours", Role.CREDITOR_WORKER), "half": ("ours", Role.CREDITOR_MANAGER), "left": ("ours", Role.CREDITOR_WORKER),
    "worker2": ("theirs", Role.CREDITOR_WORKER), "manager2": ("theirs", Role.CREDITOR_MANAGER),
    "agent": ("agent", Role.AGENT_WORKER), "agent2": ("stranger", Role.AGENT_MANAGER),
    "officer": ("bank", Role.OFFICER), "officer2": ("bank", Role.OFFICER), "relations": ("relations", Role.RELATIONSHIP_MANAGER),
    "team": ("team", Role.COUNSELLOR), "team2": ("other team", Role.COUNSELLOR),
    "auditor": ("city", Role.AUDITOR), "admin": ("city", Role.ADMINISTRATOR),
}  # fmt: skip


def _organisations():
    return {name: factory.organisation(kind, name=NAMES[name], kvk="68750110") for name, kind in KINDS.items()}


def _people(places):
    hashed = hash_password(PASSWORD)
    people = {"nobody": Who("nobody")}
    for name, (place, role) in PEOPLE.items():
        made = factory.person(
            places[place], role, email=f"{name}@wereld.example", name=f"Persoon {name}", password_hash=hashed, totp_secret=SECRET
        )
        people[name] = Who(name, made.id, places[place].id, _session_of(made))
    with db.transaction() as session:
        session.query(Person).filter_by(id=people["gone"].person_id).update({"disabled_at": now()})
        session.query(Membership).filter_by(person_id=people["left"].person_id).update({"ends_on": date(2026, 6, 1)})
    return people


def _session_of(person):
    """Open a session; one of them stays at the password."""
    if person.email.startswith("half@"):
        return sign_in(person.email, PASSWORD, "127.0.0.1", "test")
    with db.transaction() as session:
        return open_whole(session, person.id, "127.0.0.1", "test")


def actor(people, name):
    """Somebody of this world as the use cases know them."""
    who = people[name]
    place, role = PEOPLE[name]
    return Actor(f"Persoon {name}", frozenset({role}), KINDS[place], who.organisation_id, NAMES[place], who.person_id, "test")


# ── what each owns ───────────────────────────────────────────────────────────


def _of_creditor(places, owner, agent, team):
    """The things of one creditor: an offer that names an agent, its letter, a consent in force with a draft behind it, its register."""
    creditor = places[owner]
    case = factory.case(surname=f"Cliënt {owner}", team=team, bsn="999990019" if owner == "ours" else "999990020")
    claim = factory.claim(case, creditor, agent_id=agent.id, reference=f"KENMERK-{owner}")
    offer = factory.offer(factory.proposal(case, [claim]), claim)
    factory.assessment(offer)
    notice = factory.notice(claim)
    request = factory.balance_request(claim)
    statement = factory.balance_statement(request, correction=Correction.WAITS, explanation=f"UITLEG-{owner}")
    consent = factory.consent(creditor, terms_hash=f"{creditor.id:064}")
    terms = Clauses(zero_offers=False, max_months=36)
    factory.consent(creditor, ref=consent.ref, version=2, state=State.DRAFT, signed_at=None, signed_by=None, clauses=terms)
    third = factory.organisation(Kind.AGENT, name=f"Gemachtigde van {owner}")
    mandate = factory.mandate(third, creditor)
    contact = factory.save(Contact(organisation_id=creditor.id, name=f"Contact {owner}", email=f"contact@{owner}.example"))
    membership = _membership(f"{'worker' if owner == 'ours' else 'worker2'}@wereld.example")
    return {
        "offer": offer.ref, "case": case.ref, "number": str(claim.number), "consent": consent.ref, "code": str(creditor.code),
        "document": _document("offer letter", offer.ref, creditor.id),
        "record": _document("standing consent", f"{consent.ref}.1", creditor.id),
        "mandate": str(mandate.id), "contact": str(contact.id), "membership": str(membership), "organisation": str(creditor.id),
        "notice": notice.ref, "breach": _breach(notice), "balance": request.ref, "statement": str(statement.id),
        "balance_letter": _document("balance letter", request.ref, creditor.id),
        "signup": _signup(creditor, owner), "agency": str(agent.code),
        "call": _call(creditor),
        "double": str(factory.organisation(name=f"Dubbel van {owner}", kvk="68750110").code),
    }  # fmt: skip


def _signup(creditor, owner):
    """Somebody that answered with a code and asks an account."""
    asked = {"name": f"Aanvrager {owner}", "email": f"aanvrager@{owner}.example", "kvk": "68750110", "letter_ref": "A-2222-2222"}
    return factory.save(Signup(ref=db.new_ref("T"), organisation_id=creditor.id, asked_at=now(), **asked)).ref


def _breach(notice):
    """A creditor's own word that it collected during a pause."""
    facts = {"notice_id": notice.id, "case_id": notice.case_id, "creditor_id": notice.creditor_id, "source": BreachSource.CREDITOR}
    made = PauseBreach(**facts, happened_on=date(2026, 6, 2), words="Een aanmaning ging uit.", reported_at=now(), reported_by="Ada")
    return str(factory.save(made).id)


def _call(creditor):
    """A call that the bank made."""
    facts = {"called_on": date(2026, 6, 3), "called_by": "Mila Haverkamp", "spoken_to": "de balie", "note": "Belt terug."}
    return str(factory.save(CreditorCall(organisation_id=creditor.id, at=now(), **facts)).id)


def _membership(email):
    with db.reading() as session:
        return session.query(Membership.id).join(Person).filter_by(email=email).scalar()


def _document(kind, subject, organisation_id):
    with db.transaction() as session:
        content = f"%PDF-1.7 {kind} {subject}".encode()
        return store(session, kind=kind, title="Brief", subject_ref=subject, organisation_id=organisation_id, content=content).ref


def _list_of(creditor, person):
    """What somebody of a creditor chose to answer in one go, and a filter that it kept."""
    choice = {"ref": db.new_ref("M"), "key": f"key-{creditor.id}", "organisation_id": creditor.id, "person_id": person.person_id}
    bulk = factory.save(BulkAnswer(**choice, person_name="Ada", created_at=now()))
    with db.reading() as session:
        offer = session.query(Offer.ref).filter_by(creditor_id=creditor.id).order_by(Offer.id).limit(1).scalar()
    factory.save(BulkAnswerRow(bulk_answer_id=bulk.id, offer_ref=offer, seen_revision=1))
    owner = {"person_id": person.person_id, "organisation_id": creditor.id}
    kept = factory.save(SavedFilter(**owner, place="offers", name="Visser", query="q=Visser", created_at=now()))
    return {"choice": bulk.ref, "filter": str(kept.id)} | _answers_of(creditor)


def _answers_of(creditor):
    """Files of answers that a creditor brought in, each with a row that cannot be given."""
    made = {}
    for name, kind in (("offers_file", "offers"), ("balances_file", "balances"), ("pauses_file", "notices")):
        whose = {"organisation_id": creditor.id, "organisation_name": creditor.name, "person_name": "Ada", "created_at": now()}
        upload = factory.save(Upload(ref=db.new_ref("I"), kind=kind, rows=1, outcome='{"unknown": []}', **whose))
        factory.save(
            UploadFile(upload_id=upload.id, kind=kind, name="lijst.csv", content=b"Kolom;Antwoord\nA-2222-2222;akkoord\n"),
            UploadRow(upload_id=upload.id, line=2, ref="", what="", fate=Fate.REFUSED, flaws='[[null, "answers.missing", {}]]'),
        )
        made[name] = upload.ref
    return made


def _work(places, people, owner, uploader):
    """Files that wait for a yes, long work, failed work, and an invitation."""
    made = {"work": db.new_ref("J"), "failure": f"notifications.send:{db.new_ref('J')}", "invitation": f"a-link-for-{owner}"}
    for kind, files in _files(places[owner].code).items():
        upload = factory.save(
            Upload(
                ref=db.new_ref("I"), kind=kind, person_id=None, person_name="Ada", organisation_id=uploader.id,
                organisation_name=uploader.name, rows=1, outcome="[]", created_at=now(),
            )
        )  # fmt: skip
        rejects = UploadFile(upload_id=upload.id, kind=kind, is_rejects=True, name="rejects.csv", content=b"Regel;Reden\n")
        factory.save(
            rejects, *(UploadFile(upload_id=upload.id, kind=name, name=name, content=text.encode()) for name, text in files.items())
        )
        made[f"{kind}_upload"] = upload.ref
    creditor = places[owner].id
    factory.save(
        JobProgress(key=made["work"], title="Werk", total=3, started_by=None, organisation_id=creditor, updated_at=now()),
        JobFailure(key=made["failure"], job="notifications.send", argument={"message": 1}, error="timeout", failed_at=now()),
        _invitation(people["officer2"], made["invitation"]),
    )  # fmt: skip
    return made


def _doors(place, who, asked):
    """How people come in: a colleague's passkey and other session, somebody who was asked to join, and who waits to be admitted."""
    passkey = factory.save(
        Passkey(person_id=who.person_id, credential_id=who.name.encode(), public_key=b"key", sign_count=0, name=f"Sleutel {who.name}",
                created_at=now())
    )  # fmt: skip
    joining = factory.save(
        Joining(person_id=asked.person_id, organisation_id=place.id, role=Role.CREDITOR_WORKER, name="Gevraagde Collega", asked_by="Ada",
                asked_at=now())
    )  # fmt: skip
    identity = factory.save(
        FederatedIdentity(issuer="https://makelaar.example", subject=f"pseudoniem van {who.name}", kvk=place.kvk, organisation_id=place.id,
                          asked_name="Wachtende Collega", asked_email="wacht@wereld.example", created_at=now())
    )  # fmt: skip
    link = factory.save(
        FederatedIdentity(issuer="https://makelaar.example", subject=f"middel van {who.name}", kvk=place.kvk, organisation_id=place.id,
                          person_id=who.person_id, created_at=now())
    )  # fmt: skip
    with db.transaction() as session:
        open_whole(session, who.person_id, "127.0.0.1", "test")
    with db.reading() as session:
        newest = session.query(SignIn.id).filter_by(person_id=who.person_id).order_by(SignIn.id.desc()).limit(1).scalar()
        event = session.query(Event.sequence).filter_by(concerns_id=place.id).order_by(Event.sequence).limit(1).scalar()
    named = {"passkey": passkey.id, "joining": joining.id, "identity": identity.id, "link": link.id, "session": newest, "event": event}
    return {name: str(id_) for name, id_ in named.items()}


def _told(place, who):
    """What an organisation and one of its people were told, how they want it, and that person's address, which refuses mail."""
    message = _message(place.id, "A-2222-2222", path="/offers")
    bounce = factory.save(Bounce(address=f"{who.name}@wereld.example", status="5.1.1", bounced_at=now()))
    mail = factory.save(
        PersonalMail(person_id=who.person_id, message_id=int(message), address=bounce.address, language="nl", created_at=now())
    )
    factory.save(
        MessageMark(person_id=who.person_id, message_id=int(message), mail_id=mail.id), MailChoice(person_id=who.person_id),
        MailboxChoice(organisation_id=place.id, muted=["offers.clock_stopped"]),
    )  # fmt: skip
    stop = stop_path(Stop(organisation_id=place.id, code="offers.reminder")).rpartition("/")[2]
    return {"message": message, "bounce": str(bounce.id), "stop": stop}


def _message(organisation_id, offer, path=""):
    facts = {"code": "proposals.asked_again", "facts": {"offer": offer, "total": "3", "agreed": "1", "by": "11-06-2026"}}
    made = Message(
        organisation_id=organisation_id, address="post@wereld.example", language="nl", path=path or f"/offers/{offer}", created_at=now(),
        mailed_at=now(), **facts,
    )  # fmt: skip
    return str(factory.save(made).id)


def _files(code):
    """Files of one row each, as the bank's own system writes them."""
    return {
        "creditors": {"creditors": f"CodeEiser;Naam;Soort\n9{code};Nieuwe Eiser {code};schuldeiser\n"},
        "cases": {
            "cases": "RelatieCode;Volgnummer;Achternaam;Geboortedatum;Startdatum;DatumBerekening;Inkomen;VTLB\n"
            f"8{code};1;Nieuwling;02-05-1987;02-03-2026;12-05-2026;1842,00;1656,00\n",
            "claims": f"RelatieCode;Volgnummer;UniekVolgnummer;CodeEiser;Preferentie;AangemeldBedrag\n8{code};1;8{code};{code};C;100,00\n",
        },
    }


def _invitation(who, token, **over):
    return Invitation(token_hash=rules.hash_token(token), person_id=who.person_id, expires_at=now() + timedelta(days=7), **over)


def _ended(places, people):
    """The same kinds after their end: withdrawn, thrown away, used, over."""
    ours = places["ours"]
    case = factory.case(surname="Cliënt ended", team=TEAM, closed_on=date(2026, 6, 3))
    claim = factory.claim(case, ours, agent_id=places["agent"].id)
    over = {"state": ProposalState.WITHDRAWN, "ended_at": datetime(2026, 6, 4, 6, tzinfo=UTC), "end_reason": "client stops"}
    offer = factory.offer(factory.proposal(case, [claim], **over), claim, state=OfferState.WITHDRAWN)
    notice = factory.notice(claim, ended_on=date(2026, 6, 3), end_reason=EndReason.CASE_CLOSED)
    request = factory.balance_request(claim, state=BalanceAnswer.NOT_STATED)
    third = factory.organisation(Kind.AGENT, name="Gemachtigde van vroeger")
    mandate = factory.mandate(third, ours, ends_on=date(2026, 5, 1))
    contact = factory.save(Contact(organisation_id=ours.id, name="Contact vroeger", ended_on=date(2026, 5, 1)))
    discarded = factory.consent(places["agent"], state=State.WITHDRAWN, signed_at=None, signed_by=None, starts_on=None)
    factory.save(_invitation(people["officer2"], "a-used-link", used_at=now()))
    work, failure = db.new_ref("J"), f"notifications.send:{db.new_ref('J')}"
    factory.save(
        JobProgress(key=work, title="Werk", total=3, done=3, state="done", started_by=people["worker"].person_id, organisation_id=None,
                    updated_at=now()),
        JobFailure(key=failure, job="notifications.send", argument={"message": 1}, error="timeout", failed_at=now(), replayed_at=now(),
                   replayed_by="Ada"),
    )  # fmt: skip
    return MISSING | {
        "offer": offer.ref, "case": case.ref, "number": str(claim.number), "consent": discarded.ref, "code": str(third.code),
        "document": _document("offer letter", offer.ref, ours.id), "mandate": str(mandate.id), "contact": str(contact.id),
        "membership": str(_membership("left@wereld.example")), "invitation": "a-used-link", "work": work, "failure": failure,
        "notice": notice.ref, "balance": request.ref, "balance_letter": _document("balance letter", request.ref, ours.id),
    }  # fmt: skip


def _hidden(places, name, visibility, **over):
    """A case of the own creditor and team whose data rest (art. 18 GDPR), or are gone but for a stub."""
    case = factory.case(surname=f"Cliënt {name}", team=TEAM, **over)
    claim = factory.claim(case, places["ours"], agent_id=places["agent"].id)
    offer = factory.offer(factory.proposal(case, [claim]), claim, visibility=visibility)
    document = _document("offer letter", offer.ref, places["ours"].id)
    notice = factory.notice(claim, visibility=visibility)
    request = factory.balance_request(claim, visibility=visibility)
    letter = _document("balance letter", request.ref, places["ours"].id)
    hidden = {
        "balance": request.ref,
        "balance_letter": letter,
        "offer": offer.ref,
        "case": case.ref,
        "number": str(claim.number),
        "document": document,
        "notice": notice.ref,
    }
    return MISSING | hidden


def _proposals(places, people):
    """Cases of the own team on their way: `ready` to be drafted, `drafted` by a colleague, and `approved` by one."""
    first, second = actor(people, "officer"), actor(people, "officer2")
    made = {}
    for state in ("ready", "drafted", "approved"):
        case = factory.case(surname=f"Cliënt {state}", team=TEAM)
        claim = factory.claim(case, places["ours"], agent_id=places["agent"].id)
        factory.claim(case, places["theirs"], number=claim.number + 1000)
        made[state] = MISSING | {"case": case.ref, "number": str(claim.number), "code": str(places["ours"].code)}
    draft_proposal(second, made["drafted"]["case"], Choice(Product.RESTRUCTURING_LOAN))
    ref = draft_proposal(first, made["approved"]["case"], Choice(Product.RESTRUCTURING_LOAN))
    approve_proposal(second, ref, revision=1)
    return made | {"rejected": MISSING | {"offer": _rejected(places)}}


def _rejected(places):
    """An offer of another case that the own creditor rejected, so that the bank may ask once more."""
    offer = factory.offers(places["ours"])[0]
    with db.transaction() as session:
        given = {
            "state": OfferState.REJECTED,
            "answered_at": now(),
            "answered_by": AnsweredBy.HAND,
            "reject_reason": RejectReason.POLICY,
            "answerer": "Ada",
        }
        session.query(Offer).filter_by(id=offer.id).update(given)
    return offer.ref
