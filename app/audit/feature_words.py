"""What the portal says in the audit about features that keep their own words, as one: actions, subjects, fields and values."""

from typing import Any

from app.audit import complaint_words, practice_words, relation_words, signal_words

ACTIONS: dict[str, Any] = complaint_words.ACTIONS | practice_words.ACTIONS | signal_words.ACTIONS | relation_words.ACTIONS
SUBJECTS: dict[str, Any] = complaint_words.SUBJECTS | practice_words.SUBJECTS | signal_words.SUBJECTS | relation_words.SUBJECTS
FIELDS: dict[str, Any] = complaint_words.FIELDS | practice_words.FIELDS | signal_words.FIELDS | relation_words.FIELDS
VALUES: dict[str, Any] = complaint_words.VALUES | practice_words.VALUES | signal_words.VALUES | relation_words.VALUES
