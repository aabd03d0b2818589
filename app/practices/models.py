"""The tables of practice reports: what a creditor is writing, what it submitted and when, what was remarked, and the benchmarks."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, EncryptedText, Retention, kept
from app.practices.rules import Mark, State


class Report(Base):
    """The report of one creditor on one year; its branch is the one that it had when it was submitted."""

    __tablename__ = "practice_report"
    __table_args__ = (
        UniqueConstraint("creditor_id", "year"),
        CheckConstraint("state = 'draft' OR submissions > 0", name="submitted_once"),
        kept(Retention.RELATION, tenant="creditor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int] = mapped_column(index=True)
    branch: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[State] = mapped_column(default=State.DRAFT, index=True)
    submissions: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    reopen_reason: Mapped[str | None] = mapped_column(EncryptedText("practice_report.reopen_reason"))
    asked: Mapped[int] = mapped_column(default=0)  # answers about which the creditor is to speak
    replied: Mapped[int] = mapped_column(default=0)  # answers about which the team is, after a reply
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class SectionDraft(Base):
    """What a creditor wrote in one section until now: its own alone until the report is submitted."""

    __tablename__ = "practice_section"
    __table_args__ = (UniqueConstraint("report_id", "section"), kept(Retention.RELATION))

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("practice_report.id", ondelete="CASCADE"))
    section: Mapped[str] = mapped_column(String(40))
    answers: Mapped[str] = mapped_column(EncryptedText("practice_section.answers"))  # JSON, by question
    saved_at: Mapped[datetime | None]
    saved_by: Mapped[str | None] = mapped_column(String(200))
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class Submission(Base):
    """The answers of a report as a manager submitted them; a correction is another submission, and none is ever edited."""

    __tablename__ = "practice_submission"
    __table_args__ = (UniqueConstraint("report_id", "number"), kept(Retention.RELATION))

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("practice_report.id", ondelete="CASCADE"))
    number: Mapped[int]
    answers: Mapped[str] = mapped_column(EncryptedText("practice_submission.answers"))  # JSON, by question
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    person_name: Mapped[str] = mapped_column(String(200))


class AnswerRemark(Base):
    """A mark of the relations team on one answer, or the creditor's reply; appended, never edited."""

    __tablename__ = "practice_remark"
    __table_args__ = kept(Retention.RELATION)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("practice_report.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(String(40))
    mark: Mapped[Mark]
    submission: Mapped[int]  # the number of the one that it is about
    words: Mapped[str] = mapped_column(EncryptedText("practice_remark.words"))
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    person_name: Mapped[str] = mapped_column(String(200))
    organisation_name: Mapped[str] = mapped_column(String(200))


class ReportReminder(Base):
    """A creditor was reminded of the report of a year: each of the reminders once."""

    __tablename__ = "practice_reminder"
    __table_args__ = (UniqueConstraint("creditor_id", "year", "step"), kept(Retention.RELATION, tenant="creditor_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    year: Mapped[int]
    step: Mapped[int]
    on: Mapped[date] = mapped_column("sent_on")


class YearBenchmark(Base):
    """The group figures of a year, as everybody who reports sees them. Made once: what comes later changes nothing in it."""

    __tablename__ = "benchmark"
    __table_args__ = kept(Retention.RELATION)

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)
    figures: Mapped[dict[str, Any]]  # group, then `at_least`, and `figures` by measure; null is withheld
    made_at: Mapped[datetime]
    person_id: Mapped[int | None]
    person_name: Mapped[str] = mapped_column(String(200))


class BenchmarkBasis(Base):
    """Over which creditors the figures of a year run that are shown: the city's alone."""

    __tablename__ = "benchmark_basis"
    __table_args__ = kept(Retention.RELATION)

    id: Mapped[int] = mapped_column(primary_key=True)
    benchmark_id: Mapped[int] = mapped_column(ForeignKey("benchmark.id", ondelete="CASCADE"), unique=True)
    members: Mapped[dict[str, Any]]  # group, then measure, then numbers of organisations: of a firm the first one
