"""Proposals, offers and their history."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "approved",
                "issued",
                "agreed",
                "withdrawn",
                "superseded",
                "closed",
                name="proposalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "product",
            sa.Enum(
                "restructuring_loan",
                "debt_mediation",
                "zero_offer",
                "youth_loan",
                "refinancing",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("annual_rate", sa.String(length=10), nullable=False),
        sa.Column("fee_percentage", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("drafted_person_id", sa.Integer(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_person_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worked", sa.JSON(), nullable=False),
        sa.Column("available_cents", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("remind_on", sa.JSON(), nullable=True),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=1000), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("approved_person_id IS NULL OR approved_person_id <> drafted_person_id", name=op.f("ck_proposal_two_officers")),
        sa.CheckConstraint("months BETWEEN 1 AND 60", name=op.f("ck_proposal_months")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_proposal_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("ref", name=op.f("uq_proposal_ref")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_closes_on"), ["closes_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_issued_on"), ["issued_on"], unique=False)
        batch_op.create_index(
            "ix_proposal_one_running",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'approved', 'issued')"),
            postgresql_where=sa.text("state IN ('draft', 'approved', 'issued')"),
        )
        batch_op.create_index(batch_op.f("ix_proposal_state"), ["state"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("surname_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "prepared",
                "accepted",
                "accepted with another balance",
                "rejected",
                "reconsideration asked",
                "asked again",
                "no response",
                "withdrawn",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "rank",
            sa.Enum("preferential", "concurrent", "secured", "excluded", name="rank", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "product",
            sa.Enum(
                "restructuring_loan",
                "debt_mediation",
                "zero_offer",
                "youth_loan",
                "refinancing",
                name="product",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("takes_part_cents", sa.BigInteger(), nullable=False),
        sa.Column("payment_cents", sa.BigInteger(), nullable=False),
        sa.Column("percentage", sa.String(length=6), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "answered_by",
            sa.Enum(
                "by consent",
                "by hand",
                "by code",
                "by file",
                "by API",
                name="answeredby",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("answerer", sa.String(length=200), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column(
            "reject_reason",
            sa.Enum(
                "percentage too low",
                "not the maximum attainable",
                "relapse feared",
                "fraud or fine",
                "not all creditors treated equally",
                "claim disputed",
                "policy",
                "other",
                name="rejectreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("other_balance_cents", sa.BigInteger(), nullable=True),
        sa.Column("balance_taken_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reconsider_by", sa.Date(), nullable=True),
        sa.Column("draft", sa.JSON(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "answered_at IS NOT NULL OR state NOT IN ('accepted', 'accepted with another balance', 'rejected')",
            name=op.f("ck_offer_answered"),
        ),
        sa.CheckConstraint("payment_cents >= 0 AND payment_cents <= takes_part_cents", name=op.f("ck_offer_payment_within_claim")),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_offer_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_offer_case_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_offer_claim_id")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_offer_creditor_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_offer_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("code_index", name=op.f("uq_offer_code_index")),
        sa.UniqueConstraint("proposal_id", "claim_id", name=op.f("uq_offer_proposal_id_claim_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_offer_ref")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index("ix_offer_agent_id_state_answer_by", ["agent_id", "state", "answer_by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_claim_id"), ["claim_id"], unique=False)
        batch_op.create_index("ix_offer_creditor_id_state_answer_by", ["creditor_id", "state", "answer_by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_reference"), ["reference"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_surname_index"), ["surname_index"], unique=False)

    op.create_table(
        "offer_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_event_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_event")),
    )
    with op.batch_alter_table("offer_event", schema=None) as batch_op:
        batch_op.create_index("ix_offer_event_offer_id_id", ["offer_id", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("offer_event", schema=None) as batch_op:
        batch_op.drop_index("ix_offer_event_offer_id_id")

    op.drop_table("offer_event")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_surname_index"))
        batch_op.drop_index(batch_op.f("ix_offer_reference"))
        batch_op.drop_index(batch_op.f("ix_offer_proposal_id"))
        batch_op.drop_index("ix_offer_creditor_id_state_answer_by")
        batch_op.drop_index(batch_op.f("ix_offer_claim_id"))
        batch_op.drop_index(batch_op.f("ix_offer_case_id"))
        batch_op.drop_index("ix_offer_agent_id_state_answer_by")

    op.drop_table("offer")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_state"))
        batch_op.drop_index(
            "ix_proposal_one_running",
            sqlite_where=sa.text("state IN ('draft', 'approved', 'issued')"),
            postgresql_where=sa.text("state IN ('draft', 'approved', 'issued')"),
        )
        batch_op.drop_index(batch_op.f("ix_proposal_issued_on"))
        batch_op.drop_index(batch_op.f("ix_proposal_closes_on"))
        batch_op.drop_index(batch_op.f("ix_proposal_case_id"))

    op.drop_table("proposal")
