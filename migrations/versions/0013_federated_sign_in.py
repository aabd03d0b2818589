"""Signing in through a provider: who it says somebody is, attempts that came back, and which establishment an organisation is."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SEEN = "organisation_id = (SELECT portal_organisation()) OR person_id = (SELECT portal_person()) OR (SELECT portal_reaches('people'))"


def upgrade() -> None:
    op.create_table(
        "federated_attempt",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_federated_attempt")),
    )
    op.create_table(
        "federated_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("kvk", sa.String(length=8), nullable=False),
        sa.Column("establishment", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("asked_name", sa.String(length=120), nullable=False),
        sa.Column("asked_email", sa.String(length=254), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_federated_identity_organisation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_federated_identity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federated_identity")),
        sa.UniqueConstraint(
            "issuer", "kvk", "subject", "establishment", name=op.f("uq_federated_identity_issuer_kvk_subject_establishment")
        ),
    )
    op.create_index(op.f("ix_federated_identity_organisation_id"), "federated_identity", ["organisation_id"])
    op.create_index(op.f("ix_federated_identity_person_id"), "federated_identity", ["person_id"])
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.add_column(sa.Column("identity_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_sign_in_identity_id"), "federated_identity", ["identity_id"], ["id"])
        batch_op.create_index(op.f("ix_sign_in_identity_id"), ["identity_id"])
    op.add_column("organisation", sa.Column("establishment", sa.String(length=12), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE organisation ALTER establishment DROP DEFAULT")
        op.execute("ALTER TABLE federated_identity ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE federated_identity FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON federated_identity USING ({SEEN})")


def downgrade() -> None:
    op.drop_column("organisation", "establishment")
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.drop_index(op.f("ix_sign_in_identity_id"))
        batch_op.drop_constraint(op.f("fk_sign_in_identity_id"), type_="foreignkey")
        batch_op.drop_column("identity_id")
    op.drop_table("federated_identity")
    op.drop_table("federated_attempt")
