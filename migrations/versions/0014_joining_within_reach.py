"""Being asked to join an organisation is within the reach of that organisation and of who is asked."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SEEN = "organisation_id = (SELECT portal_organisation()) OR person_id = (SELECT portal_person()) OR (SELECT portal_reaches('people'))"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE joining ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE joining FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON joining USING ({SEEN})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY reach ON joining")
        op.execute("ALTER TABLE joining NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE joining DISABLE ROW LEVEL SECURITY")
