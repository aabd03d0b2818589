"""How migrations run: on the engine that the caller hands over, with batches where SQLite cannot alter a table."""

from typing import Any

from alembic import context
from sqlalchemy import Connection, TypeDecorator

from app import load_models
from app.db import Base

load_models()


def ours(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    """Leave the job engine's own tables alone: it makes and changes them itself."""
    return kind != "table" or name in Base.metadata.tables


def plain_type(kind: str, item: Any, _: Any) -> str | bool:
    """Write our own column types as what they are in the database: versions never import the app."""
    if kind == "type" and isinstance(item, TypeDecorator) and type(item).__module__ == "app.db":
        return f"sa.{item.impl!r}"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        include_object=ours,
        render_item=plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
