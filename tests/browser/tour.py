"""The whole way as people go it, in browsers of their own: from a consent to an agreement. Tests and pictures share it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app import connect, db
from app.accounts.people import DEMO_SECRET, KADE, WATER
from app.accounts.totp import STEP, code_at
from app.cases.models import Case
from app.clock import today
from app.config import Settings
from app.consents.models import Consent
from app.consents.rules import Effect
from app.creditors.models import Organisation
from app.deadlines import add_working_days
from app.proposals.lifecycle import OfferState
from app.proposals.models import Offer, Proposal
from tests.browser.conftest import opened
from tests.browser.demo import AGENT, MANAGER, OFFICER, SECOND_OFFICER, WORKER, Demo, signed_in

Picture = Callable[[Page, str], None]
CODE = re.compile(r"Uw code\s+([0-9A-Z]{5}-[0-9A-Z]{5})")
WAITING = (OfferState.OPEN, OfferState.PREPARED, OfferState.ASKED_AGAIN)
SAID = "p.note--said"


def tour(chromium: Browser, demo: Demo, picture: Picture) -> None:
    """Go the whole way; `picture(page, name)` is called where there is something to see."""
    consent(chromium, demo, picture)
    with _database(demo):
        case = case_to_settle()
    draft(chromium, demo, case, picture)
    check_and_issue(chromium, demo, case, picture)
    answer_as_people(chromium, demo, case, picture)
    answer_by_code(chromium, demo, case, picture)
    agreement(chromium, demo, case, picture)


# ── what the database knows beforehand ───────────────────────────────────────


@dataclass(frozen=True)
class Waiting:
    """An offer that nobody answered yet."""

    ref: str
    creditor: str
    agent: str | None


@contextmanager
def _database(demo: Demo) -> Iterator[None]:
    """Read the demo's database beside its pages."""
    connect(Settings.from_env(demo.environment))
    yield
    db.engine().dispose()


def case_to_settle() -> str:
    """Return a case that is ready, with few claims: one of the water company, one for the agent, and one that a consent may cover."""
    with db.reading() as session:
        ids = {name: session.scalars(select(Organisation.id).where(Organisation.name == name)).one() for name in (WATER, KADE)}
        agreeing = set(session.scalars(select(Consent.creditor_id).where(Consent.signed_at.is_not(None), Consent.effect == Effect.ACCEPT)))
        fitting = [
            case
            for case in _ready(session)
            if {claim.agent_id for claim in case.claims} & {ids[KADE]}
            and {claim.creditor_id for claim in case.claims} & {ids[WATER]}
            and {claim.creditor_id for claim in case.claims} & agreeing - {ids[WATER]}
        ]
        return min(fitting, key=lambda case: (len(case.claims), case.id)).ref


def _ready(session: Session) -> list[Case]:
    """Return the cases without a proposal whose figures are recent and whose balance round is over, with something to pay."""
    cases = session.scalars(select(Case).where(Case.id.not_in(select(Proposal.case_id))).options(selectinload(Case.claims)))
    return [
        case
        for case in cases
        if add_working_days(case.started_on, 20) < today()
        and (today() - case.calculated_on).days < 150
        and case.income_cents > case.vtlb_cents
        and not case.programme
    ]


def waiting(demo: Demo, case: str) -> list[Waiting]:
    """Return the offers of a case that wait for an answer."""
    with _database(demo), db.reading() as session:
        names = {row.id: row.name for row in session.scalars(select(Organisation))}
        offers = session.scalars(select(Offer).join(Case).where(Case.ref == case, Offer.state.in_(WAITING)).order_by(Offer.id))
        return [Waiting(offer.ref, names[offer.creditor_id], names.get(offer.agent_id)) for offer in offers]


# ── the creditor consents in advance ─────────────────────────────────────────


def consent(chromium: Browser, demo: Demo, picture: Picture) -> None:
    """The manager writes a new version, looks at what it would have done, and signs it."""
    with signed_in(chromium, demo.address, MANAGER) as page:
        page.goto(f"{demo.address}/consents")
        picture(page, "akkoord")
        page.locator("button:text('Maak een nieuwe versie'), button:text('Schrijf een akkoord vooraf')").click()
        page.check("input[name=products][value=restructuring_loan]")
        page.fill("#min_percentage", "4,50")
        page.fill("#max_claim_cents", "7.500")
        page.fill("#balance_tolerance", "")
        page.check("#until_further_notice")
        page.click("text=Reken opnieuw")
        expect(page.locator(SAID)).to_contain_text("opnieuw berekend")
        expect(page.locator("#h-gevolgen")).to_be_visible()
        picture(page, "akkoord-gevolgen")
        page.check("#agreed")
        page.fill("#code", fresh_code())
        page.click("button:has-text('Onderteken versie')")
        expect(page.locator(SAID)).to_contain_text("is ondertekend")
        picture(page, "akkoord-ondertekend")


def fresh_code() -> str:
    """Return the code of the present step, with some seconds left to type it."""
    left = STEP - time.time() % STEP
    if left < 5:
        time.sleep(left)
    return code_at(DEMO_SECRET, time.time())


# ── the bank proposes ────────────────────────────────────────────────────────


def draft(chromium: Browser, demo: Demo, case: str, picture: Picture) -> None:
    """An officer opens the case, compares the products, and drafts."""
    with signed_in(chromium, demo.address, OFFICER) as page:
        page.goto(f"{demo.address}/cases/{case}")
        picture(page, "dossier")
        page.click("text=Bereken of bekijk het voorstel")
        expect(page.locator("#h-producten")).to_be_visible()
        picture(page, "producten-vergeleken")
        page.check("input[name=product][value=restructuring_loan]")
        page.click("button:has-text('Maak concept')")
        expect(page.locator(SAID)).to_contain_text("Een collega moet het nu controleren")
        expect(page.locator("text=Gecontroleerd, akkoord")).to_have_count(0)


def check_and_issue(chromium: Browser, demo: Demo, case: str, picture: Picture) -> None:
    """A second officer checks; the first one issues and sees at once what the consents covered."""
    address = f"{demo.address}/cases/{case}/proposal"
    with signed_in(chromium, demo.address, SECOND_OFFICER) as page:
        page.goto(address)
        picture(page, "voorstel-controleren")
        page.click("text=Gecontroleerd, akkoord")
        expect(page.locator(SAID)).to_contain_text("Gecontroleerd")
    with signed_in(chromium, demo.address, OFFICER) as page:
        page.goto(address)
        page.click("button:has-text('Breng uit')")
        expect(page.locator(SAID)).to_contain_text("Uitgebracht")
        expect(page.locator("#h-antwoorden ~ *, section:has(#h-antwoorden)").first).to_contain_text("akkoord vooraf")
        picture(page, "voorstel-uitgebracht")


# ── the creditors answer ─────────────────────────────────────────────────────


def answer_as_people(chromium: Browser, demo: Demo, case: str, picture: Picture) -> None:
    """The creditor's worker and the agent answer what is theirs; the agent refuses first, and thinks again when asked."""
    offers = waiting(demo, case)
    own = next((offer for offer in offers if offer.creditor == WATER and offer.agent != KADE), None)
    with signed_in(chromium, demo.address, WORKER) as page:
        picture(page, "aanbiedingen")
        if own:
            open_offer(page, demo, own.ref)
        else:  # the own consent answered it: another client's offer waits
            page.click("text=Begin bovenaan")
        picture(page, "aanbod")
        accept_with_a_double_click(page)
    agents = next((offer for offer in offers if offer.agent == KADE), None)
    if agents:
        refuse(chromium, demo, agents.ref, picture)
        ask_again(chromium, demo, case, picture)
        with signed_in(chromium, demo.address, AGENT) as page:
            open_offer(page, demo, agents.ref)
            picture(page, "heroverweging")
            accept_with_a_double_click(page)


def open_offer(page: Page, demo: Demo, ref: str) -> None:
    """Find an offer by its number and open it."""
    page.goto(f"{demo.address}/offers")
    page.fill("#f-q", ref)
    page.press("#f-q", "Enter")
    page.locator(f"main tbody a[href$='/offers/{ref}']").click()
    expect(page.locator("#antwoord, [aria-labelledby=h-antwoord]").first).to_be_visible()


def accept_with_a_double_click(page: Page) -> None:
    page.check("input[name=answer][value=accept]")
    page.locator("button:has-text('Verstuur en open het volgende')").dblclick()
    expect(page.locator(SAID)).to_contain_text("is verstuurd")
    expect(page.locator(SAID)).to_have_count(1)


def refuse(chromium: Browser, demo: Demo, ref: str, picture: Picture) -> None:
    with signed_in(chromium, demo.address, AGENT) as page:
        open_offer(page, demo, ref)
        page.check("input[name=answer][value=reject]")
        page.select_option("#reason", index=1)
        page.fill("#explanation", "Onze opdrachtgever ziet graag een hoger percentage.")
        picture(page, "afwijzen")
        page.click("text=Verstuur en open het volgende")
        if page.locator("#confirmed").count():
            page.check("#confirmed")
            page.click("text=Verstuur en open het volgende")
        expect(page.locator(SAID)).to_contain_text("is verstuurd")


def ask_again(chromium: Browser, demo: Demo, case: str, picture: Picture) -> None:
    """The officer sees who refused, on the board and at the case, and asks with a reason."""
    with signed_in(chromium, demo.address, OFFICER) as page:
        page.goto(f"{demo.address}/board")
        picture(page, "wie-houdt-het-tegen")
        page.goto(f"{demo.address}/cases/{case}/proposal")
        page.locator("a:has-text('Vraag heroverweging')").first.click()
        page.fill("#words", "Alle gegevens zijn gecontroleerd en er is begeleiding geregeld.")
        page.locator("#vraag button").click()
        expect(page.locator(SAID)).to_contain_text("heroverwegen")


def answer_by_code(chromium: Browser, demo: Demo, case: str, picture: Picture) -> None:
    """Whoever has no account answers with the code on the letter."""
    codes = {path.stem: code_on(path) for path in demo.letters(case)}
    for number, offer in enumerate(waiting(demo, case)):
        with opened(chromium) as page:
            page.goto(f"{demo.address}/answer")
            page.fill("#code", codes[offer.ref].lower())
            page.click("main button:has-text('Verder')")
            page.check("input[name=answer][value=accept]")
            page.fill("#name", "J. de Wit")
            if number == 0:
                picture(page, "antwoord-met-code")
            page.click("text=Verstuur uw antwoord")
            page.wait_for_url("**/answer/thanks")
            if number == 0:
                picture(page, "antwoord-ontvangen")
    assert waiting(demo, case) == []


def code_on(letter: Path) -> str:
    """Return the code on a letter; a letter about an answer that stands holds none."""
    found = CODE.search("\n".join(page.extract_text() for page in PdfReader(letter).pages))
    return found[1] if found else ""


# ── the agreement, and the letter ────────────────────────────────────────────


def agreement(chromium: Browser, demo: Demo, case: str, picture: Picture) -> None:
    """The officer sees that the agreement stands; anybody can ask whether a letter is genuine."""
    with signed_in(chromium, demo.address, OFFICER) as page:
        page.goto(f"{demo.address}/cases/{case}/proposal")
        expect(page.locator("main")).to_contain_text("De regeling staat.")
        picture(page, "regeling-staat")
    letter = download_letter(chromium, demo)
    assert json.loads(demo.portal("letters", "verify", "--json", str(letter)))["genuine"]
    with opened(chromium) as page:
        page.goto(f"{demo.address}/verify")
        page.set_input_files("#file", letter)
        page.click("main button:has-text('Controleer')")
        expect(page.locator("h1")).to_have_text("Deze brief is van ons")
        picture(page, "brief-gecontroleerd")


def download_letter(chromium: Browser, demo: Demo) -> Path:
    """Open the letter of the first offer on the creditor's list, as its page offers it."""
    with signed_in(chromium, demo.address, WORKER) as page:
        page.goto(f"{demo.address}/offers?status=all")
        page.locator("main tbody th a").first.click()
        link = page.locator("a[href^='/documents/']").first.get_attribute("href")
        answer = page.request.get(demo.address + str(link))
        assert answer.headers["content-type"] == "application/pdf"
        path = demo.folder / "brief.pdf"
        path.write_bytes(answer.body())
        return path


def two_at_once(chromium: Browser, demo: Demo) -> None:
    """Two colleagues have the same offer open: the first answers, the second is told who did and when."""
    with signed_in(chromium, demo.address, WORKER) as first, signed_in(chromium, demo.address, MANAGER) as second:
        for page in (first, second):
            page.goto(f"{demo.address}/offers")
            page.click("text=Begin bovenaan")
        assert first.url == second.url
        address = first.url
        accept_with_a_double_click(first)
        second.check("input[name=answer][value=accept]")
        second.click("text=Verstuur en open het volgende")
        expect(second.locator(SAID)).to_contain_text("Samira Bakali was u voor")
        assert second.url == address
        expect(second.locator("text=Verstuur en open het volgende")).to_have_count(0)
