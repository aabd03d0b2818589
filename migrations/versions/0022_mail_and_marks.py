"""What people and organisations choose of their mail, what was read and told by a digest, and which addresses refuse mail."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
UNSENT = ("no address", "bounced", "muted", "in digest")
OWN = "(SELECT portal_organisation())"
PERSON = "(SELECT portal_person())"


def reaches(area: str) -> str:
    return f"(SELECT portal_reaches('{area}'))"


EVERYTHING = reaches("everything")
MESSAGE = f"organisation_id = {OWN} OR {EVERYTHING}"  # as 0011 had it
SEEN = {
    "message": f"(organisation_id = {OWN} AND person_id IS NULL) OR person_id = {PERSON} "
    f"OR (code = 'audit.head' AND {reaches('audit')}) OR (path LIKE '/offers/%' AND {reaches('offers')}) OR {EVERYTHING}",
    "message_mark": f"person_id = {PERSON} OR {EVERYTHING}",
    "personal_mail": f"person_id = {PERSON} OR {EVERYTHING}",
    "mail_choice": f"person_id = {PERSON} OR {EVERYTHING}",
    "mailbox_choice": f"organisation_id = {OWN} OR {reaches('people')}",
}


def choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    with op.batch_alter_table("message") as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("unsent", choice("unsent", *UNSENT), nullable=True))
        batch_op.create_index(op.f("ix_message_person_id"), ["person_id"])
        batch_op.create_index(op.f("ix_message_organisation_id_created_at"), ["organisation_id", "created_at"])
    # what went to somebody's own address was for that person, and not for the organisation that it was about
    op.execute("UPDATE message SET person_id = (SELECT person.id FROM person WHERE person.email = message.address)")
    op.create_table(
        "personal_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.Column("unsent", choice("unsent", *UNSENT), nullable=True),
        sa.CheckConstraint("(day IS NULL) <> (message_id IS NULL)", name=op.f("ck_personal_mail_digest_or_copy")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_personal_mail_person_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_personal_mail_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_mail")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_personal_mail_person_id_day")),
        sa.UniqueConstraint("person_id", "message_id", name=op.f("uq_personal_mail_person_id_message_id")),
    )
    op.create_index(op.f("ix_personal_mail_message_id"), "personal_mail", ["message_id"])
    op.create_table(
        "message_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_mark_person_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_mark_message_id")),
        sa.ForeignKeyConstraint(["mail_id"], ["personal_mail.id"], name=op.f("fk_message_mark_mail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_mark")),
        sa.UniqueConstraint("person_id", "message_id", name=op.f("uq_message_mark_person_id_message_id")),
    )
    op.create_index(op.f("ix_message_mark_message_id"), "message_mark", ["message_id"])
    op.create_index(op.f("ix_message_mark_mail_id"), "message_mark", ["mail_id"])
    op.create_table(
        "mail_choice",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mode", choice("mode", "digest", "at once", "none"), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_mail_choice_hour")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_choice")),
    )
    op.create_table(
        "mailbox_choice",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_mailbox_choice_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_mailbox_choice")),
    )
    op.create_table(
        "mail_bounce",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("bounced_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_bounce")),
        sa.UniqueConstraint("address", name=op.f("uq_mail_bounce_address")),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP POLICY reach ON message")
    for table, seen in SEEN.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON {table} USING ({seen})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY reach ON message")
        op.execute(f"CREATE POLICY reach ON message USING ({MESSAGE})")
    for table in ("message_mark", "personal_mail", "mail_choice", "mailbox_choice", "mail_bounce"):
        op.drop_table(table)
    with op.batch_alter_table("message") as batch_op:
        batch_op.drop_index(op.f("ix_message_organisation_id_created_at"))
        batch_op.drop_index(op.f("ix_message_person_id"))
        batch_op.drop_constraint(op.f("ck_message_unsent"), type_="check")
        batch_op.drop_column("unsent")
        batch_op.drop_column("person_id")
