"""Where the log begins once its oldest events are over, the one way in which those may go, and assessments of cases that rest."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WORDS = "audit events are never changed"
GENESIS = "x'" + "00" * 32 + "'"

# The oldest events may go, and only they: older than seven years by the database's own clock, and before where the chain begins.
SQLITE = (
    "CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event WHEN OLD.at >= datetime('now', '-7 years') "
    "OR OLD.sequence > (SELECT begins_after FROM audit_head WHERE id = 1) "
    f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
)
POSTGRESQL = (
    "CREATE FUNCTION audit_event_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF OLD.at >= now() - interval '7 years' OR OLD.sequence > (SELECT begins_after FROM audit_head WHERE id = 1) THEN "
    f"RAISE EXCEPTION '{WORDS}'; END IF; RETURN OLD; END $$",
    "DROP TRIGGER audit_event_append_only ON audit_event",
    "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR TRUNCATE ON audit_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
    "CREATE TRIGGER audit_event_forget BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION audit_event_keep()",
    # the role that serves may not delete in the log: it asks this function, which acts as the owner
    "CREATE FUNCTION audit_forget(first bigint, last bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS "
    "$$ DELETE FROM audit_event WHERE sequence BETWEEN first AND last $$",
    "CREATE POLICY forget ON audit_event FOR DELETE USING ((SELECT portal_reaches('everything')))",
)
BACK = (
    "DROP POLICY forget ON audit_event",
    "DROP FUNCTION audit_forget(bigint, bigint)",
    "DROP TRIGGER audit_event_forget ON audit_event",
    "DROP FUNCTION audit_event_keep()",
    "DROP TRIGGER audit_event_append_only ON audit_event",
    "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()",
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    genesis = "decode(repeat('00', 32), 'hex')" if is_postgresql else GENESIS
    op.add_column("audit_head", sa.Column("begins_after", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("audit_head", sa.Column("begins_hash", sa.LargeBinary(32), nullable=True))
    op.execute(f"UPDATE audit_head SET begins_hash = {genesis}")
    op.add_column("consent_assessment", sa.Column("rests", sa.Boolean(), nullable=False, server_default=sa.false()))
    if is_postgresql:
        for statement in POSTGRESQL:
            op.execute(statement)
    else:
        op.execute("DROP TRIGGER audit_event_no_delete")
        op.execute(SQLITE)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in BACK:
            op.execute(statement)
    else:
        op.execute("DROP TRIGGER audit_event_no_delete")
        op.execute(
            f"CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
        )
    op.drop_column("consent_assessment", "rests")
    op.drop_column("audit_head", "begins_hash")
    op.drop_column("audit_head", "begins_after")
