"""An index on the day of complaints: the relations team reads its queue page by page in that order."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_complaint_due_on"), "complaint", ["due_on"])


def downgrade() -> None:
    op.drop_index(op.f("ix_complaint_due_on"), table_name="complaint")
