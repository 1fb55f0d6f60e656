"""A colleague asks for help on the account's page, and the overview shows what is open."""

from sqlalchemy import select

from portal import db
from portal.escalations.models import Escalation, EscalationReason


def test_help_is_asked_for_with_a_reason_and_shown_on_the_overview(visitor, cast):
    priya = visitor(cast.priya)
    here = f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}"
    priya.get(here)
    page = priya.submit("/help?o=" + cast.onboarding.ref, {"text": ""}, 422)
    assert "Write in a sentence why a person is needed" in page.text
    priya.submit("/help?o=" + cast.onboarding.ref, {"text": "They don't know which export to send"})
    page = priya.follow()
    assert "June is asked, with a clock." in page.text
    assert "Escalation, level 1: Back on the path" in page.one("div", **{"class": "asked"}).text()
    assert "June is asked and nobody is on it yet" in page.text


def test_a_second_reason_joins_the_case_that_is_open(visitor, cast, opened):
    priya = visitor(cast.priya)
    priya.get(f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}")
    priya.submit("/help?o=" + cast.onboarding.ref, {"text": "Ana sounds annoyed"})
    assert len(db.session.scalars(select(Escalation)).all()) == 1
    codes = db.session.scalars(select(EscalationReason.code).order_by(EscalationReason.id)).all()
    assert codes == ["R1", "person"]
