"""A customer company comes into being."""

from flask_babel import gettext as _
from slugify import slugify
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from portal import db
from portal.access import Can, Everywhere
from portal.accounts import places
from portal.accounts.kinds import Segment
from portal.accounts.models import Account, Staff
from portal.activity.models import Audience, Verb, record
from portal.errors import Refused


def open_account(name: str, *, segment: Segment, country: str, time_zone: str, by: Staff) -> Account:
    """A new customer, known by a slug of its name; an empty `time_zone` is the country's main one.

    Raises Refused for a name that `by` finds among the customers already, made a moment ago or long before.
    """
    slug = slugify(name, max_length=80) or _another("customer")
    # What is taken and not refused is another seller's customer of the same name; an account executive isn't told.
    for known_as in (slug, _another(slug)):
        _refuse_known(name, slug, by)
        account = Account(
            name=name,
            slug=known_as,
            external_id=known_as,
            segment=segment,
            country=country,
            time_zone=time_zone or places.main_zone(country) or "UTC",
        )
        if _stored(account):
            record(account, Verb.ACCOUNT_CREATED, by=by, audience=Audience.STAFF)
            return account
    raise RuntimeError(f"no slug is left for an account called {slug}")


def _stored(account: Account) -> bool:
    """Whether nobody is known by its slug. Asking the index waits for whoever makes the same customer just now."""
    try:
        with db.session.begin_nested():
            db.session.add(account)
            db.session.flush()
    except IntegrityError:
        return False
    return True


def _refuse_known(name: str, slug: str, by: Staff) -> None:
    scope = by.account_ids(Can.CREATE_ONBOARDING)
    same = select(Account.id).where(or_(Account.slug == slug, func.lower(Account.name) == func.lower(name)))
    if not isinstance(scope, Everywhere):
        same = same.where(Account.id.in_(scope))
    if db.session.scalar(same.limit(1)):
        raise Refused(
            _("%(name)s is a customer already. Use “A customer we already have”.", name=name), field="name"
        )


def _another(slug: str) -> str:
    return f"{slug[:60]}-{db.new_ref().lower()}"
