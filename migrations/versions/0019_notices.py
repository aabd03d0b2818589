"""Notices: what the bank asks of a creditor (stop collecting until a day), what it said, and collecting that was told of all the same."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
RUNNING = sa.text("ended_on IS NULL")
OWN, MANDATED = "(SELECT portal_organisation())", "creditor_id = ANY ((SELECT portal_mandated())::integer[])"
OFFERS, CASES = "(SELECT portal_reaches('offers'))", "(SELECT portal_reaches('cases'))"
SEEN = {
    "notice": f"{OFFERS} OR (visibility = 'visible' AND (creditor_id = {OWN} OR (agent_id = {OWN} AND {MANDATED})))",
    # of what a client complained of, only the bank knows; what a creditor told itself, it sees as far as the notice
    "pause_breach": f"{OFFERS} OR (source = 'creditor' AND EXISTS (SELECT 1 FROM notice n WHERE n.id = notice_id))",
}
# Whoever has something of a case sees the case, as in 0011.
CASE_BEFORE = (
    f"{CASES} OR lower(team) = (SELECT portal_team()) OR EXISTS (SELECT 1 FROM offer o WHERE o.case_id = case_file.id)"
)
CASE_NOW = f"{CASE_BEFORE} OR EXISTS (SELECT 1 FROM notice n WHERE n.case_id = case_file.id)"


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("surname_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", _one_of("noticestate", "sent", "confirmed", "other agent named", "client unknown", "obstacle"), nullable=False),
        sa.Column("visibility", _one_of("visibility", "visible", "restricted", "erased"), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("sent_by", sa.String(length=200), nullable=False),
        sa.Column("pause_until", sa.Date(), nullable=False),
        sa.Column("extended_on", sa.Date(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", _one_of("answeredby", "by consent", "by hand", "by code", "by file", "by API"), nullable=True),
        sa.Column("answerer", sa.String(length=200), nullable=True),
        sa.Column("named_agent_id", sa.Integer(), nullable=True),
        sa.Column("named_agent", sa.String(length=120), nullable=False),
        sa.Column("searched", sa.JSON(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", _one_of("endreason", "ran out", "case closed", "client stopped", "sent by mistake"), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("pause_until >= sent_on", name=op.f("ck_notice_pause_after_notice")),
        sa.CheckConstraint("state = 'sent' OR answered_at IS NOT NULL", name=op.f("ck_notice_answered")),
        sa.CheckConstraint("(ended_on IS NULL) = (end_reason IS NULL)", name=op.f("ck_notice_ended_with_reason")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_notice_case_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_notice_claim_id")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_notice_creditor_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_notice_agent_id")),
        sa.ForeignKeyConstraint(["named_agent_id"], ["organisation.id"], name=op.f("fk_notice_named_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("ref", name=op.f("uq_notice_ref")),
    )
    for name in ("case_id", "claim_id", "pause_until", "reference", "surname_index"):
        op.create_index(op.f(f"ix_notice_{name}"), "notice", [name])
    op.create_index("ix_notice_one_running", "notice", ["claim_id"], unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING)
    for party in ("creditor_id", "agent_id"):
        op.create_index(f"ix_notice_{party}_visibility_state_pause_until", "notice", [party, "visibility", "state", "pause_until", "id"])
    op.create_table(
        "pause_breach",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("source", _one_of("breachsource", "creditor", "complaint"), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("reported_by", sa.String(length=200), nullable=False),
        sa.Column("handled_at", MOMENT, nullable=True),
        sa.Column("handled_by", sa.String(length=200), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("handled_by IS NULL OR handled_at IS NOT NULL", name=op.f("ck_pause_breach_handled")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_pause_breach_notice_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_pause_breach_case_id")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_pause_breach_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause_breach")),
    )
    for name in ("notice_id", "case_id", "creditor_id"):
        op.create_index(op.f(f"ix_pause_breach_{name}"), "pause_breach", [name])
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in SEEN.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")
        op.execute(f"ALTER POLICY reach ON case_file USING ({CASE_NOW})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER POLICY reach ON case_file USING ({CASE_BEFORE})")
    op.drop_table("pause_breach")
    op.drop_table("notice")
