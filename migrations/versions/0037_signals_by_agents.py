"""Early signals that an agent sends in the name of a creditor: who sent it, and what that agent hears of it beside the creditor."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

OWN, TEAM = "(SELECT portal_organisation())", "(SELECT portal_team())"
DESK = f"{TEAM} = 'meldpunt vroegsignalering'"
EVERYTHING = "(SELECT portal_reaches('everything'))"
MANDATED = "reporter_id = ANY ((SELECT portal_mandated())::integer[])"
AGENT = f"(agent_id = {OWN} AND {MANDATED})"  # what it sent itself, for as long as the mandate of today holds


def upgrade() -> None:
    # written out: a column with a reference is added at once by both databases, by alembic's own words only by making the table anew
    op.execute("ALTER TABLE early_signal ADD COLUMN agent_id INTEGER CONSTRAINT fk_early_signal_agent_id REFERENCES organisation (id)")
    op.add_column("early_signal", sa.Column("agent_mailed_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("repeated_by_agent", "agent_has_news"):
        op.add_column("early_signal", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_early_signal_agent_id_received_at", "early_signal", ["agent_id", "received_at", "id"])
    if op.get_bind().dialect.name == "postgresql":
        for name in ("repeated_by_agent", "agent_has_news"):
            op.execute(f"ALTER TABLE early_signal ALTER {name} DROP DEFAULT")
        _let_see(f"reporter_id = {OWN} OR {AGENT}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _let_see(f"reporter_id = {OWN}")
    op.drop_index("ix_early_signal_agent_id_received_at", "early_signal")
    for name in ("agent_has_news", "repeated_by_agent", "agent_mailed_at", "agent_id"):
        op.drop_column("early_signal", name)


def _let_see(whose: str) -> None:
    seen = f"{EVERYTHING} OR (erased_on IS NULL AND ({whose} OR lower(team_name) = {TEAM} OR {DESK}))"
    op.execute(f"ALTER POLICY reach ON early_signal USING ({seen})")
