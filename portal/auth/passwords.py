"""Passwords, for staff: set, checked, and never kept in a readable form."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import gettext as _

from portal.accounts.models import User, provider
from portal.activity.models import Audience, Verb, record
from portal.auth import rules, tokens
from portal.auth.rules import Weakness
from portal.errors import Refused

# Memory in KiB. OWASP's first choice for Argon2id: 19 MiB, two passes, one lane, about 25 ms.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
DEMO_PASSWORD = "onboarding-demo"  # Public on purpose, and worth nothing outside the demo.


def prepare() -> None:
    """Make the hash that unknown addresses are checked against, so that the first of them takes no longer."""
    _nobodys_hash()


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(tokens.new())


def check_password(user: User | None, text: str) -> bool:
    """Whether `text` is `user`'s password. As much work for nobody, or for somebody without a password."""
    kept = user.password_hash if user else None
    right = _verify(kept or _nobodys_hash(), text[: rules.PASSWORD_MOST + 1]) and kept is not None
    if current_app.config["PORTAL"].demo and tokens.same(DEMO_PASSWORD, text):
        right = True
    return right and user is not None and user.may_enter


def _verify(kept: str, text: str) -> bool:
    try:
        return HASHER.verify(kept, text.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


def set_password(user: User, text: str) -> None:
    """Give `user` the password `text`. Raises Refused with field `password` when it is too easy to guess."""
    found = rules.weakness(text, [user.name, user.called, user.email, provider().name])
    if found:
        raise Refused(_sentence(found), field="password")
    user.password_hash = HASHER.hash(text.encode("utf-8", "surrogatepass"))
    record(user, Verb.PASSWORD_SET, by=user, audience=Audience.STAFF)


def _sentence(found: Weakness) -> str:
    return {
        Weakness.SHORT: _(
            "Use 12 characters or more. Four unrelated words are easy to remember and hard to guess."
        ),
        Weakness.LONG: _("Keep this under 200 characters"),
        Weakness.COMMON: _(
            "Many people use this one, so it is guessed first. Choose four unrelated words instead."
        ),
        Weakness.OWN_NAME: _(
            "This is mostly your name, your address or ours. Choose words nobody links with you."
        ),
    }[found]
