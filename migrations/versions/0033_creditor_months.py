"""What a creditor did in each month, counted by night for its profile."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# of the city, who looks at every creditor; and each creditor its own
SEEN = "creditor_id = (SELECT portal_organisation()) OR (SELECT portal_reaches('relations'))"


def upgrade() -> None:
    op.create_table(
        "creditor_month",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("creditor_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["organisation.id"], name=op.f("fk_creditor_month_creditor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditor_month")),
        sa.UniqueConstraint("creditor_id", "month", name=op.f("uq_creditor_month_creditor_id_month")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE creditor_month ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE creditor_month FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON creditor_month USING ({SEEN})")


def downgrade() -> None:
    op.drop_table("creditor_month")
