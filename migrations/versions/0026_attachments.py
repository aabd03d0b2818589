"""Files that people add to what they report, such as the evidence of an answer: their bytes lie encrypted beside the documents."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OWN = "(SELECT portal_organisation())"


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_ref", sa.String(length=60), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("media", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_attachment_sha256")),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("ref", name=op.f("uq_attachment_ref")),
        sa.UniqueConstraint("kind", "subject_ref", "sha256", name=op.f("uq_attachment_kind_subject_ref_sha256")),
    )
    op.create_index(op.f("ix_attachment_subject_ref"), "attachment", ["subject_ref"])
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"])
    op.create_index(op.f("ix_attachment_organisation_id"), "attachment", ["organisation_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE attachment ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE attachment FORCE ROW LEVEL SECURITY")
        # each kind that others than its organisation see has a policy beside this one, in the migration of its feature
        op.execute(f"CREATE POLICY reach ON attachment USING (organisation_id = {OWN} OR (SELECT portal_reaches('everything')))")


def downgrade() -> None:
    op.drop_table("attachment")
