"""Files beside a practice report that is being written, or corrected, are its creditor's alone until it is submitted."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TEAM = "(SELECT portal_reaches('practices'))"
EVIDENCE = "kind = 'practice evidence'"
SUBMITTED = (
    "EXISTS (SELECT 1 FROM practice_report r WHERE r.ref = split_part(subject_ref, '.', 1) "
    "AND (r.state = 'submitted' OR (r.state = 'reopened' AND attachment.created_at <= r.reopened_at)))"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY practices ON attachment")
        op.execute(f"CREATE POLICY practices ON attachment FOR SELECT USING ({EVIDENCE} AND {TEAM} AND {SUBMITTED})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY practices ON attachment")
        op.execute(f"CREATE POLICY practices ON attachment FOR SELECT USING ({EVIDENCE} AND {TEAM})")
