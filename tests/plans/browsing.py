"""What people do on the pages of the plan, and the letter that they read on the way."""

from sqlalchemy import select

from portal import db
from portal.accounts.models import User
from portal.auth.models import SignInLink
from portal.plans.models import PlanVersion
from tests.infra.visit import Visitor


def address(made) -> str:
    return f"/o/{made.onboarding.ref}/plan"


def code_of(browser: Visitor, user: User) -> str:
    """The code in the letter that is on its way to this user."""
    rows = select(SignInLink).where(SignInLink.user_id == user.id).order_by(SignInLink.id.desc())
    with browser.client.application.app_context():
        code = db.session.scalars(rows).first().mint()[1]
        db.session.commit()
    return code


def kept(version: PlanVersion) -> PlanVersion:
    """As it is now."""
    return db.session.get_one(PlanVersion, version.id, populate_existing=True)


def filled(made, name: str = "Ana Núñez") -> dict[str, str]:
    return {"typed_name": name, "read": "y", "consent": "y"}


def through(browser, made, user, name: str = "Ana Núñez"):
    """Read, tick, type, send; then the code from the letter."""
    browser.get(address(made))
    browser.submit("/plan/sign", filled(made, name))
    browser.follow()
    form = next(one for one in browser.page.all("form") if one.all("input", name="code"))
    fields = {one.get("name"): one.get("value") for one in form.all("input")}
    browser.post(form["action"], {**fields, "code": code_of(browser, user)})
    return browser.follow()
