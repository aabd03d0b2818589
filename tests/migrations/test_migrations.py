"""The migrations make exactly the tables of the models, on SQLite and PostgreSQL, and go back to nothing."""

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from app import db
from app.db import Base
from tests.conftest import KEYS


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh(request, tmp_path):
    """An empty database of each kind."""
    url = f"sqlite:///{tmp_path / 'fresh.sqlite'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    db.bind(db.create_engine(url), KEYS)
    yield db.engine()
    db.engine().dispose()


def test_migrations_make_the_tables_of_the_models(fresh):
    db.migrate()
    with fresh.begin() as connection:
        command.check(db.migrations(connection))


def test_migrations_go_back_to_nothing(fresh):
    db.migrate()
    with fresh.begin() as connection:
        command.downgrade(db.migrations(connection), "base")
    assert set(inspect(fresh).get_table_names()) & set(Base.metadata.tables) == set()


def test_the_head_file_names_the_newest_migration(database):
    """Two people who add a migration at once meet in this file instead of in production."""
    with db.engine().begin() as connection:
        script = ScriptDirectory.from_config(db.migrations(connection))
    assert (Path(db.MIGRATIONS) / "HEAD").read_text().split() == [script.get_current_head()]


def test_what_went_to_a_one_person_firm_is_its_organisations_again(tmp_path):
    db.bind(db.create_engine(f"sqlite:///{tmp_path / 'firm.sqlite'}"), KEYS)
    db.migrate("0030")
    insert = (
        "INSERT INTO message (code, organisation_id, person_id, address, language, path, facts, created_at) "
        "VALUES (?, ?, ?, 'jan@jansen.example', 'nl', '/offers', '{}', '2026-05-01')"
    )
    told = [("proposals.issued", 1, 7), ("consents.expiring", 1, 7), ("accounts.changed", None, 7), ("offers.reminder", 1, None)]
    with db.engine().begin() as connection:
        for row in told:
            connection.exec_driver_sql(insert, row)
    db.migrate("0031")
    with db.engine().connect() as connection:
        assert connection.exec_driver_sql("SELECT person_id FROM message ORDER BY id").scalars().all() == [None, 7, 7, None]
    db.engine().dispose()


def test_commitments_keep_their_checks_while_their_table_is_made_anew(tmp_path):
    db.bind(db.create_engine(f"sqlite:///{tmp_path / 'kept.sqlite'}"), KEYS)
    db.migrate("0037")
    with db.engine().begin() as connection:
        for statement in (
            "INSERT INTO organisation (id, kind, name, branch, is_bailiff, rank, kvk, establishment, street, house_number, postcode, city, "
            "iban, email, phone, wki_number, revision) VALUES (1, 'creditor', '', '', 0, '', '', '', '', '', '', '', '', '', '', '', 1)",
            "INSERT INTO commitment (id, ref, organisation_id, state, party, by_whom, words, how, due_on, made_on, made_by, measure, "
            "threshold, days, revision) VALUES (4, 'N-1', 1, 'open', 'theirs', x'', x'', x'', '2026-06-01', '2026-06-01', 'Joris', "
            "'offers answered in time', 90, 10, 1)",
            "INSERT INTO commitment_check (id, commitment_id, organisation_id, at, who, words) VALUES (7, 4, 1, '2026-06-02', 'Bo', x'')",
        ):
            connection.exec_driver_sql(statement)
    db.migrate("0038")
    with db.engine().begin() as connection:
        connection.exec_driver_sql("UPDATE commitment SET measure = 'balances stated in time'")
        command.downgrade(db.migrations(connection), "0037")
        kept = connection.exec_driver_sql("SELECT id, measure, (SELECT commitment_id FROM commitment_check) FROM commitment").all()
    assert kept == [(4, None, 4)]
    db.engine().dispose()
