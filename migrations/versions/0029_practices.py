"""Practice reports of creditors, their submissions and remarks, benchmarks by year, and when an agent's Wki number was checked."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OWN = "(SELECT portal_organisation())"
TEAM = "(SELECT portal_reaches('practices'))"
EVERYTHING = "(SELECT portal_reaches('everything'))"
OF_REPORT = "EXISTS (SELECT 1 FROM practice_report r WHERE r.id = report_id)"
OWN_REPORT = f"EXISTS (SELECT 1 FROM practice_report r WHERE r.id = report_id AND r.creditor_id = {OWN})"
SEEN = {
    "practice_report": f"creditor_id = {OWN} OR (state <> 'draft' AND {TEAM}) OR {EVERYTHING}",
    "practice_section": f"{OWN_REPORT} OR {EVERYTHING}",  # what is being written is the creditor's alone
    "practice_submission": OF_REPORT,
    "practice_remark": OF_REPORT,
    "practice_reminder": f"creditor_id = {OWN} OR {TEAM}",
    "benchmark_basis": TEAM,
}
STATES, MARKS = ("draft", "submitted", "reopened"), ("seen", "questioned", "verified", "reply")


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.add_column("organisation", sa.Column("wki_number", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("organisation", sa.Column("wki_checked_on", sa.Date(), nullable=True))
    op.add_column("organisation", sa.Column("wki_checked_by", sa.String(length=200), nullable=True))
    op.create_table(
        "practice_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("branch", sa.String(length=40), nullable=False),
        sa.Column("state", _one_of("state", *STATES), nullable=False),
        sa.Column("submissions", sa.Integer(), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("reopened_at", MOMENT, nullable=True),
        sa.Column("reopen_reason", sa.LargeBinary(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("replied", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'draft' OR submissions > 0", name=op.f("ck_practice_report_submitted_once")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_practice_report_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_report")),
        sa.UniqueConstraint("creditor_id", "year", name=op.f("uq_practice_report_creditor_id_year")),
        sa.UniqueConstraint("ref", name=op.f("uq_practice_report_ref")),
    )
    op.create_index(op.f("ix_practice_report_year"), "practice_report", ["year"])
    op.create_index(op.f("ix_practice_report_state"), "practice_report", ["state"])
    _parts()
    _benchmarks()
    if op.get_bind().dialect.name == "postgresql":
        _walls()


def _parts() -> None:
    op.create_table(
        "practice_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=True),
        sa.Column("saved_by", sa.String(length=200), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["practice_report.id"], name=op.f("fk_practice_section_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_section")),
        sa.UniqueConstraint("report_id", "section", name=op.f("uq_practice_section_report_id_section")),
    )
    op.create_table(
        "practice_submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["practice_report.id"], name=op.f("fk_practice_submission_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_submission")),
        sa.UniqueConstraint("report_id", "number", name=op.f("uq_practice_submission_report_id_number")),
    )
    op.create_table(
        "practice_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("mark", _one_of("mark", *MARKS), nullable=False),
        sa.Column("submission", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["practice_report.id"], name=op.f("fk_practice_remark_report_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_remark")),
    )
    op.create_index(op.f("ix_practice_remark_report_id"), "practice_remark", ["report_id"])
    op.create_table(
        "practice_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_practice_reminder_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_reminder")),
        sa.UniqueConstraint("creditor_id", "year", "step", name=op.f("uq_practice_reminder_creditor_id_year_step")),
    )


def _benchmarks() -> None:
    op.create_table(
        "benchmark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark")),
        sa.UniqueConstraint("year", name=op.f("uq_benchmark_year")),
    )
    op.create_table(
        "benchmark_basis",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("benchmark_id", sa.Integer(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["benchmark_id"], ["benchmark.id"], name=op.f("fk_benchmark_basis_benchmark_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_basis")),
        sa.UniqueConstraint("benchmark_id", name=op.f("uq_benchmark_basis_benchmark_id")),
    )


def _walls() -> None:
    op.execute("ALTER TABLE organisation ALTER wki_number DROP DEFAULT")
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")
    op.execute(f"CREATE POLICY practices ON attachment FOR SELECT USING (kind = 'practice evidence' AND {TEAM})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY practices ON attachment")
    for table in (
        "benchmark_basis", "benchmark", "practice_reminder", "practice_remark", "practice_submission", "practice_section",
        "practice_report",
    ):  # fmt: skip
        op.drop_table(table)
    for column in ("wki_checked_by", "wki_checked_on", "wki_number"):
        op.drop_column("organisation", column)
