"""The clock of one offer can stand still; what the bank decided about the court; what daily work came to; and whom the bank called."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
STANDS = sa.text("clock_on IS NOT NULL")
BANK = ("court_decision", "creditor_call")  # of no creditor's concern
SEEN = "(SELECT portal_reaches('offers'))"


def upgrade() -> None:
    op.add_column("offer", sa.Column("paused_on", sa.Date(), nullable=True))
    op.add_column("offer", sa.Column("clock_on", sa.Date(), nullable=True))
    op.add_column("offer", sa.Column("remind_on", sa.JSON(), nullable=True))
    op.create_index("ix_offer_clock", "offer", ["id"], sqlite_where=STANDS, postgresql_where=STANDS)
    op.create_table(
        "court_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("share", sa.String(length=6), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_court_decision_offer_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_court_decision_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court_decision")),
    )
    for name in ("offer_id", "case_id"):
        op.create_index(op.f(f"ix_court_decision_{name}"), "court_decision", [name])
    op.create_table(
        "creditor_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("called_by", sa.String(length=200), nullable=False),
        sa.Column("spoken_to", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_creditor_call_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditor_call")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_creditor_call_undoes_id")),
    )
    op.create_index(op.f("ix_creditor_call_organisation_id"), "creditor_call", ["organisation_id"])
    op.create_index(op.f("ix_creditor_call_at"), "creditor_call", ["at"])
    op.create_index(op.f("ix_creditor_call_person_id"), "creditor_call", ["person_id"])
    op.create_table(
        "daily_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(length=100), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_run")),
    )
    op.create_index(op.f("ix_daily_run_day"), "daily_run", ["day"])
    op.create_index(op.f("ix_daily_run_started_at"), "daily_run", ["started_at"])
    if op.get_bind().dialect.name == "postgresql":
        for table in BANK:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY reach ON {table} USING ({SEEN})")


def downgrade() -> None:
    op.drop_table("daily_run")
    op.drop_table("creditor_call")
    op.drop_table("court_decision")
    op.drop_index("ix_offer_clock", table_name="offer")
    for column in ("remind_on", "clock_on", "paused_on"):
        op.drop_column("offer", column)
