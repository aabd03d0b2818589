"""What the city's roles reach: who looks after consents sees their documents and figures, and who is at a door only who manages people."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LOOKS = {  # beside what 0011 lets be seen; to look at, not to change
    "document": "kind = 'standing consent' AND (SELECT portal_reaches('consents'))",
    "consent_assessment": "(SELECT portal_reaches('consents'))",
}
DOORS = ("joining", "federated_identity")
SEEN = "organisation_id = (SELECT portal_organisation()) OR person_id = (SELECT portal_person()) OR (SELECT portal_reaches('{}'))"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in LOOKS.items():
            op.execute(f"CREATE POLICY look ON {table} FOR SELECT USING ({seen})")
        _open_doors_to("door")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in LOOKS:
            op.execute(f"DROP POLICY look ON {table}")
        _open_doors_to("people")


def _open_doors_to(area: str) -> None:
    for table in DOORS:
        op.execute(f"ALTER POLICY reach ON {table} USING ({SEEN.format(area)})")
