"""Proposals and their letters on the command line; `calculate` needs no database, so what needs one is imported inside."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.errors import Refusal
from app.jobs.terminal import progress_bar
from app.proposals.calculation import calculate as calculate_case
from app.proposals.plain_yaml import MOST_BYTES, CaseFaults
from app.proposals.worked_case import read_case, result_as_json

if TYPE_CHECKING:
    from app.access import Actor
    from app.proposals.drafting import Left

_AS = click.option("--as", "email", metavar="EMAIL", required=True, help="Wie dit doet.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")
_READY = click.option("--ready", is_flag=True, help="Alle dossiers die klaar zijn, in plaats van genoemde.")
_CASES = click.argument("cases", metavar="[DOSSIER]...", nargs=-1)


@click.command(short_help="Reken een of meer uitgewerkte gevallen door.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "_as_json", is_flag=True, help="Het antwoord is altijd JSON; deze keuze verandert niets.")
def calculate(files: tuple[Path, ...], *, _as_json: bool) -> None:
    """Reken uitgewerkte gevallen (YAML) door en schrijf de uitkomst als JSON; bij meer bestanden een lijst in hun volgorde."""
    results, refused = [], []
    for file in files:
        try:
            results.append(result_as_json(calculate_case(read_case(_bytes(file)))))
        except CaseFaults as faults:
            refused.append(f"{file}: {faults.facts['sentence']}")
    if refused:
        raise Refusal("proposals.cases_refused", sentence=" | ".join(refused))
    click.echo(json.dumps(results if len(files) > 1 else results[0], ensure_ascii=False, indent=1))


def _bytes(file: Path) -> bytes:
    """Read at most one byte more than a worked case may have. Raises Refusal when the file cannot be read."""
    try:
        with file.open("rb") as source:
            return source.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise Refusal("proposals.file_unreadable", sentence=f"{file}: het bestand kan niet worden gelezen ({wrong.strerror})") from None


# ── drafting and issuing ─────────────────────────────────────────────────────


@click.command(short_help="Maak concepten.")
@_CASES
@_READY
@_AS
@_JSON
def draft(cases: tuple[str, ...], email: str, *, ready: bool, as_json: bool) -> None:
    """Maak een concept voor genoemde dossiers (RelatieCode-Volgnummer of kenmerk), of voor alles wat klaar is."""
    _one_of(cases, ready=ready)
    (officer,) = _officers(email)
    from app.proposals.drafting import draft_cases, draft_ready

    with progress_bar("Concepten") as progress:
        done = draft_ready(officer, progress=progress) if ready else draft_cases(officer, cases, progress=progress)
    if cases and not done.refs:
        _refuse(done.left)
    if as_json:
        click.echo(_document({"drafted": len(done.refs), "proposals": list(done.refs), "left": _left(done.left)}))
        return
    click.echo(f"{len(done.refs)} concepten gemaakt, {len(done.left)} dossiers niet.")
    _tell(done.left)


@click.command(short_help="Breng voorstellen uit.")
@_CASES
@_READY
@_AS
@click.option("--approved-by", "second", metavar="EMAIL", required=True, help="De tweede medewerker, die de concepten controleerde.")
@_JSON
def issue(cases: tuple[str, ...], email: str, second: str, *, ready: bool, as_json: bool) -> None:
    """Breng voorstellen uit voor genoemde dossiers, of voor alles wat klaar is; wat nog geen concept heeft, krijgt er eerst een."""
    _one_of(cases, ready=ready)
    officer, approver = _officers(email, second)
    from app.proposals.issuing import issue_cases, issue_ready

    with progress_bar("Voorstellen") as progress:
        done = issue_ready(officer, approver, progress=progress) if ready else issue_cases(officer, approver, cases, progress=progress)
    if cases and not done.issued:
        _refuse(done.left)
    if as_json:
        click.echo(_document({"issued": done.issued, "offers": done.offers, "covered": done.covered, "left": _left(done.left)}))
        return
    click.echo(f"{done.issued} voorstellen uitgebracht met {done.offers} aanbiedingen; akkoord vooraf beantwoordde er {done.covered}.")
    _tell(done.left)


@click.command(short_help="Toon het voorstel van een dossier.")
@click.argument("case", metavar="DOSSIER")
@_JSON
def show(case: str, *, as_json: bool) -> None:
    """Toon het nieuwste voorstel van een dossier; met --json ook de hele berekening."""
    _connect()
    from app.access import SYSTEM
    from app.db import reading
    from app.proposals.worked_proposal import worked_proposal

    with reading() as session:
        found = worked_proposal(session, SYSTEM, case)
    if as_json:
        click.echo(_document(found))
        return
    click.echo(f"Dossier {found['case']}: voorstel {found['ref']}, {found['state']}.")
    for offer in found["offers"]:
        click.echo(f"  {offer['ref']}  vordering {offer['claim']}, schuldeiser {offer['creditor']}: {offer['state']}")


# ── letters ──────────────────────────────────────────────────────────────────


@click.command("write", short_help="Schrijf brieven over aanbiedingen.")
@click.argument("offers", metavar="[AANBOD]...", nargs=-1)
@click.option("--case", metavar="DOSSIER", help="Alle aanbiedingen van een dossier.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATUM", help="Alles wat op of na deze dag uitging.")
@click.option("--out", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="De map voor de brieven.")
@_JSON
def write_letters(offers: tuple[str, ...], case: str | None, since: datetime | None, folder: Path, *, as_json: bool) -> None:
    """Schrijf de brieven over genoemde aanbiedingen, van een dossier of sinds een dag als PDF in een map."""
    if sum((bool(offers), case is not None, since is not None)) != 1:
        raise click.UsageError("Noem aanbiedingen, of kies --case of --since.")
    _connect()
    from app.access import SYSTEM
    from app.db import reading
    from app.proposals import letters

    with reading() as session:
        if case is not None:
            ids = letters.offers_of_case(session, SYSTEM, case)
        else:
            ids = letters.offers_since(session, since.date()) if since else letters.offers_named(session, offers)
    with progress_bar("Brieven") as progress:
        count = letters.export(ids, folder, progress)
    click.echo(_document({"letters": count, "out": str(folder)}) if as_json else f"{count} brieven geschreven in {folder}.")


@click.command(short_help="Herinner schuldeisers aan wat op hun antwoord wacht.")
@click.option("--json", "as_json", is_flag=True, help="Schrijf één JSON-document.")
def run_reminders(*, as_json: bool) -> None:
    """Stuur de herinneringen die vandaag of eerder hadden moeten uitgaan; een tweede keer op een dag doet niets."""
    from app.cases import balance_asking, noticing
    from app.clock import today
    from app.proposals import reminding

    _connect()
    done, balances, notices = (work.run_reminders(today()) for work in (reminding, balance_asking, noticing))
    counts = {"mails": done.parties, "offers": done.offers, "balances": balances, "notices": notices}
    words = f"Mails: {done.parties}, aanbiedingen: {done.offers}, saldoverzoeken: {balances}, kennisgevingen: {notices}."
    click.echo(_document(counts) if as_json else words)


# ── shared by the commands ───────────────────────────────────────────────────


def _connect() -> None:
    from app import connect
    from app.config import Settings

    connect(Settings.from_env())


def _officers(*emails: str) -> "list[Actor]":
    """Return who acts. Raises Refusal for an address that nobody has."""
    _connect()
    from app.accounts.queries import actor_by_email
    from app.db import reading

    with reading() as session:
        return [actor_by_email(session, email) for email in emails]


def _one_of(cases: tuple[str, ...], *, ready: bool) -> None:
    if bool(cases) == ready:
        raise click.UsageError("Noem dossiers, of kies --ready.")


def _document(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _left(left: "Sequence[Left]") -> list[dict[str, str]]:
    from app.proposals.words import sentence

    return [{"case": one.case, "reason": sentence(one.no)} for one in left]


def _tell(left: "Sequence[Left]") -> None:
    for one in _left(left):
        click.echo(f"  {one['case']}: {one['reason']}", err=True)


def _refuse(left: "Sequence[Left]") -> None:
    """Refuse the call: none of the named cases could be done."""
    raise Refusal("proposals.all_left", sentence=" | ".join(f"{one['case']}: {one['reason']}" for one in _left(left)))
