"""The hand-off from sales to onboarding: complete before it is submitted, accepted before the portal opens."""

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal import db, mail
from portal.handoffs.rules import REQUIRED, HandoffState, completeness, may_become, missing
from portal.onboardings.models import Onboarding
from tests.handoffs.conftest import WORDS, the


@given(st.sets(st.sampled_from(REQUIRED)))
def test_it_is_as_complete_as_what_is_written(names) -> None:
    texts = {name: "written" if name in names else None for name in REQUIRED}
    assert set(missing(texts)) == set(REQUIRED) - names
    assert completeness(texts) == 100 * len(names) // len(REQUIRED)


def test_from_hand_to_hand() -> None:
    may = {(one, then) for one in HandoffState for then in HandoffState if may_become(one, then)}
    assert may == {
        (HandoffState.DRAFT, HandoffState.SUBMITTED),
        (HandoffState.SUBMITTED, HandoffState.RETURNED),
        (HandoffState.SUBMITTED, HandoffState.ACCEPTED),
        (HandoffState.RETURNED, HandoffState.SUBMITTED),
    }


def test_written_returned_completed_and_accepted(visitor, cast, begun) -> None:
    here = f"/staff/handoffs/{the(cast).ref}"
    page = begun.submit(here, {"reason": WORDS["reason"], "go": "keep"})
    assert "It is 14 % complete." in begun.follow().text
    page = begun.submit(here, {**WORDS, "surprises": "", "go": "submit"}, status=422)
    assert "What could surprise them, or us?" in page.one("div", id="problems").text()
    assert page.one("textarea", name="problem").text() == WORDS["problem"]
    assert the(cast).problem is None
    begun.submit(here, {**WORDS, "go": "submit"})
    assert the(cast).state is HandoffState.SUBMITTED
    priya = visitor(cast.priya)
    assert "Northwind" in priya.get("/staff/handoffs").one("table").text()
    priya.get(here)
    page = priya.submit(f"{here}/return", {"reason": " "}, status=422)
    assert "Write what you still need" in page.one("div", id="problems").text()
    priya.submit(f"{here}/return", {"reason": "Who signs?"})
    begun.get(here)
    begun.submit(here, {"stakeholders": "Rui decides and signs", "go": "submit"})
    assert "It was returned before, for this Who signs?" in priya.get(here).text
    priya.submit(f"{here}/accept")
    assert (the(cast).state, the(cast).returns) == (HandoffState.ACCEPTED, 1)
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    assert road.quote == WORDS["quote"]
    about = mail.Letter.about == f"handoff:{the(cast).ref}"
    told = db.session.scalars(select(mail.Letter.address).where(about).order_by(mail.Letter.id)).all()
    assert told == [cast.priya.email, cast.sam.email]  # One letter a day; the rest waits for the digest.


def test_the_portal_opens_once_it_is_accepted(visitor, cast, begun) -> None:
    priya, ref = visitor(cast.priya), cast.onboarding.ref
    priya.get(f"/staff/accounts/{cast.account.ref}?o={ref}")
    page = priya.post(f"/staff/accounts/{cast.account.ref}/start?o={ref}", status=422)
    assert "Sam is still writing the hand-off, 0 % complete." in page.text
    here = f"/staff/handoffs/{the(cast).ref}"
    begun.submit(here, {**WORDS, "go": "submit"})
    page = priya.post(f"/staff/accounts/{cast.account.ref}/start?o={ref}", status=422)
    assert "Accept the hand-off first" in page.text
    priya.post(f"{here}/accept")
    priya.post(f"/staff/accounts/{cast.account.ref}/start?o={ref}")
    assert db.session.get_one(Onboarding, cast.onboarding.id).started_at is not None


def test_two_who_write_see_each_other(visitor, cast, begun) -> None:
    here = f"/staff/handoffs/{the(cast).ref}"
    june = visitor(cast.june)
    june.get(here)
    begun.submit(here, {"reason": "Theirs", "go": "keep"})
    page = june.submit(here, {"reason": "Mine", "go": "keep"}, status=409)
    assert page.one("textarea", name="reason").text() == "Mine"
    assert "Theirs" in page.one("div", **{"class": "two"}).one("dl").text()
    june.submit(here, {"go": "keep"})
    assert the(cast).reason == "Mine"


def test_what_is_submitted_is_not_rewritten_nor_decided_twice(visitor, cast, begun) -> None:
    here = f"/staff/handoffs/{the(cast).ref}"
    begun.submit(here, {**WORDS, "go": "submit"})
    page = begun.post(here, {"reason": "Other", "seen": the(cast).seal, "go": "keep"}, status=422)
    assert "its words stay as they are" in page.text
    priya = visitor(cast.priya)
    priya.get(here)
    priya.post(f"{here}/accept")
    priya.post(f"{here}/accept")
    assert "moved on meanwhile" in priya.follow().text
    priya.post(f"{here}/return", {"reason": "Late"}, status=422)
    assert the(cast).reason == WORDS["reason"]
    begun.post(f"{here}/accept", status=403)
    visitor(cast.tomas).get(here, status=403)
    visitor(cast.ana).get(here, status=404)
