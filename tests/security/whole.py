"""The whole database as values, to compare before and after: what a refusal left must equal what was there."""

from sqlalchemy import text

from app import db

TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    "postgresql": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name",
}


def dump(*but):
    """Return every row of every table (of the job queue too), but of the tables named."""
    with db.engine().connect() as connection:
        names = [name for name in connection.scalars(text(TABLES[db.engine().dialect.name])) if name not in but]
        cursor = connection.connection.cursor()  # the driver's own: thousands of dumps are compared
        return {name: sorted(map(repr, cursor.execute(f'SELECT * FROM "{name}"').fetchall())) for name in names}  # noqa: S608
