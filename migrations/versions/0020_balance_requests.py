"""Balance requests and what creditors state: amounts with who and when, obstacles to consent in advance, corrections."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OWN, MANDATED = "(SELECT portal_organisation())", "creditor_id = ANY ((SELECT portal_mandated())::integer[])"
OFFERS, CASES = "(SELECT portal_reaches('offers'))", "(SELECT portal_reaches('cases'))"
SEEN = {
    "balance_request": f"{CASES} OR (visibility = 'visible' AND (creditor_id = {OWN} OR (agent_id = {OWN} AND {MANDATED})))",
    "balance_statement": f"{CASES} OR EXISTS (SELECT 1 FROM balance_request r WHERE r.id = request_id)",
}
# Beside the policies of 0011 and 0019: whoever was asked for a balance reads of whom, and nobody else the letter.
ASKED = "EXISTS (SELECT 1 FROM balance_request r WHERE r.case_id = case_file.id)"
LETTER = "EXISTS (SELECT 1 FROM balance_request r WHERE r.ref = subject_ref)"


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.add_column("case_file", sa.Column("balances_asked_on", sa.Date(), nullable=True))
    op.add_column("claim", sa.Column("stated_by", sa.String(length=200), nullable=True))
    for table in ("claim", "consent_assessment"):
        op.add_column(table, sa.Column("obstacle", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "balance_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("surname_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", _one_of("balanceanswer", "open", "stated", "no cooperation", "not stated"), nullable=False),
        sa.Column("visibility", _one_of("visibility", "visible", "restricted", "erased"), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_by", sa.String(length=200), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("remind_on", sa.JSON(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", _one_of("answeredby", "by consent", "by hand", "by code", "by file", "by API"), nullable=True),
        sa.Column("answerer", sa.String(length=200), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "answered_at IS NOT NULL OR state NOT IN ('stated', 'no cooperation')", name=op.f("ck_balance_request_answered")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_balance_request_case_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_balance_request_claim_id")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_balance_request_creditor_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_balance_request_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_balance_request_ref")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_balance_request_claim_id")),
        sa.UniqueConstraint("code_index", name=op.f("uq_balance_request_code_index")),
    )
    for name in ("case_id", "reference", "surname_index"):
        op.create_index(op.f(f"ix_balance_request_{name}"), "balance_request", [name])
    op.create_index("ix_balance_request_state_closes_on", "balance_request", ["state", "closes_on"])
    for party in ("creditor_id", "agent_id"):
        columns = [party, "visibility", "state", "answer_by", "id"]
        op.create_index(f"ix_balance_request_{party}_visibility_state_answer_by", "balance_request", columns)
    op.create_table(
        "balance_statement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=120), nullable=False),
        sa.Column("by", _one_of("answeredby", "by consent", "by hand", "by code", "by file", "by API"), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("principal_cents", sa.BigInteger(), nullable=True),
        sa.Column("interest_cents", sa.BigInteger(), nullable=True),
        sa.Column("costs_cents", sa.BigInteger(), nullable=True),
        sa.Column("total_cents", sa.BigInteger(), nullable=True),
        sa.Column("allowed_cents", sa.BigInteger(), nullable=True),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("vat", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column("rank", _one_of("rank", "preferential", "concurrent", "secured", "excluded"), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column(
            "obstacle", _one_of("obstacle", "fraud or fine", "claim disputed", "earlier settlement failed", "other"), nullable=True
        ),
        sa.Column(
            "ground", _one_of("ground", "client unknown", "recently discharged", "recently stabilised", "other"), nullable=True
        ),
        sa.Column("explanation", sa.LargeBinary(), nullable=False),
        sa.Column("correction", _one_of("correction", "waits", "taken over", "refused", "replaced"), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("refusal", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(total_cents IS NULL) = (ground IS NOT NULL)", name=op.f("ck_balance_statement_amount_or_ground")),
        sa.CheckConstraint(
            "total_cents IS NULL OR total_cents = principal_cents + interest_cents + costs_cents",
            name=op.f("ck_balance_statement_adds_up"),
        ),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_balance_statement_decided_by_somebody")),
        sa.ForeignKeyConstraint(["request_id"], ["balance_request.id"], name=op.f("fk_balance_statement_request_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_balance_statement_claim_id")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_balance_statement_creditor_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_balance_statement_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_balance_statement")),
    )
    for name in ("request_id", "claim_id"):
        op.create_index(op.f(f"ix_balance_statement_{name}"), "balance_statement", [name])
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")
    op.execute(f"CREATE POLICY asked ON case_file FOR SELECT USING ({ASKED})")
    op.execute(f"CREATE POLICY asked ON document FOR SELECT USING (kind = 'balance letter' AND {LETTER})")
    op.execute(f"CREATE POLICY only_asked ON document AS RESTRICTIVE USING (kind <> 'balance letter' OR {OFFERS} OR {LETTER})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY asked ON case_file")
        op.execute("DROP POLICY asked ON document")
        op.execute("DROP POLICY only_asked ON document")
    op.drop_table("balance_statement")
    op.drop_table("balance_request")
    for table in ("claim", "consent_assessment"):
        op.drop_column(table, "obstacle")
    op.drop_column("claim", "stated_by")
    op.drop_column("case_file", "balances_asked_on")
