"""Answering many offers in one go, whose work an offer is, and filters that people keep."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NAMED = sa.text("assigned_id IS NOT NULL")
STATES = (
    "open", "prepared", "accepted", "accepted with another balance", "rejected", "reconsideration asked", "asked again", "no response",
    "withdrawn",
)
REASONS = (
    "percentage too low", "not the maximum attainable", "relapse feared", "fraud or fine", "not all creditors treated equally",
    "claim disputed", "policy", "other",
)
SEEN = {
    "bulk_answer": "organisation_id = (SELECT portal_organisation()) OR (SELECT portal_reaches('everything'))",
    "bulk_answer_row": "EXISTS (SELECT 1 FROM bulk_answer b WHERE b.id = bulk_answer_id)",
    "saved_filter": "person_id = (SELECT portal_person()) OR (SELECT portal_reaches('everything'))",
}


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.add_column("offer", sa.Column("assigned_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_offer_assigned_id_state_answer_by", "offer", ["assigned_id", "state", "answer_by", "id"], sqlite_where=NAMED,
        postgresql_where=NAMED,
    )
    op.create_table(
        "bulk_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("answer", _one_of("offerstate", *STATES), nullable=True),
        sa.Column("reject_reason", _one_of("rejectreason", *REASONS), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("answer IS NOT NULL OR given_at IS NULL", name=op.f("ck_bulk_answer_given")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_bulk_answer_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_answer")),
        sa.UniqueConstraint("organisation_id", "key", name=op.f("uq_bulk_answer_organisation_id_key")),
        sa.UniqueConstraint("ref", name=op.f("uq_bulk_answer_ref")),
    )
    op.create_index(op.f("ix_bulk_answer_created_at"), "bulk_answer", ["created_at"])
    op.create_index(op.f("ix_bulk_answer_person_id"), "bulk_answer", ["person_id"])
    op.create_table(
        "bulk_answer_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulk_answer_id", sa.Integer(), nullable=False),
        sa.Column("offer_ref", sa.String(length=20), nullable=False),
        sa.Column("seen_revision", sa.Integer(), nullable=False),
        sa.Column("outcome", _one_of("rowoutcome", "answered", "refused", "changed meanwhile", "not found", "undone"), nullable=True),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("given_revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bulk_answer_id"], ["bulk_answer.id"], name=op.f("fk_bulk_answer_row_bulk_answer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_answer_row")),
        sa.UniqueConstraint("bulk_answer_id", "offer_ref", name=op.f("uq_bulk_answer_row_bulk_answer_id_offer_ref")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("query", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_saved_filter_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_filter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
    )
    op.create_index(op.f("ix_saved_filter_person_id"), "saved_filter", ["person_id"])
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in SEEN.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")


def downgrade() -> None:
    op.drop_table("saved_filter")
    op.drop_table("bulk_answer_row")
    op.drop_table("bulk_answer")
    op.drop_index("ix_offer_assigned_id_state_answer_by", table_name="offer")
    op.drop_column("offer", "assigned_id")
