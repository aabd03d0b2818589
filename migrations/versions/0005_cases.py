"""The debt file and the files that it is brought in with."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("relation_code", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("bsn", sa.LargeBinary(), nullable=True),
        sa.Column("bsn_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("initials", sa.LargeBinary(), nullable=False),
        sa.Column("given_name", sa.LargeBinary(), nullable=False),
        sa.Column("surname", sa.LargeBinary(), nullable=False),
        sa.Column("surname_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("birth_date", sa.LargeBinary(), nullable=False),
        sa.Column("street", sa.LargeBinary(), nullable=False),
        sa.Column("house_number", sa.LargeBinary(), nullable=False),
        sa.Column("postcode", sa.LargeBinary(), nullable=False),
        sa.Column("city", sa.LargeBinary(), nullable=False),
        sa.Column("household", sa.String(length=40), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("entrepreneur", sa.Boolean(), nullable=True),
        sa.Column("programme", sa.String(length=60), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("calculated_on", sa.Date(), nullable=False),
        sa.Column("income_cents", sa.BigInteger(), nullable=False),
        sa.Column("vtlb_cents", sa.BigInteger(), nullable=False),
        sa.Column("extra_cents", sa.BigInteger(), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("settlement_known", sa.Boolean(), nullable=False),
        sa.Column("last_settlement_on", sa.Date(), nullable=True),
        sa.Column(
            "stage",
            sa.Enum("intake", "proposed", "agreed", name="stage", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("income_cents >= 0 AND vtlb_cents >= 0 AND extra_cents >= 0", name=op.f("ck_case_file_figures_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("ref", name=op.f("uq_case_file_ref")),
        sa.UniqueConstraint("relation_code", "sequence", name=op.f("uq_case_file_relation_code_sequence")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_file_bsn_index"), ["bsn_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_stage"), ["stage"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_started_on"), ["started_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_surname_index"), ["surname_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_file_team"), ["team"], unique=False)

    op.create_table(
        "sign_in_throttle",
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_sign_in_throttle")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("ref", name=op.f("uq_upload_ref")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=140), nullable=False),
        sa.Column(
            "rank",
            sa.Enum("preferential", "concurrent", "secured", "excluded", name="rank", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reported_cents", sa.BigInteger(), nullable=False),
        sa.Column("stated_cents", sa.BigInteger(), nullable=True),
        sa.Column("stated_on", sa.Date(), nullable=True),
        sa.Column("security_cents", sa.BigInteger(), nullable=False),
        sa.Column("fraud", sa.Boolean(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("agent_reference", sa.String(length=140), nullable=False),
        sa.Column("bailiff_id", sa.Integer(), nullable=True),
        sa.Column("bailiff_reference", sa.String(length=140), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("security_cents = 0 OR rank = 'secured'", name=op.f("ck_claim_security_of_secured_only")),
        sa.CheckConstraint("reported_cents >= 0 AND security_cents >= 0", name=op.f("ck_claim_amounts_not_negative")),
        sa.CheckConstraint("stated_cents IS NULL OR stated_cents >= 0", name=op.f("ck_claim_stated_not_negative")),
        sa.ForeignKeyConstraint(["agent_id"], ["organisation.id"], name=op.f("fk_claim_agent_id")),
        sa.ForeignKeyConstraint(["bailiff_id"], ["organisation.id"], name=op.f("fk_claim_bailiff_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_claim_case_id")),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_claim_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_claim_case_id_number")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_bailiff_id"), ["bailiff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_creditor_id"), ["creditor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_reference"), ["reference"], unique=False)

    op.create_table(
        "upload_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_rejects", sa.Boolean(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_file_upload_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_file")),
        sa.UniqueConstraint("upload_id", "kind", "is_rejects", name=op.f("uq_upload_file_upload_id_kind_is_rejects")),
    )
    with op.batch_alter_table("upload_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_file_upload_id"), ["upload_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("upload_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_file_upload_id"))

    op.drop_table("upload_file")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_reference"))
        batch_op.drop_index(batch_op.f("ix_claim_creditor_id"))
        batch_op.drop_index(batch_op.f("ix_claim_bailiff_id"))
        batch_op.drop_index(batch_op.f("ix_claim_agent_id"))

    op.drop_table("claim")
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_upload_created_at"))

    op.drop_table("upload")
    op.drop_table("sign_in_throttle")
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_file_team"))
        batch_op.drop_index(batch_op.f("ix_case_file_surname_index"))
        batch_op.drop_index(batch_op.f("ix_case_file_started_on"))
        batch_op.drop_index(batch_op.f("ix_case_file_stage"))
        batch_op.drop_index(batch_op.f("ix_case_file_bsn_index"))

    op.drop_table("case_file")
