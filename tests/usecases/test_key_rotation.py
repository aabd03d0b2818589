"""Changing keys: everything opens afterwards with the new key alone, is found by its indexes, and nothing is lost on the way."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from cryptography.exceptions import InvalidTag
from sqlalchemy import event, select

from app import connect, db
from app.accounts.models import Person
from app.audit.models import Event
from app.cases.listing import ListQuery, all_rows
from app.cases.models import Case
from app.cli import portal
from app.config import FieldKeys
from app.documents import files
from app.documents.service import store
from app.exchange.models import Upload, UploadFile
from app.privacy import rotation
from app.privacy.rotation import key_status, rotate_keys
from app.proposals.models import Offer
from app.sealing import blind_index
from tests import factory
from tests.conftest import KEYS, NOW

TWO = FieldKeys({**KEYS.ring, 2: bytes(range(64, 96))}, KEYS.index)
NEW_ONLY = FieldKeys({2: TWO.ring[2]}, KEYS.index)
INDEX = FieldKeys(KEYS.ring, bytes(range(96, 128)), KEYS.index)


@pytest.fixture(autouse=True)
def filled(database, clock):
    """A person with a second factor, a case with an offer and its letter, and a file that waits: something in every kind of column."""
    water = factory.organisation()
    factory.person(water, totp_secret="JBSWY3DPEHPK3PXP")
    case = factory.case(surname="Zonneveld", bsn="123456782", bsn_index=blind_index("123456782"))
    claim = factory.claim(case, water)
    offer = factory.offer(factory.proposal(case, [claim]), claim, surname_index=blind_index("Zonneveld"))
    upload = Upload(ref="U", kind="cases", person_name="Mia", organisation_name="Bank", rows=1, outcome="[]", created_at=NOW)
    factory.save(upload)
    factory.save(UploadFile(upload_id=1, kind="cases", name="aanvragen.csv", content=b"Naam;Zonneveld"))
    with db.transaction() as session:
        store(session, kind="offer letter", title="Brief", subject_ref=offer.ref, organisation_id=water.id, content=b"%PDF-1.7 brief")


@pytest.fixture
def use(settings):
    """Start the portal anew with other keys."""

    def use(keys):
        db.engine().dispose()
        connect(replace(settings, field_keys=keys))

    yield use
    db.engine().dispose()


def everything_opens():
    with db.reading() as session:
        case, offer, person = (session.scalar(select(model)) for model in (Case, Offer, Person))
        kept = (case.surname, case.bsn, case.birth_date.year, person.totp_secret, session.scalar(select(UploadFile.content)))
        assert kept == ("Zonneveld", "123456782", 1987, "JBSWY3DPEHPK3PXP", b"Naam;Zonneveld")
        assert len(offer.code) == 10
    assert [files.get(name) for name in files.names()] == [b"%PDF-1.7 brief"]


def test_after_rotating_the_new_key_alone_opens_everything(use):
    use(TWO)
    done = rotate_keys()
    use(NEW_ONLY)
    everything_opens()
    assert done.values["case_file.surname"] == done.values["person.totp_secret"] == done.files == 1


def test_without_rotating_the_new_key_alone_opens_nothing(use):
    use(NEW_ONLY)
    with pytest.raises(KeyError):
        everything_opens()


def test_status_counts_what_each_key_still_holds(use):
    use(TWO)
    before = dict(rotation.told(key_status()))
    rotate_keys()
    after = dict(rotation.told(key_status()))
    assert before[1] == after[2] > 10
    assert before[2] == after[1] == 0


def test_a_second_run_has_nothing_to_do(use):
    use(TWO)
    rotate_keys()
    again = rotate_keys()
    assert (sum(again.values.values()), again.files) == (0, 0)


def test_a_run_that_broke_off_is_finished_by_the_next(use, monkeypatch):
    use(TWO)
    monkeypatch.setattr(rotation, "ROWS", 1)

    def break_off(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_keys(progress=break_off)
    everything_opens()
    rotate_keys()
    use(NEW_ONLY)
    everything_opens()


def test_what_somebody_wrote_meanwhile_is_not_overwritten(use):
    """Between reading a value and replacing it somebody else may write: then that stays."""
    use(TWO)
    other = db.EncryptedText("case_file.surname").process_bind_param("Anders", None)

    @event.listens_for(db.engine(), "before_cursor_execute")
    def write_before(connection, cursor, statement, *_):
        if statement.startswith("UPDATE case_file SET surname"):
            cursor.execute("UPDATE case_file SET surname = ?", (other,))

    rotate_keys()
    with db.reading() as session:
        assert session.scalar(select(Case.surname)) == "Anders"


def test_a_value_moved_to_another_column_does_not_open(use):
    with db.transaction() as session:
        table = Case.__table__
        moved = select(rotation._raw(table.c.surname)).scalar_subquery()
        session.connection().execute(table.update().values(street=moved))
    with db.reading() as session, pytest.raises(InvalidTag):
        session.scalar(select(Case.street))


def test_the_run_is_one_event_without_values(use):
    use(TWO)
    rotate_keys()
    with db.reading() as session:
        told = session.scalar(select(Event).where(Event.action == "keys:rotate"))
    assert told.subject == "keys/2"
    assert '"case_file.surname": [null, "1"]' in told.changes
    assert "Zonneveld" not in told.changes


# ── the key of the indexes ───────────────────────────────────────────────────


def found(q):
    bank = factory.actor(factory.organisation(kind=factory.Kind.BANK))
    with db.reading() as session:
        return [row.name for row in all_rows(session, bank, ListQuery(q=q))]


def test_with_another_index_key_everything_is_found_before_and_after(use):
    use(INDEX)
    assert found("Zonneveld") == found("123456782") == ["Zonneveld, X."]
    done = rotate_keys(indexes=True)
    assert dict(done.indexes) == {
        "Case.bsn_index": 1, "Case.surname_index": 1, "Offer.surname_index": 1, "Offer.code_index": 1,
    }  # fmt: skip
    use(FieldKeys(INDEX.ring, INDEX.index))
    assert found("Zonneveld") == found("123456782") == ["Zonneveld, X."]
    with db.reading() as session:
        offer = session.scalar(select(Offer))
        assert (offer.code_index, offer.surname_index) == (blind_index(offer.code), blind_index("Zonneveld"))


def test_an_index_that_somebody_wrote_meanwhile_stays(use):
    """Between reading a name and writing its index somebody else may give another name, with its own index."""
    use(INDEX)
    other = blind_index("Anders")

    @event.listens_for(db.engine(), "before_cursor_execute")
    def write_before(connection, cursor, statement, *_):
        if statement.startswith("UPDATE case_file SET surname_index"):
            cursor.execute("UPDATE case_file SET surname_index = ?", (other,))

    rotate_keys(indexes=True)
    with db.reading() as session:
        assert session.scalar(select(Case.surname_index)) == other


def test_a_file_that_does_not_open_is_named_and_the_rest_goes_on(use, settings):
    (name,) = files.names()
    files.keep(name, files.kept(name).read_bytes()[:-1])
    use(FieldKeys(TWO.ring, INDEX.index, KEYS.index))
    done = rotate_keys(indexes=True)
    assert (done.files, done.broken, done.indexes["Case.bsn_index"]) == (0, [name], 1)


def test_without_the_old_index_key_nothing_is_found_until_computed(use):
    use(FieldKeys(INDEX.ring, INDEX.index))
    assert found("Zonneveld") == []
    rotate_keys(indexes=True)
    assert found("Zonneveld") == ["Zonneveld, X."]


# ── rings ────────────────────────────────────────────────────────────────────


def test_a_ring_reads_back_as_it_was_written():
    fresh = KEYS.with_fresh_key().with_fresh_index()
    assert FieldKeys.parse(fresh.as_text()) == fresh
    assert (max(fresh.ring), fresh.ring[1], fresh.old_index) == (2, KEYS.ring[1], KEYS.index)


@pytest.mark.parametrize("text", ["1:AAAA", "index:AAAA,1:AAAA", f"{KEYS.as_text()},256:{KEYS.as_text()[6:50]}", "", "index"])
def test_a_ring_of_another_shape_is_refused(text):
    with pytest.raises((ValueError, KeyError)):
        FieldKeys.parse(text)


def test_no_key_shows_in_what_is_printed_of_settings(settings):
    assert "ring=" not in repr(settings)
    assert KEYS.as_text()[6:40] not in repr(KEYS)


def test_the_commands_tell_and_do(settings, monkeypatch):
    db.engine().dispose()
    for name, value in {"DATABASE_URL": settings.database_url, "FILES": str(settings.files), "FIELD_KEYS": KEYS.as_text()}.items():
        monkeypatch.setenv(f"PORTAL_{name}", value)

    def run(*words):
        return json.loads(CliRunner().invoke(portal, [*words, "--json"], catch_exceptions=False).output)

    monkeypatch.setenv("PORTAL_FIELD_KEYS", run("keys", "new")["PORTAL_FIELD_KEYS"])
    assert run("keys", "status")["keys"]["2"] == 0
    assert run("keys", "rotate")["values"]["case_file.surname"] == 1
    assert run("keys", "status")["keys"]["1"] == 0
    db.engine().dispose()
