"""What signing in leaves in the database: links that were issued, sessions, and how often something was tried."""

from datetime import datetime
from enum import StrEnum, auto

from sqlalchemy import ForeignKey, Index, String, Update, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock, db
from portal.accounts.models import User
from portal.auth import rules, tokens
from portal.db import Addressed, Base, Word, one_of


class Purpose(StrEnum):
    """What a link is for. `AGAIN` is a code alone, by which somebody who is signed in says once more who they are: no
    link belongs to it, and it opens no door."""

    SIGN_IN = auto()
    INVITATION = auto()
    AGAIN = auto()


LIFE = {
    Purpose.SIGN_IN: rules.LINK_LIFE,
    Purpose.INVITATION: rules.INVITATION_LIFE,
    Purpose.AGAIN: rules.LINK_LIFE,
}
WITH_CODE = frozenset({Purpose.SIGN_IN, Purpose.AGAIN})


class SignInLink(Base):
    """One link that signs one person in, once. It begins to live when it is minted, as its letter leaves. `next_path`
    is where it leads; of a code to say who one is again, what it is good for."""

    __tablename__ = "sign_in_link"
    __table_args__ = (one_of("purpose", Purpose), Index(None, "user_id", "purpose"))

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    purpose: Mapped[Purpose] = mapped_column(Word(Purpose))
    address: Mapped[str] = mapped_column(String(254))
    salt: Mapped[str] = mapped_column(String(43), default=tokens.new)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    next_path: Mapped[str] = mapped_column(String(500), default="/")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship(foreign_keys=[user_id])

    @staticmethod
    def issue(user: User, purpose: Purpose, *, by: User | None = None, next_path: str = "/") -> "SignInLink":
        """A new link for `user`; earlier ones of the same purpose die."""
        revoke_links(user, purpose)
        return SignInLink._new(user, purpose, by, next_path)

    @staticmethod
    def ask_for(user: User, next_path: str, purpose: Purpose = Purpose.SIGN_IN) -> "SignInLink | None":
        """A link (or a code) that was asked for, maybe by anybody: it ends none that lives. None when a letter for the
        same is still to leave, or as many live as may at once; they all lie in this user's mail."""
        row = (
            User.__table__.c
        )  # Of the user alone: what is joined to a person or to staff can't be locked with it.
        db.session.execute(select(row.id).where(row.id == user.id).with_for_update(key_share=True))
        young = clock.now() - rules.LINK_LIFE
        living = db.session.scalars(
            select(SignInLink)
            .where(SignInLink.user_id == user.id, SignInLink.purpose == purpose)
            .where(SignInLink.used_at.is_(None), SignInLink.revoked_at.is_(None))
            .where(
                (SignInLink.expires_at > clock.now())
                | (SignInLink.expires_at.is_(None) & (SignInLink.created_at > young))
            )
        ).all()
        living = [link for link in living if purpose is Purpose.SIGN_IN or link.next_path == next_path]
        if len(living) >= rules.LINKS_AT_ONCE or any(link.expires_at is None for link in living):
            return None
        return SignInLink._new(user, purpose, None, next_path)

    @staticmethod
    def _new(user: User, purpose: Purpose, by: User | None, next_path: str) -> "SignInLink":
        link = SignInLink(
            user_id=user.id,
            user=user,
            purpose=purpose,
            address=user.email,
            next_path=rules.local_path(next_path),
            created_by_id=by.id if by else None,
        )
        db.session.add(link)
        db.session.flush()
        return link

    @staticmethod
    def by_token(token: str) -> "SignInLink | None":
        """The link that carries `token`, living or not."""
        return db.session.scalar(select(SignInLink).where(SignInLink.token_hash == tokens.digest(token)))

    @staticmethod
    def count_try(user_id: int, purpose: Purpose = Purpose.SIGN_IN) -> list[int]:
        """Count one attempt at a code before looking at it: the ids of the living links whose code it may be.

        None of them is one that had too many tries.
        """
        theirs = SignInLink._living().where(
            SignInLink.user_id == user_id,
            SignInLink.purpose == purpose,
            SignInLink.tries < rules.CODE_TRIES,
        )
        return SignInLink._changed(theirs.values(tries=SignInLink.tries + 1))

    def mint(self) -> tuple[str, str]:
        """The token and the 6-digit code, to be put into the letter; only their hashes stay here. The token of a code
        alone opens nothing: not even its hash is kept.

        Minting again gives the same two and lets the link live anew, as long as it wasn't used.
        """
        token = tokens.derived("link", self.purpose, self.salt)
        code = tokens.derived_code("code", self.purpose, self.salt)
        self.token_hash = None if self.purpose is Purpose.AGAIN else tokens.digest(token)
        self.code_hash = self._peppered(code)
        self.expires_at = clock.now() + LIFE[self.purpose]
        return token, code

    def fits_code(self, code: str) -> bool:
        """Whether `code` belongs to this link. Tries are counted by `count_try`."""
        return self.purpose in WITH_CODE and tokens.same(self.code_hash, self._peppered(code))

    @property
    def is_open(self) -> bool:
        """Whether it can still be used by the person and the address it was made for."""
        minted = self.expires_at is not None and clock.now() < self.expires_at
        unspent = self.used_at is None and self.revoked_at is None
        return minted and unspent and self.user.may_enter and self.user.email == self.address

    def consume(self) -> bool:
        """Use the link up. Of any number who try at the same moment, exactly one gets True."""
        mine = self._living().where(SignInLink.id == self.id)
        return self.is_open and bool(self._changed(mine.values(used_at=clock.now())))

    @staticmethod
    def _living() -> Update:
        return update(SignInLink).where(
            SignInLink.used_at.is_(None), SignInLink.revoked_at.is_(None), SignInLink.expires_at > clock.now()
        )

    @staticmethod
    def _changed(statement: Update) -> list[int]:
        # The database counts what it changed, so what this process remembers of the rows plays no part.
        options = {"synchronize_session": False}
        return sorted(db.session.scalars(statement.returning(SignInLink.id), execution_options=options))

    def _peppered(self, code: str) -> str:
        return tokens.peppered("code", self.salt, code)


def revoke_links(user: User, purpose: Purpose | None = None) -> None:
    """Make the unused links of `user` useless: those of one purpose, or all."""
    unused = update(SignInLink).where(
        SignInLink.user_id == user.id, SignInLink.used_at.is_(None), SignInLink.revoked_at.is_(None)
    )
    if purpose:
        unused = unused.where(SignInLink.purpose == purpose)
    db.session.execute(unused.values(revoked_at=clock.now()))


class Session(Base, Addressed):
    """One browser in which somebody is signed in. The cookie holds the token, this row its hash."""

    __tablename__ = "session"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    ip: Mapped[str] = mapped_column(String(45), default="")

    @staticmethod
    def begin(user: User, *, user_agent: str = "", ip: str = "") -> tuple["Session", str]:
        """A new session of `user`, and the token for the cookie."""
        token = tokens.new()
        session = Session(
            user_id=user.id,
            token_hash=tokens.digest(token),
            ends_at=clock.now() + rules.absolute_limit(user.is_staff),
            user_agent=user_agent[:300],
            ip=ip[:45],
        )
        db.session.add(session)
        db.session.flush()
        return session, token

    def is_living(self, is_staff: bool) -> bool:
        """Whether it still counts: not ended, used within the idle limit, younger than the absolute one."""
        moment = clock.now()
        return (
            self.ended_at is None
            and moment < self.ends_at
            and moment < self.seen_at + rules.idle_limit(is_staff)
        )

    def end(self) -> None:
        """Nobody gets in with this one again."""
        self.ended_at = self.ended_at or clock.now()


class Throttle(Base):
    """How often something was tried in one window of time. The bucket is a keyed hash: it names nobody."""

    __tablename__ = "throttle"

    bucket: Mapped[str] = mapped_column(String(64), unique=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
