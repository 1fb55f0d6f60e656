"""What customers did in the product, as counts."""

from datetime import date, time

from sqlalchemy import select

from portal import db
from portal.accounts.models import Account, Person, Product
from portal.calendars import at as moment_of
from portal.usage.models import UsageDay, UsagePersonDay, UsageUser

JOINED, REFERRED, PAID = "Partner Joined", "Referral Submitted", "Reward Paid"
SIGNED_IN, SET_UP = "Signed In", "Profile Completed"


def means(product: Product) -> Product:
    """What this product's use means, in the words of these tests."""
    product.value_events = [PAID]
    product.activation_actions = [SIGNED_IN, SET_UP]
    product.value_loop = [JOINED, REFERRED, PAID]
    product.key_features = [REFERRED, "Report Exported"]
    return product


def saw(
    account: Account,
    metric: str,
    day: date,
    *,
    who: str | None = None,
    person: Person | None = None,
    count: int = 1,
) -> None:
    """Somebody, or nobody in particular, did this on that day of the account's."""
    who = who or (person.email if person else None)
    of_all = select(UsageDay).filter_by(account_id=account.id, metric=metric, day=day)
    row = db.session.scalar(of_all) or UsageDay(account_id=account.id, metric=metric, day=day, count=0)
    row.count += count
    db.session.add(row)
    if who is not None:
        user = _user(account, who, person, day)
        plain = {"account_id": account.id, "user_id": user.id, "metric": metric, "day": day}
        own = db.session.scalar(select(UsagePersonDay).filter_by(**plain)) or UsagePersonDay(**plain, count=0)
        own.count += count
        db.session.add(own)
    db.session.flush()


def _user(account: Account, key: str, person: Person | None, day: date) -> UsageUser:
    moment = moment_of(day, time(10), account.zone)
    user = db.session.scalar(select(UsageUser).filter_by(account_id=account.id, key=key))
    if user is None:
        user = UsageUser(account_id=account.id, key=key, first_seen_at=moment, last_seen_at=moment)
    user.first_seen_at, user.last_seen_at = min(user.first_seen_at, moment), max(user.last_seen_at, moment)
    user.person_id = person.id if person else user.person_id
    user.email = person.email if person else user.email
    db.session.add(user)
    db.session.flush()
    return user
