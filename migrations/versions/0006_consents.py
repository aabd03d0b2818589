"""Standing consents and the assessments of offers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "signed", "withdrawn", "replaced", "expired", name="state", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "effect", sa.Enum("accept", "prepare", name="effect", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("clauses", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=1000), nullable=True),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=True),
        sa.Column("signed_person_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms_hash", sa.String(length=64), nullable=True),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'withdrawn' OR signed_at IS NOT NULL", name=op.f("ck_consent_signed_when_not_draft")
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_consent_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("creditor_id", "version", name=op.f("uq_consent_creditor_id_version")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_creditor_id"), ["creditor_id"], unique=False)
        batch_op.create_index(
            "ix_consent_one_draft",
            ["creditor_id"],
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        batch_op.create_index(batch_op.f("ix_consent_ref"), ["ref"], unique=False)

    op.create_table(
        "consent_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_ref", sa.String(length=20), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=True),
        sa.Column("covered", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
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
        sa.Column("payment_cents", sa.BigInteger(), nullable=False),
        sa.Column("takes_part_cents", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("stated_cents", sa.BigInteger(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("entrepreneur", sa.Boolean(), nullable=True),
        sa.Column("guidance", sa.Boolean(), nullable=True),
        sa.Column("last_settlement", sa.Date(), nullable=True),
        sa.Column("settlement_known", sa.Boolean(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("fraud", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_consent_assessment_consent_id")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_consent_assessment_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_assessment")),
        sa.UniqueConstraint("offer_ref", name=op.f("uq_consent_assessment_offer_ref")),
    )
    with op.batch_alter_table("consent_assessment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_assessment_consent_id"), ["consent_id"], unique=False)
        batch_op.create_index("ix_consent_assessment_creditor_id_issued_on", ["creditor_id", "issued_on", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("consent_assessment", schema=None) as batch_op:
        batch_op.drop_index("ix_consent_assessment_creditor_id_issued_on")
        batch_op.drop_index(batch_op.f("ix_consent_assessment_consent_id"))

    op.drop_table("consent_assessment")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_ref"))
        batch_op.drop_index("ix_consent_one_draft", sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
        batch_op.drop_index(batch_op.f("ix_consent_creditor_id"))

    op.drop_table("consent")
