"""Proposals on the command line: what a script of the bank relies on."""

import json
from datetime import date
from hashlib import sha256

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app import db
from app.access import Kind
from app.cases.models import Case
from app.cli import portal
from app.config import Settings
from app.documents.models import Document
from app.proposals.models import Offer
from tests import factory

pytestmark = pytest.mark.usefixtures("queue", "clock")
PEOPLE = ("kredietbank@stad.example", "kredietbank2@stad.example")


@pytest.fixture
def run(settings, queue, monkeypatch):
    """`run("proposals draft …")` is a call by the shell on the database of the test."""
    monkeypatch.setattr(Settings, "from_env", lambda: settings)
    bank = factory.organisation(Kind.BANK, name="Kredietbank")
    for email in PEOPLE:
        factory.person(bank, email=email)
    return lambda *words: CliRunner().invoke(portal, [str(word) for line in words for word in str(line).split()])


@pytest.fixture
def creditors(queue):
    return [factory.organisation(code=4100), factory.organisation(code=4121)]


@pytest.fixture
def case(creditors):
    made = factory.case(relation_code=700001)
    for number, creditor in enumerate(creditors, 1):
        factory.claim(made, creditor, number=number)
    factory.consent(creditors[0])
    return made


ISSUE = f"--as {PEOPLE[0]} --approved-by {PEOPLE[1]} --json"


def told(done):
    assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    return json.loads(done.stdout)


def test_what_is_ready_is_issued_and_the_rest_is_named_with_its_reason(case, creditors, run):
    old = factory.case(relation_code=700002, calculated_on=date(2025, 1, 1))
    factory.claim(old, creditors[0])
    left = [{"case": "700002-1", "reason": "Inkomen en vrij te laten bedrag zijn ouder dan zes maanden."}]
    assert told(run("proposals issue --ready", ISSUE)) == {"issued": 1, "offers": 2, "covered": 1, "left": left}
    assert told(run("proposals issue --ready", ISSUE)) == {"issued": 0, "offers": 0, "covered": 0, "left": left}


def test_drafts_are_made_by_one_and_issued_by_two(case, run):
    drafted = told(run(f"proposals draft {case.ref} --json --as {PEOPLE[0]}"))
    assert (drafted["drafted"], drafted["left"]) == (1, [])
    alone = run(f"proposals issue 700001-1 --as {PEOPLE[0]} --approved-by {PEOPLE[0]}")
    assert (alone.exit_code, "andere medewerker" in alone.stderr) == (1, True)
    assert told(run("proposals issue 700001-1", ISSUE))["offers"] == 2


def test_issuing_a_named_case_drafts_it_first(case, run):
    assert told(run("proposals issue 700001-1", ISSUE)) == {"issued": 1, "offers": 2, "covered": 1, "left": []}
    again = run("proposals issue 700001-1", ISSUE)
    assert (again.exit_code, again.stdout, "loopt al een voorstel" in again.stderr) == (1, "", True)


@pytest.mark.parametrize("step", ["drafted", "issued"])
def test_the_shown_input_gives_the_shown_result(case, run, tmp_path, step):
    run(f"proposals draft 700001-1 --as {PEOPLE[0]}") if step == "drafted" else run("proposals issue 700001-1", ISSUE)
    shown = told(run("proposals show 700001-1 --json"))
    file = tmp_path / "case.yaml"
    file.write_text(json.dumps(shown["input"]))
    assert told(run("calculate", file)) == shown["result"]
    assert list(shown["input"]["claims"][0]) == ["id", "creditor", "rank", "balance_cents", "stated_cents", "fraud"]


def test_show_tells_where_each_offer_stands(case, run):
    run("proposals issue 700001-1", ISSUE)
    shown = told(run("proposals show", case.ref, "--json"))
    assert (shown["case"], shown["state"]) == ("700001-1", "issued")
    refs = [offer.pop("ref")[:2] for offer in shown["offers"]]
    assert (refs, shown["offers"]) == (["A-", "A-"], [
        {"claim": "1", "creditor": 4100, "state": "accepted", "answered": "by consent"},
        {"claim": "2", "creditor": 4121, "state": "open", "answered": None},
    ])  # fmt: skip
    assert "vordering 1, schuldeiser 4100: accepted" in run("proposals show 700001-1").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("proposals show 999-9", 1, "Dossier 999-9 staat niet in het portaal."),
        ("proposals show 700001-1", 1, "Voor dossier 700001-1 is nog geen voorstel gemaakt."),
        (f"proposals issue 999-9 {ISSUE}", 1, "Dossier 999-9 staat niet in het portaal."),
        (f"proposals draft 999-9 --as {PEOPLE[0]}", 1, "Dossier 999-9 staat niet in het portaal."),
        ("proposals draft --ready --as niemand@stad.example", 1, "Er is niemand met het e-mailadres niemand@stad.example."),
        (f"proposals draft --as {PEOPLE[0]}", 2, "Noem dossiers, of kies --ready."),
        (f"proposals draft 700001-1 --ready --as {PEOPLE[0]}", 2, "Noem dossiers, of kies --ready."),
        ("letters write --out x", 2, "Noem aanbiedingen, of kies --case of --since."),
        ("letters write A-2222-2222 --out x", 1, "Aanbod A-2222-2222 staat niet in het portaal."),
    ],
)
def test_a_call_that_cannot_be_is_one_sentence(case, run, words, code, said):
    done = run(words)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr


@pytest.mark.parametrize("chosen", ["--case 700001-1", "--since 2026-06-04", "{refs}"])
def test_letters_are_written_as_they_are_kept(case, run, queue, tmp_path, chosen):
    run("proposals issue 700001-1", ISSUE)
    queue.run_all()
    with db.reading() as session:
        refs = list(session.scalars(select(Offer.ref).order_by(Offer.id)))
        kept = {document.subject_ref: document.size for document in session.scalars(select(Document))}
    done = told(run("letters write", chosen.format(refs=" ".join(refs)), "--json --out", tmp_path / "brieven"))
    assert done == {"letters": 2, "out": str(tmp_path / "brieven")}
    assert {path.stem: path.stat().st_size for path in (tmp_path / "brieven").iterdir()} == kept
    assert told(run("letters verify", tmp_path / "brieven" / f"{refs[0]}.pdf", "--json"))["genuine"]


def test_a_letter_that_is_kept_stays_as_it_was_when_the_client_moves(case, run, queue, tmp_path):
    run("proposals issue 700001-1", ISSUE)
    queue.run_all()
    with db.transaction() as session:
        session.get_one(Case, case.id).street = "Elders"
    told(run("letters write --case 700001-1 --json --out", tmp_path))
    with db.reading() as session:
        kept = set(session.scalars(select(Document.sha256)))
    assert {sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.pdf")} == kept
