"""The database's own promises: one transaction, real rollback, readers that cannot write, personal columns that hold no text."""

from datetime import datetime

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError, StatementError

from app import db
from app.audit.models import Head
from app.cases.models import Case
from app.creditors.models import Organisation
from app.errors import Conflict, Refusal
from app.sealing import blind_index
from tests import factory


def add_and_refuse():
    with db.transaction() as session:
        session.add(Head(id=7, sequence=0, hash=bytes(32)))
        session.flush()
        raise Refusal("proposals.answered_already")


def test_what_leaves_by_an_exception_leaves_nothing(database):
    with pytest.raises(Refusal):
        add_and_refuse()
    with db.reading() as session:
        assert session.get(Head, 7) is None


def test_a_use_case_does_not_call_another(database):
    with db.transaction(), pytest.raises(RuntimeError, match="another use case"), db.transaction():
        pass


def test_a_page_that_only_shows_cannot_write(database):
    with pytest.raises(OperationalError, match="readonly"), db.reading() as session:
        session.execute(text("INSERT INTO audit_head (id, sequence, hash) VALUES (7, 0, x'00')"))


def rename_while_another_does(organisation_id):
    with db.transaction() as session:
        mine = session.get(Organisation, organisation_id)
        session.execute(update(Organisation).values(revision=9), execution_options={"synchronize_session": False})
        mine.name = "Another name"


def test_the_second_of_two_people_gets_a_conflict(database):
    with pytest.raises(Conflict):
        rename_while_another_does(factory.organisation().id)


def test_personal_columns_hold_no_text_and_open_again(database):
    case = factory.case(surname="Yılmaz-Ştefan")
    with db.reading() as session:
        raw = session.execute(text("SELECT surname, birth_date FROM case_file")).one()
        assert b"lmaz" not in raw.surname
        assert b"1987" not in raw.birth_date
        assert session.get(Case, case.id).surname == "Yılmaz-Ştefan"


def test_a_value_copied_into_another_column_does_not_open(database):
    case = factory.case()
    with db.transaction() as session:
        session.execute(text("UPDATE case_file SET surname = given_name"))
    with pytest.raises(InvalidTag), db.reading() as session:
        session.get(Case, case.id)


@pytest.mark.parametrize(("one", "other"), [("Van 't Hof", "van t hof"), ("Çelik", "celik"), ("1098 HJ", "1098hj")])
def test_a_name_is_found_however_it_is_typed(database, one, other):
    assert blind_index(one) == blind_index(other)


def test_a_moment_without_zone_is_refused(database):
    with pytest.raises(StatementError, match="without time zone"), db.reading() as session:
        session.scalar(select(Case.id).where(Case.created_at > datetime(2026, 6, 4)))  # noqa: DTZ001 (this is the point)


def test_references_are_without_look_alikes():
    refs = {db.new_ref("A") for _ in range(500)}
    assert len(refs) == 500
    assert not set("01ILOU") & set("".join(ref[2:] for ref in refs))


def test_what_is_drawn_around_a_page_reads_what_the_page_read(database):
    organisations = select(func.count()).select_from(Organisation)
    with db.reading_page() as page:
        assert page.scalar(organisations) == 0
        factory.organisation()
        with db.reading_page() as menu, db.reading() as other:
            assert (menu.scalar(organisations), other.scalar(organisations)) == (0, 1)
    with db.reading_page() as following:
        assert following.scalar(organisations) == 1
