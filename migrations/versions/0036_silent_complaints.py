"""Complaints of which their creditor is reminded, whose client may be named later on, and what is told once it is visible again."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

AUDIENCES = ("team", "reporter", "party")
WHAT = (
    "reported", "added", "receipt confirmed", "sorted", "noted", "related to a case", "passed on", "merged", "split", "clock paused",
    "clock resumed", "addressed", "question asked", "answered", "disagreed", "replied", "closed", "said whether it helped", "reopened",
)  # fmt: skip
NEW = ("reminded", "client may be named", "client may not be named", "term changed")


def upgrade() -> None:
    op.add_column("complaint", sa.Column("reminded_on", sa.Date(), nullable=True))
    op.add_column("complaint", sa.Column("named_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("complaint", sa.Column("untold", sa.String(length=40), nullable=False, server_default=""))
    _history(WHAT + NEW)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE complaint ALTER untold DROP DEFAULT")


def downgrade() -> None:
    op.execute(f"DELETE FROM complaint_event WHERE what IN ({_listed(NEW)})")  # noqa: S608 (our own words)
    _history(WHAT)
    op.drop_column("complaint", "untold")
    op.drop_column("complaint", "named_at")
    op.drop_column("complaint", "reminded_on")


def _history(what: tuple[str, ...]) -> None:
    """Let a line of the history say one of these; SQLite makes the table anew, and knows no other way to its checks."""
    checks = {"audience": AUDIENCES, "what": what}
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_complaint_event_what"), "complaint_event", type_="check")
        op.create_check_constraint(op.f("ck_complaint_event_what"), "complaint_event", f"what IN ({_listed(what)})")
        return
    with op.batch_alter_table("complaint_event", recreate="always") as batch_op:
        for column, values in checks.items():
            batch_op.create_check_constraint(op.f(f"ck_complaint_event_{column}"), f"{column} IN ({_listed(values)})")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
