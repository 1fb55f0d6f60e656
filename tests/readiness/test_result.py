"""What their answers changed, as the customer sees it: each with its reason, and their word against it."""

import pytest
from sqlalchemy import select

from portal import db
from portal.messages.models import Message
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.effects import ReadinessEffect
from portal.readiness.models import ReadinessSubmission
from tests import make
from tests.infra.visit import session_cookie
from tests.onboardings.road import at_work, me
from tests.playbooks.ready import READY
from tests.readiness.sent import MANY, sent

WHY = "We do use it, since May."


@pytest.fixture
def kit(app, cast):
    with app.test_request_context():
        return sent(cast, **MANY)


def ref_of(kind: str) -> str:
    """The address part of the first effect of this kind."""
    rows = select(ReadinessEffect.ref).where(ReadinessEffect.kind == kind)
    return db.session.scalars(rows.order_by(ReadinessEffect.id)).first()


def contest(client, cast, ref: str, why: str = WHY, status: int = 303):
    client.get(f"/o/{cast.onboarding.ref}/messages")
    return client.post(url(cast, "contest", ref), {"why": why}, status)


def take(client, cast, ref: str, status: int = 303):
    client.get(f"/o/{cast.onboarding.ref}/messages")
    return client.post(url(cast, "take", ref), status=status)


def url(cast, *parts: str) -> str:
    return "/".join((f"/o/{cast.onboarding.ref}/readiness", *parts))


def test_it_says_what_changed_why_and_what_it_takes(cast, kit, visitor) -> None:
    page = visitor(cast.ana).get(url(cast, "result"))
    assert page.one("h1").text() == "Your answers changed seven things."
    said = page.text
    assert "+25 min of your time, +1 h 15 min and −50 min" in said
    assert "Module cleaning +45 min Because you said your data is in spreadsheets." in said
    assert "Module importing, in depth +20 min Because your lists have gaps." in said
    assert "Module signing_on −50 min Because nobody uses single sign-on yet." in said
    assert "The data processing agreement is signed Because you have partners in Europe." in said
    assert "Module campaign +10 min Because many people will work in it." in said
    assert "What problem should this solve?" in said
    assert "Priya confirms these changes by Thu 5 March." in said
    assert "Finance" not in said


def test_nothing_is_sent_yet(cast, visitor) -> None:
    page = visitor(cast.ana).get(url(cast, "result"))
    assert page.one("h1").text() == "Your answers change your road once they are sent."


def test_what_is_left_out_is_added_back_and_our_team_reads_why(cast, kit, visitor) -> None:
    ref, client = ref_of("exclude"), visitor(cast.ana)
    page = contest(client, cast, ref, " ", 422)
    assert "Write in a sentence what it is really like" in page.text
    for _click in range(2):
        contest(client, cast, ref)
    page = client.get(url(cast, "result"))
    assert "“Module signing_on” is as it was" in page.text
    assert f"Ana took it back: “{WHY}”" in page.text
    assert page.one("h1").text() == "Your answers changed six things."
    (message,) = db.session.scalars(select(Message))
    assert message.body == f"About “Module signing_on”: {WHY}"


def test_after_the_confirmation_it_asks(app, cast, kit, visitor) -> None:
    with app.test_request_context(), at_work(app, cast) as road:
        ReadinessSubmission.of(road).confirm(by=me(cast.priya))
    client = visitor(cast.ana)
    contest(client, cast, ref_of("include"))
    page = client.get(url(cast, "result"))
    assert "decides about “Module cleaning” with you" in page.text
    assert f"Ana said that it isn't right: “{WHY}” We look at it." in page.text
    assert "Priya confirmed these changes on Tue 3 March." in page.text


def test_an_offer_is_chosen(cast, kit, visitor) -> None:
    client = visitor(cast.ana)
    for _click in range(2):
        take(client, cast, ref_of("offer"))
    assert "It is on your road." in client.get(url(cast, "result")).text


def test_a_sponsor_and_a_teammate_read_it_and_change_nothing(cast, kit, visitor) -> None:
    for person in (cast.rui, cast.ben):
        client = visitor(person)
        page = client.get(url(cast, "result"))
        assert "Module cleaning" in page.text
        assert "That's not right" not in page.text
        assert "Add it" not in page.text
        contest(client, cast, ref_of("include"), status=403)
        take(client, cast, ref_of("offer"), status=403)


def test_an_effect_of_another_customer_is_not_there(app, cast, kit, visitor) -> None:
    with app.test_request_context():
        rival = make.account("Fabrikam")
        spy, team = make.person(rival), {member.role: member.staff for member in cast.onboarding.team}
        other = make.onboarding(rival, team, programme=90, book=cast.onboarding.playbook_version)
        other.prepare(by=cast.priya)
        db.session.commit()
        own = other.ref
    client, ref = visitor(spy), ref_of("include")
    client.get(url(cast, "result"), 404)
    for road in (cast.onboarding.ref, own):
        client.get(f"/o/{own}/messages")
        client.post(f"/o/{road}/readiness/contest/{ref}", {"why": WHY}, 404)
    contest(visitor(cast.ana), cast, "nothing", status=404)


def test_on_hold_it_is_read_and_not_changed(app, cast, kit, visitor) -> None:
    with at_work(app, cast) as road:
        road.pause("Audit", road.account.today.replace(day=20), by=me(cast.priya))
    client = visitor(cast.ana)
    page = contest(client, cast, ref_of("exclude"), status=422)
    assert "This onboarding is paused until 20 March" in page.text
    assert "Add it back" not in client.get(url(cast, "result")).text


def test_it_is_found_again_from_the_home_the_kit_and_the_answers(cast, kit, visitor) -> None:
    client, here = visitor(cast.ana), url(cast, "result")
    for page in (f"/o/{cast.onboarding.ref}", url(cast, "").rstrip("/"), url(cast, "check")):
        assert client.get(page).all("a", href=here), page


def test_statements(cast, kit, visitor, statements) -> None:
    client = visitor(cast.ana)
    with statements() as asked:
        client.get(url(cast, "result"))
    assert len(asked) <= 14


@pytest.mark.browser
def test_in_a_browser(site, window, clock) -> None:
    with site.app.test_request_context():
        cast = make.northwind(book=publish(read_checked(READY)), programme=90)
        sent(cast, **MANY)
        token, path = session_cookie(cast.ana), url(cast, "result")
    for size, scheme in (("phone", "light"), ("desktop", "dark")):
        shown = window(site, size, scheme=scheme)
        shown.sign_in(token)
        page = shown.open(path)
        assert page.locator(".tick.added").count() == 2
        shown.check()
        page.locator("summary", has_text="Add it back").first.press("Enter")
        page.locator("details[open] textarea").fill("We use it.")
        shown.check()
