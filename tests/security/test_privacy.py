"""Privacy: every column has a rule, and what belongs to a person is in the export, goes in time, and rests when asked."""

import pytest

from app import load_models
from app.db import Base, Retention
from app.privacy.classes import CLASSES
from app.privacy.export_text import COLUMNS, TABLES
from app.privacy.retention import LEFT, PASSED, empty
from app.privacy.rules import Ends

load_models()
EVERY_TABLE = {table.name: table for table in Base.metadata.sorted_tables}
EVERY_COLUMN = [(table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns]


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_every_column_has_a_rule(table):
    """Whoever adds a column decides in app/privacy/classes.py what becomes of it and whose it is."""
    assert table in CLASSES, f"{table} has no rules in app/privacy/classes.py"
    without = {column.name for column in EVERY_TABLE[table].columns} - set(CLASSES[table].columns)
    assert without == set(), f"columns of {table} without a rule in app/privacy/classes.py"


def test_no_rule_is_about_a_column_that_is_gone():
    ruled = {(name, column) for name, table in CLASSES.items() for column in table.columns}
    assert ruled - set(EVERY_COLUMN) == set()


def test_every_table_is_ended_or_left_for_a_reason():
    assert set(LEFT) <= set(EVERY_TABLE)
    passing = {name for name, table in EVERY_TABLE.items() if table.info["retention"] is Retention.PASSING}
    assert passing - set(LEFT) - {"upload_file"} == set(PASSED)
    assert [name for name, column in PASSED.items() if column not in EVERY_TABLE[name].columns] == []


def test_a_stub_can_be_written():
    """Each column that is emptied knows what it holds then, and none of them is a key."""
    for name, table in CLASSES.items():
        if table.is_stub:
            values = empty(name)
            assert [one for one in values if EVERY_TABLE[name].columns[one].primary_key] == []


def test_encrypted_columns_never_stay_in_a_stub():
    stays = [
        f"{name}.{column.name}"
        for name, table in EVERY_TABLE.items()
        for column in table.columns
        if type(column.type).__name__.startswith("Encrypted") and CLASSES[name].columns[column.name].ends is Ends.STAYS
    ]
    assert stays == []


def test_every_personal_column_has_a_name_that_people_read():
    personal = {
        (name, column)
        for name, table in CLASSES.items()
        for column, rule in table.columns.items()
        if rule.whose and not rule.is_secret
    }
    assert {name for name, _ in personal} - set(TABLES) == set()
    assert {column for _, column in personal} - set(COLUMNS) == set()
