"""Restricting a case (art. 18 GDPR), erasing its person, and whether creditors see an offer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CASE = {
    "restricted_at": sa.DateTime(timezone=True),
    "restricted_by": sa.String(length=200),
    "restricted_reason": sa.LargeBinary(),
    "erased_on": sa.Date(),
}


def upgrade() -> None:
    for name, kind in CASE.items():
        op.add_column("case_file", sa.Column(name, kind, nullable=True))
    # as one statement, because SQLite cannot add the check later
    op.execute(
        "ALTER TABLE offer ADD COLUMN visibility VARCHAR(40) NOT NULL DEFAULT 'visible' "
        "CONSTRAINT ck_offer_visibility CHECK (visibility IN ('visible', 'restricted', 'erased'))"
    )
    op.create_index("ix_case_file_closed_on", "case_file", ["closed_on"])
    for party in ("creditor_id", "agent_id"):
        op.drop_index(f"ix_offer_{party}_state_answer_by", table_name="offer")
        op.create_index(f"ix_offer_{party}_visibility_state_answer_by", "offer", [party, "visibility", "state", "answer_by", "id"])


def downgrade() -> None:
    for party in ("creditor_id", "agent_id"):
        op.drop_index(f"ix_offer_{party}_visibility_state_answer_by", table_name="offer")
        op.create_index(f"ix_offer_{party}_state_answer_by", "offer", [party, "state", "answer_by", "id"])
    op.drop_index("ix_case_file_closed_on", table_name="case_file")
    op.drop_column("offer", "visibility")
    for name in CASE:
        op.drop_column("case_file", name)
