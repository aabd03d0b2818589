"""More figures of the portal by which commitments are checked."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

FIRST = ("offers answered in time",)
NEW = (
    "balances stated in time", "notices confirmed in time", "covered zero offers accepted", "complaints of collecting during a pause",
    "rejections against the own consent",
)  # fmt: skip
CHECKS = {  # of the table: SQLite makes it anew, and knows no other way to its checks
    "commitmentstate": ("state", ("open", "kept", "not kept", "ended")),
    "party": ("party", ("theirs", "ours")),
}
WHOLE = "measure IS NULL OR (threshold IS NOT NULL AND days IS NOT NULL)"


def upgrade() -> None:
    _measures(FIRST + NEW)


def downgrade() -> None:
    op.execute(f"UPDATE commitment SET measure = NULL WHERE measure IN ({_listed(NEW)})")  # noqa: S608 (our own words)
    _measures(FIRST)


def _measures(measures: tuple[str, ...]) -> None:
    """Let a commitment be checked by one of these figures."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_commitment_measure"), "commitment", type_="check")
        op.create_check_constraint(op.f("ck_commitment_measure"), "commitment", f"measure IN ({_listed(measures)})")
        return
    op.execute("CREATE TABLE commitment_check_aside AS SELECT * FROM commitment_check")  # its rows point at the table made anew
    op.execute("DELETE FROM commitment_check")
    with op.batch_alter_table("commitment", recreate="always") as batch_op:
        batch_op.create_check_constraint(op.f("ck_commitment_measured_against_a_norm"), sa.text(WHOLE))
        for name, (column, values) in (CHECKS | {"measure": ("measure", measures)}).items():
            batch_op.create_check_constraint(op.f(f"ck_commitment_{name}"), f"{column} IN ({_listed(values)})")
    op.execute("INSERT INTO commitment_check SELECT * FROM commitment_check_aside")
    op.drop_table("commitment_check_aside")


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)
