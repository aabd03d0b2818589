"""Let PostgreSQL count offers from the index alone: the policy of row-level security also asks for whom, and by which agent."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PARTIES = {"creditor_id": "agent_id", "agent_id": "creditor_id"}


def _again(included: bool) -> None:  # noqa: FBT001
    if op.get_bind().dialect.name != "postgresql":
        return
    for party, other in PARTIES.items():
        name = f"ix_offer_{party}_visibility_state_answer_by"
        op.drop_index(name, table_name="offer")
        also = {"postgresql_include": [other]} if included else {}
        op.create_index(name, "offer", [party, "visibility", "state", "answer_by", "id"], **also)


def upgrade() -> None:
    _again(included=True)


def downgrade() -> None:
    _again(included=False)
