"""An offer keeps when who acts on it was told of it: by the clock alone two runs of issuing lost or doubled a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UNTOLD = sa.text("told_at IS NULL")


def upgrade() -> None:
    op.add_column("offer", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_offer_untold", "offer", ["id"], sqlite_where=UNTOLD, postgresql_where=UNTOLD)
    # what went out before the last mail was told in it
    op.execute(
        "UPDATE offer SET told_at = (SELECT max(m.created_at) FROM message m JOIN proposal p ON p.id = offer.proposal_id "
        "WHERE m.code = 'proposals.issued' AND m.organisation_id = coalesce(offer.agent_id, offer.creditor_id) "
        "AND m.created_at >= p.issued_at)"
    )


def downgrade() -> None:
    op.drop_index("ix_offer_untold", table_name="offer")
    op.drop_column("offer", "told_at")  # not as a batch: a table made anew would keep the checks of columns that go later
