"""Finding an account by what people and other programs call it."""

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from portal import db
from portal.accounts.models import Account
from portal.errors import Refused


def account_called(name: str) -> Account:
    """The account of this short name, name or id in another system. Raises Refused when there is none, or several."""
    said = name.strip().lower()
    columns = (Account.slug, Account.name, Account.external_id)
    names = [db.lowered(func.coalesce(column, "")) for column in columns]
    found = db.session.scalars(select(Account).where(or_(*(one == said for one in names))).limit(2)).all()
    if not found:
        sentence = _(
            "No account is called “%(name)s”. Write its name as the list of accounts has it.", name=name
        )
        raise Refused(sentence, field="account")
    if len(found) > 1:
        sentence = _(
            "More than one account is called “%(name)s”. Write the short name of the one you mean, like %(slug)s.",
            name=name,
            slug=found[0].slug,
        )
        raise Refused(sentence, field="account")
    return found[0]
