"""Keys with which another program speaks to the portal: shown once, stored as a hash, revoked for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import Account, User
from portal.activity.models import Audience, Verb, record
from portal.auth import tokens
from portal.db import Addressed, Base, BigId
from portal.errors import Conflict, Refused

USAGE_WRITE: Final = "usage:write"
SCOPES: Final = (USAGE_WRITE,)
PREFIX: Final = "fm_"  # By which people, and programs that look for leaked secrets, know where one belongs.
HINT: Final = 9
SECOND_CLICK: Final = timedelta(seconds=10)
NOTED_AGAIN_AFTER: Final = timedelta(hours=1)


class ApiKey(Base, Addressed):
    """One key of one source, `name`; a source whose key is renewed has several over time, and perhaps two at once.
    `bound_to` is the only account that it may speak of; without one it may name any. `hint` are its first letters."""

    __tablename__ = "api_key"

    name: Mapped[str] = mapped_column(String(80), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[list[str]] = mapped_column(default=list)
    bound_to_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("app_user.id"))
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("app_user.id"))

    bound_to: Mapped[Account | None] = relationship()
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    revoked_by: Mapped[User | None] = relationship(foreign_keys=[revoked_by_id])

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None

    def revoke(self, *, by: User | None) -> None:
        """It opens nothing from now on. Once revoked it stays so, by whom it was first."""
        if not self.is_live:
            return
        self.revoked_at, self.revoked_by = clock.now(), by
        record(self, Verb.KEY_REVOKED, by=by, audience=Audience.STAFF, before={"hint": self.hint})

    def used(self) -> None:
        """Note that it was used, once an hour at most: a busy source would write this row all the time. It may have
        been found in a transaction before this one."""
        now = clock.now()
        if self.last_used_at is None or self.last_used_at <= now - NOTED_AGAIN_AFTER:
            db.session.execute(update(ApiKey).where(ApiKey.id == self.id).values(last_used_at=now))


def make(
    name: str, scopes: Sequence[str], *, by: User | None, bound_to: Account | None = None, asked: str = ""
) -> tuple[ApiKey, str]:
    """A new key of the source `name`, and its secret, which is stored nowhere and can't be had again.

    `asked` is random and comes from the form that asked for it: a second click gets what the first got. Raises
    Conflict when that form was sent long ago, Refused for no name.
    """
    if not name:
        raise Refused(_("Name the program that will use the key."), field="name")
    secret = PREFIX + (tokens.derived("api key", asked) if asked else tokens.new())
    before = db.session.scalar(select(ApiKey).where(ApiKey.digest == tokens.digest(secret)))
    if before is not None:
        if before.created_by_id != (by and by.id) or before.created_at <= clock.now() - SECOND_CLICK:
            raise Conflict(
                _("This key was made already, and its secret was shown. Open the page again for another.")
            )
        return before, secret
    key = ApiKey(
        name=name,
        digest=tokens.digest(secret),
        hint=secret[:HINT],
        scopes=list(scopes),
        bound_to=bound_to,
        created_by=by,
    )
    db.session.add(key)
    told = {"scopes": key.scopes, "bound_to": bound_to.slug if bound_to else None, "hint": key.hint}
    record(key, Verb.KEY_MADE, by=by, audience=Audience.STAFF, after=told)
    return key, secret


def find(secret: str, scope: str) -> ApiKey | None:
    """The living key of this secret, if it may do this. Found by the digest, so that the time tells nothing of it."""
    living = select(ApiKey).where(ApiKey.digest == tokens.digest(secret), ApiKey.revoked_at.is_(None))
    key = db.session.scalar(living)
    return key if key and scope in key.scopes else None


def all_keys() -> Sequence[ApiKey]:
    """Every key, living ones first, by source, the newest of each first."""
    people = joinedload(ApiKey.created_by), joinedload(ApiKey.revoked_by), joinedload(ApiKey.bound_to)
    order = ApiKey.revoked_at.is_not(None), ApiKey.name, ApiKey.id.desc()
    return db.session.scalars(select(ApiKey).options(*people).order_by(*order)).all()
