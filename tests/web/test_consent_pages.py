import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from app import db
from app.access import Kind, Role
from app.accounts import totp
from app.clock import now
from app.consents.assessing import assessment_row, consents_in_force
from app.consents.models import Assessment, Consent
from app.consents.rules import ClauseRow, Facts, Product, State, evaluate
from app.consents.words import clause_rows
from tests import factory

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TERMS = {"zero_offers": "no", "min_percentage": "10,00", "entrepreneurs": "open", "requires_guidance": "open", "effect": "accept"}
FACTS = Facts(Product.RESTRUCTURING_LOAN, 3000, 20000, 90000, 20000, 20000, 36, False, True, None, True, date(2026, 5, 1), False)


@pytest.fixture
def creditor(app):
    return factory.organisation()


@pytest.fixture
def person(creditor):
    return factory.person(creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET)


@pytest.fixture
def manager(person, client_of):
    return client_of(person)


@pytest.fixture
def next_day(clock, person, client_of):
    """`next_day()` lets a day pass and signs the manager in anew."""

    def passed():
        clock.shift(timedelta(days=1))
        return client_of(person)

    return passed


@pytest.fixture
def ref(manager):
    """The draft that a manager began."""
    return manager.post("/consents").location.rpartition("/")[2]


def code():
    return totp.code_at(SECRET, now().timestamp())


def stored(ref):
    with db.reading() as session:
        return session.scalars(select(Consent).where(Consent.ref == ref).order_by(Consent.version.desc())).first()


def post(browser, ref, action, **over):
    fields = TERMS | {"revision": stored(ref).revision, "action": action} | over
    return browser.post(f"/consents/{ref}", data=fields)


def sign(browser, ref, **over):
    post(browser, ref, "save")
    return post(browser, ref, "sign", **({"agreed": "y", "code": code()} | over))


def offers(creditor, *payments, day=date(2026, 5, 1)):
    """Offers of this year, as issuing keeps them."""
    with db.transaction() as session:
        consent = consents_in_force(session, [creditor.id], day).get(creditor.id)
        rows = []
        for payment in payments:
            facts = FACTS._replace(payment_cents=payment, issued_on=day)
            coverage = evaluate(consent.clauses, facts) if consent else None
            rows.append(assessment_row(db.new_ref("A"), creditor.id, consent, facts, coverage))
        session.execute(insert(Assessment), rows)


def test_a_creditor_without_consent_is_shown_how_to_begin(manager):
    assert "Schrijf een akkoord vooraf" in manager.get("/consents").text


def test_calculating_again_saves_the_draft_and_shows_what_it_would_have_covered(manager, ref, creditor):
    offers(creditor, 3000, 2500, 100)
    post(manager, ref, "calculate")
    page = manager.get(f"/consents/{ref}").text
    assert "2 van de 3" in page
    assert 'value="10,00"' in page
    assert "3. percentage te laag" in page


def test_the_offers_that_are_not_covered_are_one_click_away(manager, ref, creditor):
    offers(creditor, 3000, 100)
    post(manager, ref, "save")
    page = manager.get(f"/consents/{ref}/missed/min_percentage?version=1").text
    assert "200,00" in page
    assert "0,50%" in page
    assert "9,50 punt te laag" in page
    assert page.count('href="/offers/A-') == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("max_months", "9999", "te groot"),
        ("years_since_settlement", "101", "te groot"),
        ("min_percentage", "100,01", "te groot"),
        ("valid_until", "2500-01-01", "tot en met 2199"),
        ("valid_from", "0001-01-01", "van 1900"),
    ],
)
def test_a_limit_that_no_consent_can_hold_is_said_and_the_draft_stays_as_it_was(manager, ref, field, value, said):
    answer = post(manager, ref, "save", **{field: value})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert manager.get(f"/consents/{ref}").status_code == 200


def test_a_limit_that_cannot_be_read_is_said_at_its_field_and_kept(manager, ref):
    answer = post(manager, ref, "save", min_percentage="tien")
    assert answer.status_code == 422
    assert "Dit is geen percentage" in answer.text
    assert 'value="tien"' in answer.text


def test_every_clause_comes_back_as_it_was_filled_in(manager, ref):
    filled = {
        "products": ["restructuring_loan", "youth_loan"], "zero_offers": "no", "min_percentage": "7,125", "max_claim_cents": "12.500,00",
        "max_share": "15,00", "max_months": "36", "entrepreneurs": "no", "requires_guidance": "yes", "years_since_settlement": "5",
        "balance_tolerance": "2,50", "valid_from": "2026-07-01", "until_further_notice": "y", "effect": "prepare",
    }  # fmt: skip
    post(manager, ref, "save", **filled)
    before = stored(ref)
    post(manager, ref, "save", **filled)
    page = manager.get(f"/consents/{ref}").text
    assert re.findall(r'name="products" value="(\w+)" checked', page) == filled["products"]
    assert all(f'value="{value}"' in page for value in ("7,125", "12.500,00", "15,00", "36", "5", "2,50", "2026-07-01"))
    assert stored(ref).revision == before.revision
    assert len(before.clauses) == 12
    assert before.clauses["valid_until"] is None


def test_signing_leads_to_a_version_with_its_document(manager, ref, queue):
    assert sign(manager, ref).status_code == 302
    queue.run_all()
    page = manager.get(f"/consents/{ref}").text
    assert "Ondertekend akkoord, versie 1" in page
    assert "vanaf 5 juni 2026" in page


def test_a_contradiction_is_said_at_its_field_and_not_signed(manager, ref):
    over = {"zero_offers": "open"}
    post(manager, ref, "save", **over)
    answer = post(manager, ref, "sign", agreed="y", code=code(), **over)
    assert answer.status_code == 422
    assert 'id="zero_offers-fout"' in answer.text
    assert stored(ref).state is State.DRAFT


@pytest.mark.parametrize(
    ("over", "said"), [({"code": "000000"}, "Deze code klopt niet"), ({"agreed": ""}, "Zet hier een vinkje"), ({"code": ""}, "6 cijfers")]
)
def test_a_signature_needs_a_tick_and_a_right_code(manager, ref, over, said):
    answer = sign(manager, ref, **over)
    assert (answer.status_code, stored(ref).state) == (422, State.DRAFT)
    assert said in answer.text


def test_terms_that_were_changed_on_the_page_are_not_signed_unseen(manager, ref):
    post(manager, ref, "save")
    answer = post(manager, ref, "sign", agreed="y", code=code(), min_percentage="1,00")
    assert (answer.status_code, stored(ref).state) == (302, State.DRAFT)
    assert stored(ref).clauses["min_percentage"] == "1.00"


def test_the_second_manager_who_signs_learns_that_it_changed(manager, ref, creditor, client_of):
    other = client_of(factory.person(creditor, Role.CREDITOR_MANAGER, totp_secret=SECRET))
    post(manager, ref, "save")
    read = stored(ref).revision
    answers = [post(browser, ref, "sign", agreed="y", code=code(), revision=read).status_code for browser in (manager, other)]
    assert answers == [302, 409]


def test_another_creditors_consent_is_as_good_as_none(manager, ref, client_of):
    sign(manager, ref)
    stranger = client_of(factory.person(factory.organisation(), Role.CREDITOR_MANAGER))
    for path in ("", "/withdraw", "/missed/products?version=1"):
        theirs, nobodys = (without_address(stranger.get(f"/consents/{one}{path}"), one) for one in (ref, "C-2222-2222"))
        assert theirs == nobodys
        assert theirs[0] == 404


def without_address(answer, ref):
    """Return status and bytes of a page without its own address and the request's number."""
    return answer.status_code, answer.text.replace(answer.headers["X-Request-Id"], "").replace(ref, "")


def test_a_worker_reads_but_cannot_draft_sign_or_withdraw(manager, ref, creditor, client_of):
    sign(manager, ref)
    worker = client_of(factory.person(creditor))
    page = worker.get(f"/consents/{ref}")
    assert page.status_code == 200
    assert "Intrekken" not in page.text
    assert [worker.post("/consents").status_code, post(worker, ref, "sign").status_code] == [404, 404]
    assert worker.get(f"/consents/{ref}/withdraw").status_code == 404


def test_an_agent_has_no_consents(client_of, app):
    agent = client_of(factory.person(factory.organisation(Kind.AGENT), Role.AGENT_MANAGER))
    assert agent.get("/consents").status_code == 404


@pytest.mark.parametrize(
    ("kind", "role"), [(Kind.BANK, Role.OFFICER), (Kind.RELATIONS_TEAM, Role.RELATIONSHIP_MANAGER), (Kind.CITY, Role.AUDITOR)]
)
def test_bank_relations_team_and_auditor_read_every_consent(manager, ref, creditor, client_of, clock, kind, role):
    sign(manager, ref)
    clock.shift(timedelta(days=1))
    reader = client_of(factory.person(factory.organisation(kind), role))
    assert creditor.name in reader.get("/consents").text
    page = reader.get(f"/consents/{ref}").text
    assert "ten minste 10,00%" in page
    assert "Maak een nieuwe versie" not in page


@pytest.mark.parametrize(
    ("kind", "role", "opens"),
    [
        (Kind.BANK, Role.OFFICER, True),
        (Kind.RELATIONS_TEAM, Role.RELATIONSHIP_MANAGER, True),
        (Kind.CITY, Role.AUDITOR, False),
    ],
)
def test_who_looks_after_consents_opens_what_was_signed(manager, ref, client_of, clock, queue, kind, role, opens):
    sign(manager, ref)
    queue.run_all()
    clock.shift(timedelta(days=1))
    reader = client_of(factory.person(factory.organisation(kind), role))
    documents = set(re.findall(r'href="(/documents/[^"]+)"', reader.get(f"/consents/{ref}").text))
    assert [reader.get(path).status_code for path in documents] == [200] * opens


def test_a_change_says_what_it_does_to_the_offers_of_a_year(manager, ref, creditor, next_day):
    sign(manager, ref)
    offers(creditor, 3000, 2500, 1000, 100)
    manager = next_day()
    manager.post("/consents")
    post(manager, ref, "save", min_percentage="5,00")
    assert "Daardoor is er 1 aanbod meer gedekt." in manager.get(f"/consents/{ref}").text
    post(manager, ref, "save", min_percentage="20,00")
    page = manager.get(f"/consents/{ref}").text
    assert "Daardoor zijn er 2 aanbiedingen minder gedekt." in page
    assert "Met versie 1 was dat €\N{NO-BREAK SPACE}55,00." in page


def test_withdrawing_says_which_version_begins_all_the_same(manager, ref, next_day):
    sign(manager, ref)
    manager = next_day()
    manager.post("/consents")
    post(manager, ref, "save", max_months="36")
    post(manager, ref, "sign", max_months="36", agreed="y", code=code(), starts_on="2026-07-01")
    assert "versie 2 is al ondertekend en begint op 1 juli 2026" in manager.get(f"/consents/{ref}/withdraw?version=1").text


def test_withdrawing_shows_what_it_touches_and_keeps_the_answers(manager, ref, creditor, next_day):
    sign(manager, ref)
    manager = next_day()
    offers(creditor, 3000, 100, day=date(2026, 6, 5))
    page = manager.get(f"/consents/{ref}/withdraw").text
    assert "aanbod van de laatste 30 dagen" in page
    fields = {"version": 1, "revision": stored(ref).revision, "ends_on": "2026-06-05", "reason": "percentage te laag"}
    assert manager.post(f"/consents/{ref}/withdraw", data=fields).status_code == 302
    with db.reading() as session:
        assert sorted(session.scalars(select(Assessment.covered))) == [False, True]
    assert "percentage te laag" in manager.get(f"/consents/{ref}").text


def test_a_withdrawal_without_a_reason_is_said_at_its_field(manager, ref):
    sign(manager, ref)
    fields = {"version": 1, "revision": stored(ref).revision, "ends_on": "2026-06-05", "reason": ""}
    answer = manager.post(f"/consents/{ref}/withdraw", data=fields)
    assert answer.status_code == 422
    assert "Schrijf kort waarom" in answer.text


def test_the_list_of_versions_says_what_changed(manager, ref, next_day):
    sign(manager, ref)
    manager = next_day()
    manager.post("/consents")
    post(manager, ref, "save", min_percentage="12,00", max_months="36")
    page = manager.get(f"/consents/{ref}").text
    assert "laagste percentage van ten minste 10,00% naar ten minste 12,00%" in page
    assert "Was ten minste 10,00% in versie 1." in page


def test_a_draft_thrown_away_leads_back_to_the_beginning(manager, ref):
    post(manager, ref, "discard")
    assert "U hebt nog geen akkoord vooraf" in manager.get("/consents").text


def test_how_an_offer_compared_is_said_in_words(app):
    rows = [
        ClauseRow("max_share", "15.00", "16.99", met=False),
        ClauseRow("max_months", 36, 60, met=False),
        ClauseRow("min_percentage", "10.00", "12.22", met=True),
        ClauseRow("requires_guidance", required=True, actual=None, met=False),
    ]
    with app.test_request_context():
        said = clause_rows(rows)
    assert [row[0] for row in said] == [5, 6, 3, 8]
    assert [row[5] for row in said] == ["1,99 punt te hoog", "24 maanden te lang", "past", "niet bekend, dus niet gedekt"]
    assert said[0][1:4] == ("Deel van alle schulden", "ten hoogste 15,00%", "16,99%")


# ── the consents of all creditors ────────────────────────────────────────────


@pytest.fixture
def everybody(app, clock):
    """Creditors of every standing, each named after it; the clock stands at 4 June 2026."""
    dates = {
        "A geldt": {"starts_on": date(2026, 1, 1)},
        "B loopt af in juli": {"starts_on": date(2026, 1, 1), "clauses": {"zero_offers": False, "valid_until": "2026-07-20"}},
        "C loopt af in juni": {"starts_on": date(2026, 1, 1), "clauses": {"zero_offers": False, "valid_until": "2026-06-20"}},
        "D gaat nog in": {"starts_on": date(2026, 7, 1)},
        "E is ingetrokken": {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 6, 1), "state": State.WITHDRAWN},
    }
    for name, over in dates.items():
        values = {"version": 1, "state": State.SIGNED, "clauses": {"zero_offers": False}, "drafted_by": "Ilse Terpstra"}
        values |= {"created_at": now(), "saved_at": now(), "signed_at": now(), "ref": db.new_ref("C")}
        factory.save(Consent(**values | {"creditor_id": factory.organisation(name=name).id} | over))
    factory.organisation(name="F heeft er geen")
    factory.organisation(name="G doet niet mee", joined_on=None)


@pytest.fixture
def officer(everybody, client_of):
    return client_of(factory.person(factory.organisation(Kind.BANK), Role.OFFICER))


def listed(page):
    """Return the first letters of the creditors that a page lists, in their order."""
    return "".join(re.findall(r'<th role="rowheader"[^>]*>(?:<a [^>]*>)?(\w) ', page))


def test_what_expires_first_stands_first(officer):
    assert listed(officer.get("/consents").text) == "CBADEF"


@pytest.mark.parametrize(
    ("query", "letters"),
    [
        ("status=expiring", "CB"), ("status=in+force", "A"), ("status=coming", "D"), ("status=ended", "E"), ("status=none", "F"),
        ("q=loopt+af+in+juli", "B"), ("q=LOOPT&status=ended", ""), ("status=anders", "CBADEF"),
    ],
)  # fmt: skip
def test_the_list_of_all_can_be_filtered_and_downloaded_as_it_is_shown(officer, query, letters):
    assert listed(officer.get(f"/consents?{query}").text) == letters
    lines = officer.get(f"/consents/download?{query}").text.splitlines()[1:]
    assert "".join(line.split('";"')[1][0] for line in lines) == letters
    assert officer.get(f"/consents/download?{query}&format=xlsx").data[:2] == b"PK"


def test_a_creditor_cannot_download_the_list_of_all(manager):
    assert manager.get("/consents/download").status_code == 404
