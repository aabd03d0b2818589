"""What comes of one complaint, as people go it in browsers of their own: from a link to a promise that is checked. Shared with pictures."""

import re
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect

from app.accounts.people import WATER
from app.clock import today
from tests.browser.conftest import opened
from tests.browser.demo import COUNSELLOR, RELATIONS, WORKER, Demo, signed_in
from tests.browser.tour import SAID, Picture

REF = re.compile(r"H-\w{4}-\w{4}")
MENACE = "Twee keer op een avond gebeld. De tweede keer werd met beslag op de spullen van de kinderen gedreigd."
PROMISED = "Na 20.00 uur wordt niemand meer gebeld."
WANTED = "Bel niet meer na 20.00 uur en dreig niet met wat niet mag."


def story(chromium: Browser, demo: Demo, picture: Picture) -> None:
    """Follow one complaint to its end; `picture(page, name)` is called where there is something to see."""
    ref = report_by_link(chromium, demo, make_link(chromium, demo, picture), picture)
    triage(chromium, demo, ref, picture)
    answer(chromium, demo, ref, picture)
    with signed_in(chromium, demo.address, RELATIONS) as page:
        escalate(page, demo, ref, picture)
        meet(page, demo, picture)
        promise(page, picture)
        check(page, picture)
        plan_next(page, demo, picture)
    hear(chromium, demo, ref, picture)


# ── somebody without account reports ─────────────────────────────────────────


def make_link(chromium: Browser, demo: Demo, picture: Picture) -> str:
    """A counsellor makes a link for somebody else and passes it on."""
    with signed_in(chromium, demo.address, COUNSELLOR) as page:
        picture(page, "te-doen-hulpverlener")
        page.goto(f"{demo.address}/complaints/links")
        page.fill("#given_to", "Vrijwilliger van het wijkcentrum")
        page.click("button:has-text('Maak de link')")
        return str(page.locator("p.break a").get_attribute("href"))


def report_by_link(chromium: Browser, demo: Demo, link: str, picture: Picture) -> str:
    """Who was given the link reports, and gets a number."""
    with opened(chromium) as page:
        page.goto(link)
        page.fill("#reporter", "Mia de Boer")
        page.fill("#address", "mia@wijkcentrum.example")
        page.fill("#party", f"{WATER} (4100)")
        page.select_option("#kind", label="Dreiging of toon")
        page.fill("#happened_on", (today() - timedelta(days=2)).isoformat())
        page.fill("#words", MENACE)
        page.fill("#wish", "Excuses, en afspraken over bellen.")
        picture(page, "melden-met-een-link")
        page.click("button:has-text('Verstuur het signaal')")
        expect(page.locator("main")).to_contain_text(REF)
        return str(REF.search(page.locator("main").inner_text())[0])  # type: ignore[index]


# ── the relations team and the creditor ──────────────────────────────────────


def triage(chromium: Browser, demo: Demo, ref: str, picture: Picture) -> None:
    """The relations team starts its day, finds the complaint by its number, and puts it to the creditor."""
    with signed_in(chromium, demo.address, RELATIONS) as page:
        picture(page, "te-doen-relatiebeheer")
        page.keyboard.press("/")
        page.keyboard.type(ref)
        page.keyboard.press("Enter")
        expect(page.locator(f"main a[href$='/complaints/{ref}']")).to_be_visible()
        picture(page, "zoeken")
        page.locator(f"main a[href$='/complaints/{ref}']").click()
        act(page, "confirm", "Bevestig")
        page.fill("#address-told_words", MENACE)
        picture(page, "triage")
        act(page, "address", "Leg voor")


def act(page: Page, name: str, button: str) -> None:
    """Press the button of one act on the page of a complaint, and see that it was done."""
    page.locator(f"form#{name} button:has-text('{button}')").click()
    expect(page.locator(SAID)).to_be_visible()


def answer(chromium: Browser, demo: Demo, ref: str, picture: Picture) -> None:
    """The creditor's worker answers: it was right to collect."""
    with signed_in(chromium, demo.address, WORKER) as page:
        page.goto(f"{demo.address}/complaints/about-us/{ref}")
        page.check("input[name=do][value=answer]")
        page.select_option("#answer", label="De incasso was terecht")
        page.fill("#answer_words", "Er is een achterstand en er is gebeld zoals wij dat altijd doen.")
        picture(page, "antwoord-van-de-schuldeiser")
        page.locator("#antwoord button:has-text('Verstuur'), form:has(#answer) button:has-text('Verstuur')").last.click()
        expect(page.locator(SAID)).to_be_visible()


# ── further than one complaint ───────────────────────────────────────────────


def escalate(page: Page, demo: Demo, ref: str, picture: Picture) -> None:
    """The answer does not do: the contact person is called, refuses, and it goes to the management."""
    page.goto(f"{demo.address}/relations/complaints/{ref}")
    page.click("a:has-text('Begin een escalatie')")
    page.fill("#subject", "Medewerkers dreigen aan de telefoon.")
    page.check("input[name=way][value=call]")
    page.fill("#words", WANTED)
    page.click("button:has-text('Begin de escalatie')")
    expect(page.locator(SAID)).to_contain_text("begonnen")
    page.check("input[name=result-result][value=refused]")
    page.fill("#result-result_words", "De contactpersoon vindt dat het zo hoort.")
    page.click("button:has-text('Bewaar het resultaat')")
    page.check("input[name=climb-to][value=management]")
    page.check("input[name=climb-way][value=letter]")
    page.fill("#climb-words", WANTED)
    page.click("button:has-text('Ga een stap hoger')")
    expect(page.locator(SAID)).to_contain_text("hoger")
    picture(page, "escalatie")


def meet(page: Page, demo: Demo, picture: Picture) -> None:
    """They sat together yesterday: the minutes say what was agreed."""
    page.goto(f"{demo.address}/relations/meetings/new?held=1")
    when(page, -1)
    page.check("#was_held")
    page.fill("#minutes", "De directie herkent het en past het belscript aan.")
    page.click("button:has-text('Bewaar het overleg')")
    expect(page.locator(SAID)).to_contain_text("vastgelegd")
    picture(page, "overleg")


def promise(page: Page, picture: Picture) -> None:
    """What was agreed becomes a commitment, which says how it will be checked."""
    page.click("a:has-text('Leg een afspraak vast')")
    page.fill("#words", PROMISED)
    page.fill("#by_whom", "Noor Wisselink")
    page.fill("#due_on", (today() + timedelta(days=7)).isoformat())
    page.fill("#how", "Wij bellen de klantenservice twee keer 's avonds.")
    page.fill("#check_on", today().isoformat())
    picture(page, "afspraak")
    page.click("button:has-text('Bewaar de afspraak')")
    expect(page.locator(SAID)).to_contain_text("bewaard")


def check(page: Page, picture: Picture) -> None:
    """The day of the check: it was not kept."""
    page.check("input[name=check-outcome][value=broken]")
    page.fill("#check-check_words", "Gisteren om 21.10 uur belde nog een medewerker.")
    page.locator("form:has(#check-check_words) button").last.click()
    expect(page.locator(SAID)).to_be_visible()
    expect(page.locator("main")).to_contain_text("niet nagekomen")
    picture(page, "controle")


def when(page: Page, days: int) -> None:
    """Fill in with whom, when and where a meeting is."""
    page.fill("#party", f"{WATER} (4100)")
    page.fill("#day", (today() + timedelta(days=days)).isoformat())
    page.fill("#begins", "10:00")
    page.fill("#ends", "11:00")
    page.fill("#place", "Stadhuis, kamer 12")
    page.fill("#theirs", "Noor Wisselink")


def plan_next(page: Page, demo: Demo, picture: Picture) -> None:
    """The next meeting's agenda holds what is still open."""
    page.goto(f"{demo.address}/relations/meetings/new")
    when(page, 28)
    page.click("button:has-text('Bewaar het overleg')")
    expect(page.locator(SAID)).to_contain_text("gepland")
    expect(page.locator("ol.numbered")).to_contain_text(PROMISED)
    expect(page.locator("ol.numbered")).to_contain_text("Medewerkers dreigen aan de telefoon.")
    picture(page, "volgende-agenda")


def hear(chromium: Browser, demo: Demo, ref: str, picture: Picture) -> None:
    """The complaint is closed with an outcome, and the counsellor's team reads it and says whether it helped."""
    with signed_in(chromium, demo.address, RELATIONS) as page:
        page.goto(f"{demo.address}/relations/complaints/{ref}")
        page.check("input[name=close-outcome][value=upheld]")
        page.fill("#close-outcome_words", "De schuldeiser past zijn werkwijze aan. Belt men weer laat, meld het dan opnieuw.")
        act(page, "close", "Sluit het signaal")
    with signed_in(chromium, demo.address, COUNSELLOR) as page:
        page.click("a:has-text('Er is een uitkomst')")
        page.locator(f"main a[href$='/reported/{ref}']").first.click()
        picture(page, "uitkomst")
