"""What a creditor reports a year on how it collects: sections, questions, and what an answer may be. Pure data and reading.

The topics are those of the Afsprakenkader Sociaal Incasseren (SchuldenlabNL, March 2025); the words stand in `question_words`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.errors import Refusal
from app.money import parse_amount
from app.signs import legible

Answer = int | str
Answers = Mapping[str, Answer]


class Kind(StrEnum):
    """What an answer is."""

    NUMBER = "number"
    CENTS = "cents"
    CHOICE = "choice"
    TEXT = "text"


class Often(StrEnum):
    """How often a creditor does something."""

    ALWAYS = "always"
    MOSTLY = "mostly"
    SOMETIMES = "sometimes"
    NEVER = "never"


class Agents(StrEnum):
    """For how many of its agents something holds."""

    ALL = "all agents"
    SOME = "some agents"
    NONE = "no agent"
    UNUSED = "no agents used"


@dataclass(frozen=True)
class Question:
    """One question; an optional one may stay empty, `most` bounds a number or the signs of a text."""

    code: str
    kind: Kind
    choices: type[StrEnum] | None = None
    is_optional: bool = False
    most: int = 100_000_000


@dataclass(frozen=True)
class Section:
    """The questions of one topic, filled in together on one page."""

    code: str
    questions: tuple[Question, ...]


def _number(code: str, most: int = 100_000_000) -> Question:
    return Question(code, Kind.NUMBER, most=most)


def _often(code: str) -> Question:
    return Question(code, Kind.CHOICE, Often)


def _words(code: str) -> Question:
    return Question(code, Kind.TEXT, is_optional=True, most=2000)


SECTIONS: tuple[Section, ...] = (
    Section("customers", (_number("customers_in_arrears"), _often("looks_for_other_arrears"))),
    Section("language", (_often("language_tested"), _words("language_how"))),
    Section("contact", (_often("contact_before_costs"), _number("contact_attempts", 100), _words("contact_how"))),
    Section(
        "arrangements",
        (
            _number("arrangements_offered"), _number("arrangements_made"), _number("arrangement_months", 600),
            _number("arrangement_months_longest", 600), _number("arrangements_ended"), _number("arrangements_kept"),
        ),
    ),
    Section("help", (_often("refers_to_help"), _number("referrals"))),
    Section("pauses", (_number("pauses_asked"), _number("pauses_broken"), _words("pauses_why"))),
    Section("reminders", (_number("reminders_before_costs", 100), _number("days_before_costs", 3650))),
    Section("costs", (_number("cost_cases"), Question("costs_cents", Kind.CENTS, most=10**12), _words("costs_how"))),
    Section(
        "agents",
        (
            _number("cases_to_agents"), Question("agents_paid_regardless", Kind.CHOICE, Agents),
            Question("agents_spare_accounts", Kind.CHOICE, Agents), _words("other_agents"),
        ),
    ),
    Section("court", (_number("summons"), _number("attachments"), _number("evictions"), _number("cutoffs"))),
    Section("staff", (_number("staff", 1_000_000), _number("staff_trained", 1_000_000), _words("training"))),
    Section("complaints", (_number("complaints"), _number("complaints_upheld"), _words("complaints_learned"))),
)  # fmt: skip
SECTION = {section.code: section for section in SECTIONS}
QUESTION = {question.code: question for section in SECTIONS for question in section.questions}
SECTION_OF = {question.code: section.code for section in SECTIONS for question in section.questions}

# Of two numbers the first is a part of the second: it cannot be the larger one.
PARTS = (
    ("arrangements_kept", "arrangements_ended"),
    ("pauses_broken", "pauses_asked"),
    ("staff_trained", "staff"),
    ("complaints_upheld", "complaints"),
    ("arrangement_months", "arrangement_months_longest"),
    ("arrangements_made", "arrangements_offered"),
)
_NUMBER = re.compile(r"[0-9]{1,10}|[0-9]{1,3}(?:[. ][0-9]{3}){1,2}")


def parse(question: Question, text: str) -> Answer | None:
    """Read an answer as somebody typed it; None when nothing was. Raises Refusal for what it cannot be."""
    text = legible(text.replace("\u00a0", " "), lines=question.kind is Kind.TEXT).strip()
    if not text:
        return None
    if question.kind is Kind.NUMBER:
        return _counted(question, text)
    if question.kind is Kind.CENTS:
        return _bounded(question, parse_amount(text))
    if question.kind is Kind.CHOICE:
        return _chosen(question, text)
    if len(text) > question.most:
        raise Refusal("practices.too_long", field=question.code, most=question.most)
    return text


def _counted(question: Question, text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Refusal("practices.not_a_number", field=question.code)
    return _bounded(question, int(text.replace(".", "").replace(" ", "")))


def _bounded(question: Question, number: int) -> int:
    if number > question.most:
        raise Refusal("practices.too_large", field=question.code, most=question.most)
    return number


def _chosen(question: Question, text: str) -> str:
    if text not in set(question.choices or ()):
        raise Refusal("practices.not_a_choice", field=question.code)
    return text
