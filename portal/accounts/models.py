"""The two companies and their people: the provider with its staff, the accounts with their persons."""

from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.access import EVERYWHERE, GRANTS, Can, Role, Scope
from portal.accounts.account import Account as Account
from portal.accounts.kinds import INVITATION_LIFE, PortalRole, TeamRole
from portal.accounts.provider import Provider as Provider
from portal.accounts.provider import nameless as nameless
from portal.accounts.provider import provider as provider
from portal.addresses import canonical, nobodys_address
from portal.calendars import Calendar
from portal.db import Addressed, Base, BigId, OwnedRow, Word, one_of
from portal.errors import Refused

# Lists with a default in the database: PostgreSQL compares those of this type alone.
NAMES = JSON().with_variant(JSONB(), "postgresql")


class Product(Base):
    """Something the provider sells and onboards to, and what its use means, by the names of usage events: which shows
    first value, what a person does who is activated, the loop that a customer has to have gone through, what is worth
    using."""

    __tablename__ = "product"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    core: Mapped[bool] = mapped_column(default=True)
    value_events: Mapped[list[str]] = mapped_column(NAMES, default=list, server_default="[]")
    activation_actions: Mapped[list[str]] = mapped_column(NAMES, default=list, server_default="[]")
    value_loop: Mapped[list[str]] = mapped_column(NAMES, default=list, server_default="[]")
    key_features: Mapped[list[str]] = mapped_column(NAMES, default=list, server_default="[]")


class User(Base, Addressed):
    """Somebody who can sign in: a customer's person or the provider's staff. One e-mail, one user."""

    __tablename__ = "app_user"

    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    called: Mapped[str] = mapped_column(String(60))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    # As it was typed, when it is not theirs (`people.claim_address`); `email` then belongs to nobody.
    asked_email: Mapped[str | None] = mapped_column(String(254))
    locale: Mapped[str | None] = mapped_column(String(16))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    work_start: Mapped[time] = mapped_column(default=time(9))
    work_end: Mapped[time] = mapped_column(default=time(17))
    password_hash: Mapped[str | None] = mapped_column(Text)
    left_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    __mapper_args__ = {"polymorphic_on": "kind", "with_polymorphic": "*"}

    # Flask-Login asks these of whoever is signed in.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.left_at is None

    @property
    def may_enter(self) -> bool:
        """Whether this user may sign in: not one who has left, nor one whom a colleague has only suggested."""
        return self.is_active

    def get_id(self) -> str:
        return str(self.id)

    @property
    def is_staff(self) -> bool:
        return self.kind == "staff"

    @property
    def initials(self) -> str:
        """One or two letters for the round picture beside the name."""
        words = [word for word in self.name.split() if word[0].isalnum()] or [self.name or "?"]
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()

    @property
    def roles(self) -> frozenset[Role]:
        raise TypeError("a user is a person or staff")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone this user reads times in."""
        raise TypeError("a user is a person or staff")

    def may(self, permission: Can) -> bool:
        """Whether any role of this user is granted `permission`."""
        return bool(GRANTS[permission] & self.roles)

    def account_ids(self, permission: Can) -> Scope:
        """The accounts in which this user holds `permission`."""
        raise TypeError("a user is a person or staff")

    @property
    def shown_email(self) -> str:
        """The address that others read; letters go to `email`."""
        return self.asked_email or self.email

    @property
    def is_reachable(self) -> bool:
        """Whether letters are written to this user."""
        return self.is_active and self.asked_email is None

    @property
    def gives_way(self) -> bool:
        """Whether the address goes to whoever is invited with it next: nobody came while the invitation held."""
        return False

    @property
    def photo_url(self) -> str | None:
        """The address of their picture, which changes with it; none without one."""
        return None

    @staticmethod
    def by_email(email: str) -> "User | None":
        """The user with this address, however it is spelled."""
        try:
            address = canonical(email)
        except ValueError:
            return None
        return db.session.scalar(select(User).where(User.email == address))


class Person(User, OwnedRow):
    """A human at the customer."""

    __tablename__ = "person"
    __table_args__ = (one_of("portal_role", PortalRole),)
    __mapper_args__ = {"polymorphic_identity": "person"}

    id: Mapped[int] = mapped_column(BigId, ForeignKey("app_user.id"), primary_key=True)
    portal_role: Mapped[PortalRole] = mapped_column(Word(PortalRole))
    stakeholder_roles: Mapped[list[str]] = mapped_column(default=list)
    job_title: Mapped[str | None] = mapped_column(String(120))
    learning_style: Mapped[list[str]] = mapped_column(default=list)
    invited_at: Mapped[datetime | None]
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", use_alter=True))
    joined_at: Mapped[datetime | None]
    suggested_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id", use_alter=True))

    account: Mapped[Account] = relationship(back_populates="people", foreign_keys="Person.account_id")

    __mapper_args__["inherit_condition"] = id == User.id

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset({Role(self.portal_role.value)}) if self.may_enter else frozenset()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone or self.account.time_zone)

    @property
    def may_enter(self) -> bool:
        return self.is_active and (self.suggested_by_id is None or self.invited_at is not None)

    @property
    def is_admin(self) -> bool:
        return self.portal_role is PortalRole.ADMIN

    @property
    def gives_way(self) -> bool:
        if self.joined_at is not None:
            return False
        if self.invited_at is None:
            return self.suggested_by_id is not None
        return clock.now() >= self.invited_at + INVITATION_LIFE

    def account_ids(self, permission: Can) -> Scope:
        return frozenset({self.account_id}) if self.may(permission) else frozenset()

    def leave(self) -> None:
        """They can't sign in any more, their work stays; the address of one who never came is free again."""
        self.check_replaceable()
        self.left_at = clock.now()
        if self.joined_at is None:
            self.give_up_address()

    def give_up_address(self) -> None:
        """Keep the address as the one that was asked for; letters to it and links for it are another's from now on."""
        self.asked_email, self.email = self.shown_email, nobodys_address()

    def check_replaceable(self) -> None:
        """Refuse for the only admin who has ever come: nobody else could invite people and hand out work.

        Whoever asks is alone with the company's people until the transaction ends, so that two of its roads can't
        each let one of the last two admins go.
        """
        alone = select(Account.id).where(Account.id == self.account_id).with_for_update(key_share=True)
        db.session.execute(alone)
        db.session.refresh(self, ["portal_role", "left_at", "joined_at"])
        others = select(Person.id).where(
            Person.account_id == self.account_id,
            Person.portal_role == PortalRole.ADMIN,
            Person.left_at.is_(None),
            Person.joined_at.is_not(None),
            Person.id != self.id,
        )
        working = self.is_admin and self.joined_at is not None
        if working and db.session.scalar(others.limit(1)) is None:
            raise Refused(
                _(
                    "%(name)s is the only admin who has signed in here. Make someone else an admin first.",
                    name=self.name,
                )
            )


class Staff(User):
    """A human at the provider."""

    __tablename__ = "staff"
    __mapper_args__ = {"polymorphic_identity": "staff"}

    id: Mapped[int] = mapped_column(BigId, ForeignKey("app_user.id"), primary_key=True)
    staff_roles: Mapped[list[str]] = mapped_column(default=list)
    languages: Mapped[list[str]] = mapped_column(default=list)
    regions: Mapped[list[str]] = mapped_column(default=list)
    capacity: Mapped[int] = mapped_column(default=20)
    bio: Mapped[str | None] = mapped_column(String(300))
    photo: Mapped[str | None]
    city: Mapped[str | None] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(40))
    country: Mapped[str | None] = mapped_column(String(2))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    away_until: Mapped[date | None]
    stand_in_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))

    stand_in: Mapped["Staff | None"] = relationship(foreign_keys=[stand_in_id], remote_side=[id])

    __mapper_args__["inherit_condition"] = id == User.id

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.staff_roles) if self.is_active else frozenset()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone or provider().time_zone)

    @property
    def calendar(self) -> Calendar:
        return Calendar(country=self.country or provider().country)

    @property
    def photo_url(self) -> str | None:
        return f"/faces/{self.photo}" if self.photo else None

    @property
    def is_away(self) -> bool:
        return self.away_until is not None and self.away_until >= clock.today(str(self.zone))

    @property
    def acting(self) -> "Staff":
        """Who answers in this person's place today: they themselves, or their stand-in when away."""
        return self.stand_in if self.is_away and self.stand_in else self

    def leave(self) -> None:
        """They work here no longer: what they did stays with their name, and nobody counts on them any more."""
        self.left_at, self.away_until, self.stand_in = clock.now(), None, None

    def account_ids(self, permission: Can) -> Scope:
        """Every account, save for an account executive, who sees those they sold."""
        granting = GRANTS[permission] & self.roles
        if granting - {Role.ACCOUNT_EXECUTIVE}:
            return EVERYWHERE
        if not granting:
            return frozenset()
        return self._sold

    @cached_property
    def _sold(self) -> frozenset[int]:
        """Read once: this row lives as long as one request or job."""
        rows = select(TeamMember.account_id).where(
            TeamMember.staff_id == self.id, TeamMember.role == TeamRole.ACCOUNT_EXECUTIVE
        )
        return frozenset(db.session.scalars(rows))


class TeamMember(Base, OwnedRow):
    """One staff member's part in one onboarding."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("onboarding_id", "role"), one_of("role", TeamRole))

    onboarding_id: Mapped[int] = mapped_column(ForeignKey("onboarding.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    role: Mapped[TeamRole] = mapped_column(Word(TeamRole))

    staff: Mapped[Staff] = relationship()
