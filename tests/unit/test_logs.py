"""Log lines: where it went wrong and what, and nothing about anybody."""

import json
import logging
from smtplib import SMTPRecipientsRefused

import pytest
from sqlalchemy.exc import IntegrityError

from app.jobs.engine import summary
from app.logs import JsonLines

DETAIL = 'duplicate key value violates unique constraint "uq_person_email"\nDETAIL:  Key (email)=(mia@bakkerij.example) already exists.'
TELLING = [
    (IntegrityError("INSERT …", {"email": "mia@bakkerij.example"}, Exception(DETAIL)), 'unique constraint "uq_person_email"'),
    (SMTPRecipientsRefused({"mia@bakkerij.example": (550, b"no such mailbox")}), "no such mailbox"),
]


@pytest.mark.parametrize(("error", "told"), TELLING)
def test_what_is_kept_of_failed_work_names_nobody(error, told):
    kept = summary(error)
    assert told in kept
    assert "mia" not in kept


@pytest.mark.parametrize(("error", "told"), TELLING)
def test_a_line_about_a_bug_says_where_and_from_what_it_came_and_names_nobody(error, told):
    def fail():
        try:
            raise error
        except Exception as first:
            raise ValueError("it went wrong") from first

    try:
        fail()
    except ValueError as raised:
        record = logging.LogRecord("portal", logging.ERROR, "", 0, "a bug", (), (ValueError, raised, raised.__traceback__))
    line = json.loads(JsonLines().format(record))
    assert [text in line["error"] for text in ("in fail", told, "ValueError: it went wrong", "mia")] == [True, True, True, False]
