"""Rows for tests, each with sensible values of its own; the one file in which tests make things."""

from datetime import UTC, date, datetime

from sqlalchemy import func, select

from app import db
from app.access import Actor, Kind, Role
from app.accounts.models import Membership, Person
from app.cases.models import BalanceRequest, BalanceStatement, Case, Claim, Notice, PauseBreach
from app.cases.pause_rules import BreachSource
from app.cases.rules import AnsweredBy, Rank
from app.clock import now
from app.consents.models import Assessment, Consent
from app.consents.rules import Clauses, Effect, Product, State, to_json
from app.creditors.models import Mandate, Organisation
from app.early_signals.filing import Report as SignalReport
from app.early_signals.models import Signal
from app.early_signals.rules import Sort
from app.early_signals.service import report_signal
from app.practices.models import Report
from app.practices.queries import drafts_of, report_page
from app.practices.service import save_section, start_report, submit_report
from app.proposals import calculation
from app.proposals.drafting import approve_proposal, draft_proposal
from app.proposals.issuing import issue_proposal
from app.proposals.lifecycle import OfferState, ProposalState
from app.proposals.models import Offer, Proposal
from app.proposals.offer_rows import CODE_LENGTH
from app.relations.commitment_rules import Party
from app.relations.complaint_lifecycle import State as ComplaintState
from app.relations.complaint_rules import ComplaintKind
from app.relations.escalation_rules import Level
from app.relations.models import Commitment, Complaint, Escalation, Meeting
from app.sealing import blind_index

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
        "ref": db.new_ref("D"), "relation_code": 710000 + n, "sequence": 1, "initials": "X.", "given_name": "Xander", "surname": surname,
        "surname_index": blind_index(surname), "birth_date": date(1987, 5, 2), "street": "Vlinderhof", "house_number": "33",
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


def notice(claim, **over):
    """The notice of one claim, sent on 1 June 2026 and not answered yet."""
    values = {
        "ref": db.new_ref("K"), "case_id": claim.case_id, "claim_id": claim.id, "creditor_id": claim.creditor_id,
        "agent_id": claim.agent_id,
        "reference": claim.reference, "surname_index": blind_index("Visser"), "sent_on": date(2026, 6, 1),
        "sent_at": datetime(2026, 6, 1, 8, tzinfo=UTC), "sent_by": "Mila Haverkamp", "pause_until": date(2027, 2, 1),
    }  # fmt: skip
    return save(Notice(**values | over))


def breach(notice, **over):
    """Word of a client that was collected on 2 June 2026, while the pause of a notice held."""
    values = {
        "notice_id": notice.id, "case_id": notice.case_id, "creditor_id": notice.creditor_id, "source": BreachSource.COMPLAINT,
        "happened_on": date(2026, 6, 2), "words": "Er kwam een aanmaning.", "reported_at": datetime(2026, 6, 3, 8, tzinfo=UTC),
        "reported_by": "Hanna Wouda",
    }  # fmt: skip
    return save(PauseBreach(**values | over))


def notices(*creditors, **over):
    """One case with a claim of each creditor and a notice about each; return the notices in that order."""
    found = case()
    return [notice(claim(found, one), **over) for one in creditors]


def balance_request(claim, **over):
    """The balance request about one claim, sent on 1 June 2026 and not answered yet."""
    code = (db.new_ref("") + db.new_ref("")).replace("-", "")[:CODE_LENGTH]
    values = {
        "ref": db.new_ref("S"), "case_id": claim.case_id, "claim_id": claim.id, "creditor_id": claim.creditor_id,
        "agent_id": claim.agent_id,
        "reference": claim.reference, "surname_index": blind_index("Visser"), "sent_on": date(2026, 6, 1), "sent_by": "Mila Haverkamp",
        "answer_by": date(2026, 6, 15), "remind_on": ["2026-06-08", "2026-06-16"], "closes_on": date(2026, 6, 29), "code": code,
        "code_index": blind_index(code),
    }  # fmt: skip
    return save(BalanceRequest(**values | over))


def balance_statement(request, **over):
    """What a creditor stated to a request, without costs; it counts unless told otherwise."""
    values = {
        "request_id": request.id, "claim_id": request.claim_id, "creditor_id": request.creditor_id, "at": datetime(2026, 6, 2, 8,
        tzinfo=UTC),
        "who": "Wout Water", "organisation": "Waterbedrijf", "by": AnsweredBy.HAND, "late": False, "principal_cents": 200_000,
        "interest_cents": 12_000, "costs_cents": 0, "total_cents": 212_000, "rank": Rank.CONCURRENT,
    }  # fmt: skip
    return save(BalanceStatement(**values | over))


def worked(claims, product=Product.RESTRUCTURING_LOAN):
    """What issuing keeps of a calculation; each claim is paid a tenth."""
    rows = [(str(c.number), c.rank.value, c.balance_cents) for c in claims]
    asked = [{"id": id_, "rank": rank, "balance_cents": cents} for id_, rank, cents in rows]
    paid = [{"id": id_, "takes_part_cents": cents, "payment_cents": cents // 10, "percentage": "10.00"} for id_, _, cents in rows]
    ranks = {rank: {"claims_cents": 0, "percentage": "10.00"} for rank in ("preferential", "concurrent")}
    result = {"product": product, "months": 18, "capacity_cents": 18600, "fee_cents": 0, "ranks": ranks, "claims": paid, "warnings": []}
    result["available_cents"] = sum(row["payment_cents"] for row in paid)
    return {"input": {"product": product, "income_cents": 184200, "vtlb_cents": 165600, "claims": asked}, "result": result}


def proposal(case, claims, **over):
    """A proposal issued on 4 June 2026 to the creditors of these claims."""
    issued_on = over.get("issued_on", date(2026, 6, 4))
    terms = calculation.terms(issued_on, issued_on)
    made = worked(claims, over.get("product", Product.RESTRUCTURING_LOAN))
    values = {
        "ref": db.new_ref("V"), "case_id": case.id, "state": ProposalState.ISSUED, "product": Product.RESTRUCTURING_LOAN, "months": 18,
        "annual_rate": "7.50", "fingerprint": "0" * 64, "drafted_by": "Ada", "drafted_person_id": 101, "approved_by": "Otto",
        "approved_person_id": 102, "drafted_at": datetime(2026, 6, 3, tzinfo=UTC), "approved_at": datetime(2026, 6, 3, tzinfo=UTC),
        "worked": made, "available_cents": made["result"]["available_cents"], "issued_at": datetime(2026, 6, 4, 8, 31, tzinfo=UTC),
        "issued_on": issued_on, "answer_by": terms.answer_by, "remind_on": [day.isoformat() for day in terms.remind_on],
        "closes_on": terms.closes_on,
    }  # fmt: skip
    return save(Proposal(**values | over))


def offer(proposal, claim, **over):
    """The offer of a proposal on one claim, waiting for its creditor."""
    code = (db.new_ref("") + db.new_ref("")).replace("-", "")[:CODE_LENGTH]
    values = {
        "ref": db.new_ref("A"), "proposal_id": proposal.id, "case_id": proposal.case_id, "claim_id": claim.id,
        "creditor_id": claim.creditor_id,
        "agent_id": claim.agent_id, "reference": claim.reference, "surname_index": blind_index("Visser"), "state": OfferState.OPEN,
        "rank": claim.rank, "product": proposal.product, "balance_cents": claim.balance_cents, "takes_part_cents": claim.balance_cents,
        "payment_cents": claim.balance_cents // 10, "percentage": "10.00", "issued_on": proposal.issued_on, "answer_by": proposal.answer_by,
        "closes_on": proposal.closes_on, "code": code, "code_index": blind_index(code),
    }  # fmt: skip
    return save(Offer(**values | over))


def offers(*creditors, **over):
    """One case with a claim of each creditor, proposed and issued; return the offers in that order."""
    found = case()
    claims = [claim(found, one) for one in creditors]
    issued = proposal(found, claims)
    return [offer(issued, one, **over) for one in claims]


def assessment(offer, **over):
    """How an offer compared with a standing consent; not covered by its third clause unless told otherwise."""
    rows = [
        {"clause": "products", "required": ["restructuring_loan"], "actual": "restructuring_loan", "met": True},
        {"clause": "min_percentage", "required": "12.00", "actual": "10.00", "met": False},
    ]
    values = {
        "offer_ref": offer.ref, "creditor_id": offer.creditor_id, "consent_id": None, "covered": False, "rows": rows,
        "product": offer.product,
        "payment_cents": offer.payment_cents, "takes_part_cents": offer.takes_part_cents, "total_cents": 10 * offer.takes_part_cents,
        "balance_cents": offer.balance_cents, "stated_cents": offer.balance_cents, "months": 18, "entrepreneur": False, "guidance": True,
        "last_settlement": None, "settlement_known": True, "issued_on": offer.issued_on, "fraud": False,
    }  # fmt: skip
    return save(Assessment(**values | over))


def consent(creditor, effect=Effect.ACCEPT, clauses=None, **over):
    """A signed consent in force; without clauses it covers every offer that is not fraud."""
    values = {"ref": db.new_ref("C"), "creditor_id": creditor.id, "version": 1, "state": State.SIGNED, "effect": effect}
    values |= {
        "clauses": to_json(clauses or Clauses()),
        "starts_on": date(2026, 1, 1),
        "drafted_by": "Els Vermaat",
        "signed_by": "Els Vermaat",
    }
    values |= dict.fromkeys(("signed_at", "created_at", "saved_at"), datetime(2025, 12, 20, tzinfo=UTC))
    return save(Consent(**values | over))


def held(ref):
    """What a browser keeps of the letter of an offer or balance request in the half hour after its code was filled in."""
    kind, name = (BalanceRequest, "balance") if ref.startswith("S-") else (Offer, "offer")
    with db.reading(as_portal=True) as session:
        index = session.scalar(select(kind.code_index).where(kind.ref == ref))
        to = session.scalar(select(func.coalesce(kind.agent_id, kind.creditor_id)).where(kind.ref == ref))
    return {name: ref, "to": to, "code": index.hex(), "until": int(now().timestamp()) + 1800}


def officers(bank=None):
    """Two officers of the bank: one that drafts and issues, one that checks."""
    bank = bank or organisation(Kind.BANK, name="Kredietbank")
    return actor(bank, name="Mila Haverkamp", person_id=next(_names)), actor(bank, name="Ruben Oudkerk", person_id=next(_names))


def issued(case, choice=None, by=None):
    """Draft, check and issue a proposal for a case; return its reference."""
    first, second = by or officers()
    ref = draft_proposal(first, case.ref, choice)
    approve_proposal(second, ref, revision=1)
    issue_proposal(first, ref)
    return ref


PRACTICES = {
    "customers_in_arrears": "2.000", "looks_for_other_arrears": "mostly", "language_tested": "always", "contact_before_costs": "mostly",
    "contact_attempts": "3", "arrangements_offered": "900", "arrangements_made": "700", "arrangement_months": "6",
    "arrangement_months_longest": "24", "arrangements_ended": "500", "arrangements_kept": "400", "refers_to_help": "sometimes",
    "referrals": "40", "pauses_asked": "60", "pauses_broken": "6", "reminders_before_costs": "2", "days_before_costs": "45",
    "cost_cases": "300", "costs_cents": "15.000,00", "cases_to_agents": "150", "agents_paid_regardless": "all agents",
    "agents_spare_accounts": "some agents", "summons": "30", "attachments": "20", "evictions": "0", "cutoffs": "2", "staff": "40",
    "staff_trained": "12", "complaints": "12", "complaints_upheld": "5",
}  # fmt: skip


def fill_practices(actor, ref, **over):
    """Answer every question of a report that is open, as a creditor might; `over` by question, as somebody types it."""
    with db.reading() as session:
        drafts = {draft.section: draft.revision for draft in drafts_of(session, session.query(Report).filter_by(ref=ref).one().id).values()}
    for section, revision in drafts.items():
        save_section(actor, ref, section, PRACTICES | over, revision)


def practice_report(manager, year=2025, **over):
    """A report that a manager submitted, and its reference."""
    ref = start_report(manager, year)
    fill_practices(manager, ref, **over)
    submit_practices(manager, ref)
    return ref


def submit_practices(manager, ref):
    """Submit a report as it stands, by a manager who read it."""
    with db.reading() as session:
        revision = report_page(session, manager, ref).revision
    submit_report(manager, ref, revision)


def signal_report(**over):
    """What a reporter tells of somebody's arrears; a new person each time."""
    n = next(_names)
    values = {
        "reference": f"KL{n:08}", "reported_on": date(2026, 6, 3), "given_name": "Ömer", "surname": f"Şahin{n}", "birth_date": None,
        "street": "Molenpad", "house_number": str(n), "postcode": "1071 AR", "city": "Amsterdam", "phone": "0612345678",
        "email": "", "sort": Sort.ARREARS, "arrears_cents": 35_276, "instalments": 2, "days": None, "confirmations": (),
    }  # fmt: skip
    return SignalReport(**values | over)


def signal(reporter, agent=None, **over):
    """An early signal as its reporter reported it, or its agent did; by default it goes to Vroeg Eropaf of Buurtteam Zuid."""
    ref = report_signal(actor(agent or reporter), signal_report(**over), reporter.code)
    with db.reading() as session:
        return session.query(Signal).filter_by(ref=ref).one()


def complaint(team, creditor=None, **over):
    """A complaint of a team that was reported on 1 June 2026 and nobody read yet."""
    values = {
        "ref": db.new_ref("H"), "state": ComplaintState.NEW, "kind": ComplaintKind.COSTS, "creditor_id": creditor and creditor.id,
        "happened_on": date(2026, 5, 28), "words": "Te hoge kosten.", "reporter_organisation_id": team.id, "reporter": "Hanna Wouda",
        "created_at": datetime(2026, 6, 1, 8, tzinfo=UTC), "reported_at": datetime(2026, 6, 1, 8, tzinfo=UTC),
        "reported_on": date(2026, 6, 1), "receipt_by": date(2026, 6, 8), "answer_by": date(2026, 6, 22), "due_on": date(2026, 6, 8),
    }  # fmt: skip
    return save(Complaint(**values | over))


def escalation(organisation, **over):
    """An escalation that stands with the contact person since 1 June 2026."""
    values = {
        "ref": db.new_ref("E"), "organisation_id": organisation.id, "level": Level.CONTACT, "subject": "Kosten boven de staffel.",
        "owner": "Joris Blaauw", "opened_on": date(2026, 6, 1), "due_on": date(2026, 6, 15),
    }  # fmt: skip
    return save(Escalation(**values | over))


def meeting(organisation, **over):
    """A meeting of an hour that is planned for 18 June 2026."""
    values = {
        "ref": db.new_ref("O"), "organisation_id": organisation.id, "begins": datetime(2026, 6, 18, 8, tzinfo=UTC),
        "ends": datetime(2026, 6, 18, 9, tzinfo=UTC), "place": "Stadhuis", "planned_at": datetime(2026, 6, 1, 8, tzinfo=UTC),
        "planned_by": "Joris Blaauw", "changed_at": datetime(2026, 6, 1, 8, tzinfo=UTC),
    }  # fmt: skip
    return save(Meeting(**values | over))


def commitment(organisation, **over):
    """A commitment of an organisation that is due on 30 June 2026 and was not checked yet."""
    values = {
        "ref": db.new_ref("N"), "organisation_id": organisation.id, "party": Party.THEIRS, "by_whom": "Noor Wisselink",
        "words": "Brieven testen met vijf klanten.", "how": "Zij sturen de brieven.", "due_on": date(2026, 6, 30),
        "made_on": date(2026, 6, 1), "made_by": "Joris Blaauw",
    }  # fmt: skip
    return save(Commitment(**values | over))
