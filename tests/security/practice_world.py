"""What a creditor of the world has of practice reports: one that was submitted, with a question and a file, and one being written."""

import json

from app import db
from app.access import SYSTEM
from app.clock import now
from app.documents.attachments import Added, attach, scanned
from app.exchange.models import Upload, UploadFile
from app.practices.checking import UPLOAD
from app.practices.models import AnswerRemark, BenchmarkBasis, Report, ReportReminder, SectionDraft, Submission, YearBenchmark
from app.practices.questions import SECTIONS
from app.practices.report_access import EVIDENCE
from app.practices.rules import Mark, State
from tests import factory

MISSING = {"practice": "P-2222-2222", "practice_draft": "P-2222-2223", "attachment": "F-2222-2222", "cost_file": "I-2222-2227"}


def add(things, places):
    """Give both creditors of the world their reports, and make the benchmark of a year that is long over."""
    for owner in ("ours", "theirs"):
        things[owner] |= practices_of(places[owner], owner)
    made = factory.save(YearBenchmark(year=2024, figures={}, made_at=now(), person_name="Joris"))
    factory.save(BenchmarkBasis(benchmark_id=made.id, members={}))


def practices_of(creditor, owner):
    """Make the reports of one creditor and return their references."""
    submitted = _report(creditor, 2025, state=State.SUBMITTED, submissions=1, submitted_at=now(), branch="water", asked=1)
    factory.save(
        Submission(report_id=submitted.id, number=1, answers='{"staff": 40, "complaints": 3}', at=now(), person_name="Ada"),
        AnswerRemark(
            report_id=submitted.id, question="staff", mark=Mark.QUESTIONED, submission=1, words=f"VRAAG-{owner}", at=now(),
            person_name="Joris", organisation_name="Relatiebeheer",
        ),
        ReportReminder(creditor_id=creditor.id, year=2025, step=1, on=now().date()),
    )  # fmt: skip
    draft = _report(creditor, 2026)
    with db.transaction() as session:
        file, unsubmitted = scanned([Added("bewijs.txt", f"{what}-{owner}".encode()) for what in ("BEWIJS", "CONCEPT")])
        attachment = attach(session, SYSTEM, EVIDENCE, f"{submitted.ref}.staff", creditor.id, [file])[0]
        attach(session, SYSTEM, EVIDENCE, f"{draft.ref}.staff", creditor.id, [unsubmitted])
    return {
        "practice": submitted.ref, "practice_draft": draft.ref, "attachment": attachment,
        "cost_file": _checked(creditor),
    }  # fmt: skip


def _report(creditor, year, **over):
    report = factory.save(Report(ref=db.new_ref("P"), creditor_id=creditor.id, year=year, created_at=now(), **over))
    for section in SECTIONS:
        factory.save(SectionDraft(report_id=report.id, section=section.code, answers="{}"))
    return report


def _checked(creditor):
    """A file of cost cases that somebody had checked."""
    whose = {"organisation_id": creditor.id, "organisation_name": creditor.name, "person_name": "Ada", "created_at": now()}
    upload = factory.save(Upload(ref=db.new_ref("I"), kind=UPLOAD, rows=1, outcome="[]", **whose))
    told = {"head": ["Hoofdsom"], "unknown": [], "cases": []}
    factory.save(UploadFile(upload_id=upload.id, kind=UPLOAD, name="kosten.csv", content=json.dumps(told).encode()))
    return upload.ref
