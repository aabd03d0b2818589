"""Every page in every state, by who opens it and what that person fills in and presses; the test compares it with all addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.accounts.people import DEMO_PASSWORD
from app.site.routes import TOPICS
from tests.security.page_world import BALANCE_CODE, CODE

DEMO = Path(__file__).parents[2] / "demo"
MESSY = Path(__file__).parents[1] / "files" / "messy"
NOBODY = ""
FILES = ("offer", "balance", "pause")  # what is answered with a file
# Addresses that are no pages: files, answers to machines, and those that only lead on.
NO_PAGES = {
    "balances.download", "balance_files.left", "balance_files.sheet", "offer_files.left", "offer_files.sheet", "pause_files.left",
    "pause_files.sheet",
    "audit.download", "audit.own_download", "cases.claims", "cases.download", "cases.rejects", "consents.download",
    "creditors.download", "creditors.rejects", "documents.document", "federation.back", "federation.link", "federation.sign_in", "home",
    "calls.download", "jobs.state", "language", "offers.download", "pauses.download", "proposals.letter", "search", "site.machine_health", "site.security_txt",
    "static",
}  # fmt: skip

# A passkey signs or does not: the page then says so by script; of mail one chooses from what is offered; notices are only
# offered to send where some can go out.
NO_ERRORS = {"case_balances.many", "accounts.new_passkey", "notifications.settings", "notifications.mailbox", "case_pauses.many"}


@dataclass(frozen=True)
class Look:
    """One page in one state: `empty`, `filled` or `error`."""

    endpoint: str
    who: str
    path: str
    state: str = "filled"
    fill: Mapping[str, str | Path] = field(default_factory=dict)
    press: tuple[str, ...] = ()  # `#field := text` writes into a field that comes later
    unfold: str = ""  # what hides the fields to fill in
    stale: bool = False  # the second factor was given long ago: it is asked again first


GO = ("main form button",)
EMPTY = [
    Look("offers.offers", "worker", "/offers", "empty"),
    Look("signups.signups_list", "officer", "/signups", "empty"),
    Look("consents.consents", "manager", "/consents", "empty"),
    Look("consents.consents", "relations", "/consents", "empty"),
    Look("cases.cases", "officer", "/cases", "empty"),
    Look("pauses.pauses", "worker", "/pauses", "empty"),
    Look("balances.balances", "worker", "/balances", "empty"),
    Look("case_balances.many", "officer", "/cases/balance-requests?q=niemand", "empty"),
    Look("case_pauses.many", "officer", "/cases/notices", "empty"),
    Look("proposals.proposals", "officer", "/proposals", "empty"),
    Look("proposals.board", "officer", "/board", "empty"),
    Look("proposals.board", "officer", "/board?wait=balance", "empty"),
    Look("calls.calls", "officer", "/board/calls", "empty"),
    Look("settling.reminders", "officer", "/reminders", "empty"),
    Look("creditors.creditors", "officer", "/creditors?q=niemand", "empty"),
    Look("creditors.organisation", "agent", "/organisation", "empty"),
    Look("accounts.colleagues", "manager", "/people", "empty"),
    Look("jobs.work", "officer", "/jobs", "empty"),
    Look("notifications.messages", "relations", "/messages", "empty"),
    Look("audit.events", "auditor", "/audit?q=niets", "empty"),
    Look("audit.own", "agent", "/audit/own", "empty"),
]
FILLED = [
    *(Look("site.statement", NOBODY, f"/{name}") for name in ("accessibility", "privacy", "news")),
    *(Look("site.topic", NOBODY, f"/help/{name}") for name in TOPICS),
    Look("site.topics", NOBODY, "/help"),
    Look("site.status", NOBODY, "/status"),
    Look("accounts.sign_in", NOBODY, "/sign-in"),
    Look("accounts.code", NOBODY, "/sign-in", fill={"#email": "worker@organisatie.example", "#password": DEMO_PASSWORD}, press=GO),
    Look("accounts.enrol", NOBODY, "/sign-in", fill={"#email": "newcomer@organisatie.example", "#password": DEMO_PASSWORD}, press=GO),
    Look("accounts.invitation", NOBODY, "/invitation/{token}"),
    Look("accounts.unsent_page", "agent", "/sign-in/unsent"),
    Look("accounts.account", "worker", "/account"),
    Look("accounts.account", "worker", "/account", press=("text=Maak nieuwe codes",)),
    Look("accounts.app", "worker", "/account/app"),
    Look("accounts.app", "worker", "/account/app", stale=True),
    Look("accounts.new_passkey", "worker", "/account/passkeys/new"),
    Look("accounts.forgotten", NOBODY, "/sign-in/forgotten"),
    Look("accounts.forgotten", NOBODY, "/sign-in/forgotten", fill={"#email": "worker@organisatie.example"}, press=GO),
    Look("federation.access", "asker", "/sign-in/access"),
    Look("federation.access_code", "asking", "/sign-in/access/code"),
    Look("federation.signed_out", NOBODY, "/sign-out/staff"),
    Look("accounts.colleagues", "manager", "/people"),
    Look("answering.code", NOBODY, "/answer"),
    Look("answering.offer", NOBODY, "/answer", fill={"#code": CODE}, press=GO),
    Look(
        "answering.thanks",
        NOBODY,
        "/answer",
        fill={"#code": CODE},
        press=(*GO, "input[value=accept]", "#name := Bo de Wit", "text=Verstuur uw antwoord"),
    ),
    Look("answering_beside.new_code", NOBODY, "/answer/new-code"),
    Look(
        "answering_beside.account",
        NOBODY,
        "/answer",
        fill={"#code": CODE},
        press=(*GO, "input[value=accept]", "#name := Bo de Wit", "text=Verstuur uw antwoord", "a:text-is('Vraag een account aan')"),
    ),
    Look("signups.signups_list", "officer", "/signups"),
    Look("signups.signup", "officer", "/signups/{signup}"),
    Look("doubles.doubles", "officer", "/creditors/{code}/doubles"),
    Look("verifying.verify", NOBODY, "/verify"),
    Look("verifying.verify", NOBODY, "/verify", fill={"#code": "A-2222-2222"}, press=GO),
    Look("offers.offers", "worker", "/offers"),
    Look("offers.offer", "worker", "/offers/{offer}"),
    Look("offers.offer", "auditor", "/offers/{refused}"),
    Look("many.many", "worker", "/offers", press=("input[name=offer]", "button[value=reject]")),
    Look("many.many", "worker", "/offers", press=("input[name=offer]", "button[value=accept]")),
    Look("many.filters", "worker", "/offers/filters?due=late"),
    *(Look(f"{name}_files.bring_in", "worker", f"/{name}s/file") for name in FILES),
    *(Look(f"{name}_files.upload", "worker", f"/{name}s/file", fill={"#file": MESSY / "antwoorden.csv"}, press=GO) for name in FILES),
    Look("consents.consents", "relations", "/consents"),
    Look("consents.consent", "worker", "/consents/{signed}?version=1"),
    Look("consents.consent", "manager", "/consents/{signed}"),
    Look("consents.missed", "manager", "/consents/{signed}/missed/fraud?version=1"),
    Look("consents.withdraw", "manager", "/consents/{signed}/withdraw?version=1"),
    Look("creditors.creditors", "relations", "/creditors"),
    Look("creditors.creditor", "officer", "/creditors/{code}"),
    Look("creditors.organisation", "manager", "/organisation"),
    Look("creditors.bring_in", "officer", "/creditors/import"),
    Look("creditors.upload", "officer", "/creditors/import", fill={"#file": DEMO / "creditors.csv"}, press=GO),
    Look("cases.cases", "counsellor", "/cases"),
    Look("cases.case", "officer", "/cases/{issued}"),
    Look("cases.case", "counsellor", "/cases/{free}"),
    Look("pauses.pauses", "worker", "/pauses"),
    Look("balances.balances", "worker", "/balances"),
    Look("balances.balances", "officer", "/balances?status=all"),
    Look("balances.balance", "worker", "/balances/{balance}"),
    Look("balances.balance", "officer", "/balances/{stated}"),
    Look("case_balances.balances", "officer", "/cases/{asked}/balances"),
    Look("case_balances.many", "officer", "/cases/balance-requests"),
    Look("answering_balance.balance", NOBODY, "/answer", fill={"#code": BALANCE_CODE}, press=GO),
    Look(
        "answering_balance.thanks",
        NOBODY,
        "/answer",
        fill={"#code": BALANCE_CODE},
        press=(*GO, "#principal := 100", "#name := Mia Kas", "text=Verstuur uw antwoord"),
    ),
    Look("pauses.pauses", "officer", "/pauses?status=all"),
    Look("pauses.pause", "worker", "/pauses/{notice}"),
    Look("pauses.pause", "officer", "/pauses/{paused}"),
    Look("case_pauses.pauses", "officer", "/cases/{free}/pauses"),
    Look("case_pauses.many", "officer", "/cases/notices"),
    Look("cases.facts", "officer", "/cases/{free}/facts"),
    Look("cases.claim", "officer", "/cases/{claimed}/claims/{claim}"),
    Look("cases.bring_in", "officer", "/cases/import"),
    Look(
        "cases.upload",
        "officer",
        "/cases/import",
        fill={"#applications": DEMO / "aanvragen.csv", "#claims": MESSY / "eisers.csv"},
        press=GO,
    ),
    *(Look("proposals.proposal", "officer", f"/cases/{{{state}}}/proposal") for state in ("free", "drafted", "approved", "issued")),
    Look("proposals.proposals", "officer", "/proposals"),
    Look("proposals.board", "officer", "/board"),
    Look("proposals.board", "officer", "/board?wait=notice"),
    *(Look("settling.offer", "officer", f"/proposals/offers/{{{which}}}") for which in ("refused", "court", "stopped")),
    Look("settling.reminders", "officer", "/reminders"),
    Look("calls.calls", "officer", "/board/calls"),
    Look("calls.party", "officer", "/board/calls/{party}"),
    Look("jobs.work", "administrator", "/jobs"),
    Look("notifications.messages", "manager", "/messages"),
    Look("notifications.about", "officer", "/messages/about/{refused}"),
    Look("notifications.message", "worker", "/messages/{message}"),
    Look("notifications.settings", "worker", "/messages/settings"),
    Look("notifications.mailbox", "manager", "/messages/mailbox"),
    Look("notifications.bounced", "manager", "/messages/bounced"),
    Look("notifications.bounced", "relations", "/messages/bounced"),
    Look("notifications.stop", NOBODY, "{stop}"),
    Look("notifications.stop", NOBODY, "{stop}", press=("main form button",)),
    Look("jobs.work", "officer", "/jobs"),
    Look("jobs.progress", "officer", "/jobs/brieven-1"),
    Look("jobs.progress", "officer", "/jobs/brieven-2"),
    Look("audit.events", "auditor", "/audit"),
    Look("audit.event", "auditor", "/audit/1"),
    Look("audit.own", "manager", "/audit/own"),
    Look("privacy.case", "officer", "/cases/{free}/privacy"),
]
ERRORS = [
    Look("settling.offer", "officer", "/proposals/offers/{refused}", "error", press=("form#vraag button",)),
    Look("settling.offer", "officer", "/proposals/offers/{court}", "error", press=("form#besluit button",)),
    Look("calls.party", "officer", "/board/calls/{party}", "error", press=("text=Noteer het gesprek",)),
    Look("accounts.sign_in", NOBODY, "/sign-in", "error", {"#email": "geen adres"}, GO),
    Look("accounts.sign_in", NOBODY, "/sign-in", "error", {"#email": "worker@organisatie.example", "#password": "verkeerd"}, GO),
    Look("accounts.code", NOBODY, "/sign-in", "error", {"#email": "worker@organisatie.example", "#password": DEMO_PASSWORD}, (*GO, *GO)),
    Look("accounts.enrol", NOBODY, "/sign-in", "error", {"#email": "newcomer@organisatie.example", "#password": DEMO_PASSWORD}, (*GO, *GO)),
    Look("accounts.invitation", NOBODY, "/invitation/{token}", "error", {"#password": "kort"}, GO),
    Look("accounts.account", "worker", "/account", "error", {"#password-password": "kort"}, ("text=Verander wachtwoord",)),
    Look("accounts.account", "worker", "/account", "error", {"#name-name": ""}, ("form[action='/account/name'] button",)),
    Look("accounts.app", "worker", "/account/app", "error", {"#code": "000000"}, GO),
    Look("accounts.app", "worker", "/account/app", "error", {"#confirm-code": "000000"}, GO, stale=True),
    Look("accounts.forgotten", NOBODY, "/sign-in/forgotten", "error", {"#email": "geen adres"}, GO),
    Look("federation.access", "asker", "/sign-in/access", "error", press=GO),
    Look("federation.access_code", "asking", "/sign-in/access/code", "error", {"#code": "222222"}, GO),
    Look("federation.sign_in", NOBODY, "/sign-in/with/staff", "error"),
    Look("accounts.colleagues", "manager", "/people", "error", {"#name": "Bo", "#email": "bo"}, ("text=Voeg toe",)),
    Look("answering.code", NOBODY, "/answer", "error", {"#code": "2222222222"}, GO),
    Look("answering.offer", NOBODY, "/answer", "error", {"#code": CODE}, (*GO, "text=Verstuur uw antwoord")),
    Look("answering_beside.new_code", NOBODY, "/answer/new-code", "error", {"#ref": "Jansen"}, GO),
    Look(
        "answering_beside.account",
        NOBODY,
        "/answer",
        "error",
        {"#code": CODE},
        (*GO, "input[value=accept]", "#name := Bo", "text=Verstuur uw antwoord", "a:text-is('Vraag een account aan')", "text=Verstuur de aanvraag"),
    ),
    Look("signups.signup", "officer", "/signups/{signup}", "error", press=("button:text-is('Keur goed en nodig uit')",)),
    Look("signups.signup", "officer", "/signups/{signup}", "error", press=("button:text-is('Wijs af')",)),
    Look("verifying.verify", NOBODY, "/verify", "error", press=GO),
    Look("many.many", "worker", "/offers", "error", press=("input[name=offer]", "button[value=reject]", "text=Verstuur")),
    Look("many.filters", "worker", "/offers/filters?due=late", "error", press=GO),
    *(Look(f"{name}_files.bring_in", "worker", f"/{name}s/file", "error", press=GO) for name in FILES),
    Look("offers.offer", "worker", "/offers/{offer}", "error", press=("input[value=reject]", "text=Verstuur en open het volgende")),
    Look("consents.consent", "manager", "/consents/{signed}", "error", {"#min_percentage": "tien"}, ("text=Bewaar concept",)),
    Look("consents.consent", "manager", "/consents/{signed}", "error", press=("button:has-text('Onderteken versie')",)),
    Look("consents.withdraw", "manager", "/consents/{signed}/withdraw?version=1", "error", {"#ends_on": ""}, GO),
    Look(
        "creditors.creditor",
        "officer",
        "/creditors/{code}",
        "error",
        press=("text=Voeg een contactpersoon toe", "button:text-is('Voeg toe')"),
    ),
    Look(
        "creditors.organisation",
        "manager",
        "/organisation",
        "error",
        {"#ends_on >> nth=-1": "2020-01-01"},
        ("text=Bewaar de machtiging",),
        "text=Geef een machtiging",
    ),
    Look("creditors.bring_in", "officer", "/creditors/import", "error", press=GO),
    Look(
        "balances.balance",
        "worker",
        "/balances/{balance}",
        "error",
        {"#principal": "100", "#costs": "400"},
        ("button:text-is('Verstuur')",),
    ),
    Look("case_balances.balances", "officer", "/cases/{asked}/balances", "error", press=("text=Neem dit niet over",)),
    Look("answering_balance.balance", NOBODY, "/answer", "error", {"#code": BALANCE_CODE}, (*GO, "text=Verstuur uw antwoord")),
    Look("pauses.pause", "worker", "/pauses/{notice}", "error", press=("input[value='client unknown']", "button:text-is('Verstuur')")),
    Look("case_pauses.pauses", "officer", "/cases/{free}/pauses", "error", press=("text=Noteer de klacht",)),
    Look("cases.facts", "officer", "/cases/{free}/facts", "error", {"#income": "twaalf"}, GO),
    Look("cases.claim", "officer", "/cases/{claimed}/claims/{claim}", "error", {"#security": "x"}, GO),
    Look("cases.bring_in", "officer", "/cases/import", "error", press=GO),
    Look("proposals.proposal", "officer", "/cases/{free}/proposal", "error", press=("text=Maak concept",)),
    Look("privacy.case", "officer", "/cases/{free}/privacy", "error", press=("button:text('Laat de gegevens rusten')",)),
    Look("proposals.proposal", "officer", "/cases/{approved}/proposal", "error", press=("text=Intrekken of vervangen", "text=Trek in")),
]
