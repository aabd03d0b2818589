"""Answers that come in with a file: what became of each of its rows."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

FATES = ("waits", "done", "unchanged", "empty", "refused")


def upgrade() -> None:
    op.create_table(
        "upload_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("seen_revision", sa.Integer(), nullable=True),
        sa.Column("fate", sa.Enum(*FATES, name="fate", native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column("flaws", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_row_upload_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_row")),
        sa.UniqueConstraint("upload_id", "line", name=op.f("uq_upload_row_upload_id_line")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE upload_row ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE upload_row FORCE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY reach ON upload_row USING (EXISTS (SELECT 1 FROM upload u WHERE u.id = upload_id))")


def downgrade() -> None:
    op.drop_table("upload_row")
