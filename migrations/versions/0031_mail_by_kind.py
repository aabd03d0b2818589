"""Which kinds of mail a person is spared; and what went to a one-person firm is its organisation's again."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OF_ORGANISATIONS = ("offers.%", "proposals.%", "balances.%", "pauses.%")  # of these kinds nothing was ever told to one person


def upgrade() -> None:
    op.add_column("mail_choice", sa.Column("muted", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    # 0022 told by its address alone for whom a message was: a firm whose mailbox is its owner's kept its work from whoever joined
    message = sa.table("message", sa.column("person_id"), sa.column("organisation_id"), sa.column("code"))
    was_the_organisations = sa.or_(*(message.c.code.like(kind) for kind in OF_ORGANISATIONS))
    op.execute(message.update().where(message.c.organisation_id.is_not(None), was_the_organisations).values(person_id=None))


def downgrade() -> None:
    op.drop_column("mail_choice", "muted")
