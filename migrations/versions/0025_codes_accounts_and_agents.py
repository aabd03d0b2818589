"""New codes by post, first accounts that wait for the bank, doubles in the register, and which agent answered in a creditor's name."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
WAITS = sa.text("decided_at IS NULL")
REASONS = ("not the number of the register", "not somebody of the organisation", "has an account already", "other")
SEEN = "(SELECT portal_reaches('signups'))"


def upgrade() -> None:
    op.add_column("offer", sa.Column("recoded_at", MOMENT, nullable=True))
    op.add_column("offer", sa.Column("answered_agent_id", sa.Integer(), nullable=True))
    op.add_column("balance_request", sa.Column("recoded_at", MOMENT, nullable=True))
    op.add_column("organisation", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    op.create_table(
        "signup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("letter_ref", sa.String(length=20), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("kvk", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("refusal", sa.Enum(*REASONS, name="signuprefusal", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name=op.f("ck_signup_decided_by_somebody")),
        sa.CheckConstraint("refusal IS NULL OR decided_at IS NOT NULL", name=op.f("ck_signup_refused")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_signup_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
        sa.UniqueConstraint("ref", name=op.f("uq_signup_ref")),
    )
    op.create_index(
        "ix_signup_one_waiting", "signup", ["organisation_id", "email"], unique=True, sqlite_where=WAITS, postgresql_where=WAITS
    )
    _tell_which_agent_answered()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE signup ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE signup FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON signup USING ({SEEN})")


def _tell_which_agent_answered() -> None:
    """Take from the history of each answered offer for which organisation its answer was given."""
    offer = sa.table("offer", *(sa.column(name) for name in ("id", "agent_id", "answered_at", "answered_agent_id")))
    event = sa.table("offer_event", sa.column("id"), sa.column("offer_id"), sa.column("what"), sa.column("facts", sa.JSON()))
    found = (
        sa.select(offer.c.id, offer.c.agent_id, event.c.facts)
        .join(event, event.c.offer_id == offer.c.id)
        .where(event.c.what == "answered", offer.c.agent_id.is_not(None), offer.c.answered_at.is_not(None))
        .order_by(event.c.id)
    )
    last = {row.id: (row.agent_id, _facts(row.facts)) for row in op.get_bind().execute(found)}
    for offer_id, (agent_id, facts) in last.items():
        if facts.get("organisation") == agent_id:
            op.execute(offer.update().where(offer.c.id == offer_id).values(answered_agent_id=agent_id))


def _facts(facts: object) -> dict:
    return json.loads(facts) if isinstance(facts, str) else facts or {}


def downgrade() -> None:
    op.drop_table("signup")
    op.drop_column("organisation", "merged_into_id")
    op.drop_column("balance_request", "recoded_at")
    op.drop_column("offer", "answered_agent_id")
    op.drop_column("offer", "recoded_at")
