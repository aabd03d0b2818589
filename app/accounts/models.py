"""People, what they are to which organisation, and the sessions in which they are signed in."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.access import Role
from app.accounts.rules import SignupRefusal
from app.db import Base, EncryptedText, Retention, kept


class Person(Base):
    """Somebody who signs in. Without `totp_secret` the second factor is still to be enrolled."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"), kept(Retention.ACCOUNT))

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2), default="nl")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText("person.totp_secret"))
    totp_step: Mapped[int] = mapped_column(default=0)  # the last 30-second step that was used: a code counts once
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class Throttle(Base):
    """How often signing in failed for one e-mail address or one network address, known or not; kept as a hash."""

    __tablename__ = "sign_in_throttle"
    __table_args__ = kept(Retention.PASSING)

    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime]


class Invitation(Base):
    """A link, kept as its hash, with which a person sets a first or a new password once."""

    __tablename__ = "invitation"
    __table_args__ = kept(Retention.PASSING)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    joining_id: Mapped[int | None] = mapped_column(ForeignKey("joining.id"))  # what choosing a password by this link accepts
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Joining(Base):
    """Somebody was asked to work for an organisation in a role: the membership begins when that person accepts."""

    __tablename__ = "joining"
    __table_args__ = kept(Retention.ACCOUNT, tenant="organisation_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role]
    name: Mapped[str] = mapped_column(String(120))  # as whoever asked typed it: it shows nothing of what the portal knew
    asked_by: Mapped[str] = mapped_column(String(200))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # accepted, declined or taken back


class Signup(Base):
    """Somebody who answered with the code of a letter asks the first account of its organisation; the bank decides."""

    __tablename__ = "signup"
    __table_args__ = (
        Index(
            "ix_signup_one_waiting",
            "organisation_id",
            "email",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("refusal IS NULL OR decided_at IS NOT NULL", name="refused"),
        kept(Retention.PASSING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(20), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))  # to whom the letter went
    letter_ref: Mapped[str] = mapped_column(String(20))  # of the offer or balance request that it answered
    name: Mapped[str] = mapped_column(EncryptedText("signup.name"))
    email: Mapped[str] = mapped_column(String(254))
    kvk: Mapped[str] = mapped_column(String(8))  # as it was typed: the bank compares it with the register
    language: Mapped[str] = mapped_column(String(2), default="nl")
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    refusal: Mapped[SignupRefusal | None]  # None of a decided one: approved
    words: Mapped[str] = mapped_column(EncryptedText("signup.words"), default="")  # of the bank, for itself
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class Passkey(Base):
    """A second factor that signs: a phone, a computer or a key, of which the portal knows the public half alone."""

    __tablename__ = "passkey"
    __table_args__ = kept(Retention.ACCOUNT)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)  # a lower one than the last betrays a copy
    transports: Mapped[str] = mapped_column(String(100), default="")  # how a browser reaches it, such as `internal,hybrid`
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a passkey has to sign, kept as its hash until it was signed once, for one purpose in one browser."""

    __tablename__ = "passkey_challenge"
    __table_args__ = kept(Retention.PASSING)

    challenge_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    bound_to: Mapped[bytes] = mapped_column(LargeBinary(32))  # the hash of the purpose and of what this browser alone holds
    expires_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code, kept as its hash, that stands in for the second factor once."""

    __tablename__ = "recovery_code"
    __table_args__ = kept(Retention.ACCOUNT)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None]


class Membership(Base):
    """A person has a role in an organisation from `starts_on` up to and including `ends_on`."""

    __tablename__ = "membership"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "role", "starts_on"),
        kept(Retention.ACCOUNT, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class SignIn(Base):
    """A session: it lives here, the browser only holds its token, and it ends here."""

    __tablename__ = "sign_in"
    __table_args__ = kept(Retention.PASSING)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # the last use, to the minute: a session at rest ends
    second_factor_at: Mapped[datetime | None]  # when it was last given; None: only the password, the session opens nothing yet
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(60), default="")
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("federated_identity.id"), index=True)  # by which it was opened
    unsent: Mapped[str | None] = mapped_column(EncryptedText("sign_in.unsent"))  # a form that came after the end


class FederatedIdentity(Base):
    """Who a provider says somebody is: one of staff by its subject, one of a creditor by KvK number and pseudonym.

    Without `person_id` it waits for a manager of the organisation, with the name and address that it asked access with.
    """

    __tablename__ = "federated_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "kvk", "subject", "establishment"),
        kept(Retention.ACCOUNT, tenant="organisation_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    kvk: Mapped[str] = mapped_column(String(8), default="")  # empty: one of staff
    establishment: Mapped[str] = mapped_column(String(12), default="")  # the one (vestiging) that its mandate is for
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)  # in whose name alone it acts
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    asked_name: Mapped[str] = mapped_column(String(120), default="")
    asked_email: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": revision}


class FederatedAttempt(Base):
    """An attempt to sign in by a provider that came back, kept as the hash of its state: it comes back once."""

    __tablename__ = "federated_attempt"
    __table_args__ = kept(Retention.PASSING)

    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    used_at: Mapped[datetime]
