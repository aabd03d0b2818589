"""Why a meeting was called off and why a commitment was ended; earlier ones have no reason."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting", sa.Column("cancel_reason", sa.LargeBinary(), nullable=True))
    op.add_column("commitment", sa.Column("end_reason", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("commitment", "end_reason")
    op.drop_column("meeting", "cancel_reason")
