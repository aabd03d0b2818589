"""Indexes of the audit for lists that begin with the newest, and the head of its chain from the start."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NEWEST_FIRST = ([], ["action"], ["person_id"], ["organisation_id"], ["concerns_id"])


def upgrade() -> None:
    op.drop_index("ix_audit_event_concerns_id", table_name="audit_event")
    for narrowed_by in NEWEST_FIRST:
        columns = [*narrowed_by, "at", "sequence"]
        op.create_index(f"ix_audit_event_{'_'.join(columns)}", "audit_event", columns)
    # two transactions that write the very first events at once need a row to wait for
    first = sa.text("INSERT INTO audit_head (id, sequence, hash) SELECT 1, 0, :genesis WHERE NOT EXISTS (SELECT 1 FROM audit_head)")
    op.execute(first.bindparams(sa.bindparam("genesis", bytes(32), sa.LargeBinary)))


def downgrade() -> None:
    for narrowed_by in NEWEST_FIRST:
        op.drop_index(f"ix_audit_event_{'_'.join([*narrowed_by, 'at', 'sequence'])}", table_name="audit_event")
    op.create_index("ix_audit_event_concerns_id", "audit_event", ["concerns_id"])
