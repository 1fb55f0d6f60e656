"""The Readiness tab: what was answered and what it does; our consultant confirms, sends back and has the last word."""

import pytest
from sqlalchemy import select

from portal import db
from portal.onboardings.states import StepState
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.effects import EffectState, ReadinessEffect
from portal.readiness.models import ReadinessSubmission
from portal.readiness.states import SubmissionState
from tests import make
from tests.onboardings.road import at_work, me
from tests.playbooks.ready import READY
from tests.readiness.sent import MANY, answer, sent


@pytest.fixture
def cast(app):
    with app.test_request_context():
        make.provider()
        cast = make.northwind(book=publish(read_checked(READY)), programme=90)
        sent(cast, **MANY)
    return cast


def at(cast, *more: str) -> str:
    return "/".join((f"/staff/accounts/{cast.account.ref}/readiness", *more))


def effect(kind: str) -> ReadinessEffect:
    rows = select(ReadinessEffect).where(ReadinessEffect.kind == kind).order_by(ReadinessEffect.id)
    return db.session.scalars(rows).first()


def kit() -> ReadinessSubmission:
    return db.session.scalars(select(ReadinessSubmission)).one()


def test_it_says_what_was_answered_by_whom_and_what_it_does(visitor, cast) -> None:
    page = visitor(cast.priya).get(at(cast))
    said = page.text
    assert "Ana sent it on 3 Mar" in said
    assert "Where is your partner data today? Spreadsheets Ana, 3 Mar" in said
    assert "What problem should this solve? Not sure yet" in said
    row = page.one("tr", id=f"e-{effect('include').ref}")
    assert row.text().startswith(
        "Module cleaning Added Because you said your data is in spreadsheets. +45 min"
    )
    assert "on the road" in row.text()
    out = page.one("tr", id=f"e-{effect('exclude').ref}").text()
    assert "left out" in out
    assert "on the road" not in out
    wave = page.one("tr", id=f"e-{effect('wave').ref}")
    assert wave.one("a")["href"].endswith("department=Finance")
    form = visitor(cast.priya).get(wave.one("a")["href"])
    assert form.one("input", name="department")["value"] == "Finance"


def test_our_consultant_confirms_once_and_the_item_is_done(visitor, cast) -> None:
    reader = visitor(cast.priya)
    page = reader.get(at(cast))
    seen = page.form(f"/readiness/confirm?o={cast.onboarding.ref}").one("input", name="seen")["value"]
    for status in (303, 422):
        reader.post(at(cast, "confirm"), {"seen": seen}, status=status)
    assert kit().state is SubmissionState.CONFIRMED
    assert "Priya confirmed it on 3 Mar" in reader.get(at(cast)).text


def test_it_is_sent_back_with_what_is_missing(visitor, cast) -> None:
    reader = visitor(cast.priya)
    reader.get(at(cast))
    page = reader.post(at(cast, "return"), {"reason": " "}, 422)
    assert "Write what should change" in page.text
    reader.post(at(cast, "return"), {"reason": "How many people?"})
    assert (kit().state, kit().returned_why) == (SubmissionState.NEEDS_UPDATE, "How many people?")


def test_a_changed_answer_is_marked_and_what_it_proposes_is_decided(app, visitor, cast) -> None:
    with app.test_request_context(), at_work(app, cast) as road:
        ReadinessSubmission.of(road).confirm(by=me(cast.priya))
    cast_clock = visitor(cast.priya)
    cast_clock.get(at(cast))
    with app.test_request_context(), at_work(app, cast) as road:
        answer(ReadinessSubmission.of(road), me(cast.ana), sso="yes")
    reader = visitor(cast.priya)
    page = reader.get(at(cast))
    row = page.one("tr", id=f"e-{effect('exclude').ref}")
    assert "waits for you" in row.text()
    assert [one.text() for one in row.all("summary")] == ["Keep it · Take it back"]
    reader.post(at(cast, "effects", effect("exclude").ref), {"go": "drop", "why": "They have it."})
    assert effect("exclude").state is EffectState.WITHDRAWN
    assert kit().onboarding.step_called("sign_on").state is StepState.LOCKED
    reader.get(at(cast))
    reader.post(at(cast, "effects", effect("exclude").ref), {"go": "drop", "why": ""}, 422)


def test_what_they_contest_is_decided(app, visitor, cast) -> None:
    with app.test_request_context(), at_work(app, cast):
        effect("exclude").contest("We use it.", by=me(cast.ana))
    reader = visitor(cast.priya)
    row = reader.get(at(cast)).one("tr", id=f"e-{effect('exclude').ref}")
    assert "Ana: “We use it.”" in row.text()
    reader.post(at(cast, "effects", effect("exclude").ref), {"go": "keep", "why": "x" * 401}, 422)
    reader.post(at(cast, "effects", effect("exclude").ref), {"go": "keep", "why": "It comes in May."})
    assert effect("exclude").state is EffectState.ACCEPTED
    page = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/readiness/result")
    assert "Priya: It comes in May." in page.text


def test_others_of_ours_read_it_and_decide_nothing(visitor, cast) -> None:
    for who in (cast.june, cast.tomas):
        reader = visitor(who)
        page = reader.get(at(cast))
        assert not page.all("form", action=at(cast, "confirm"))
        for path in (("confirm",), ("return",), ("effects", effect("include").ref)):
            reader.get(at(cast))
            reader.post(at(cast, *path), {"reason": "x"}, 403)


def test_my_day_leads_here_and_the_generic_accept_finishes_nothing(visitor, cast) -> None:
    reader = visitor(cast.priya)
    page = reader.get("/staff")
    assert any("/readiness" in link["href"] for link in page.all("a") if "Review" in link.text())
    step = db.session.scalars(select(ReadinessSubmission)).one().step.ref
    reader.post(f"/staff/accounts/{cast.account.ref}/steps/{step}/complete", status=422)
    assert kit().state is SubmissionState.SUBMITTED


def test_a_road_without_a_kit_has_no_such_tab(app, visitor, session) -> None:
    with app.test_request_context():
        make.provider()
        plain = make.northwind()
        db.session.commit()
    reader = visitor(plain.priya)
    reader.get(at(plain), 404)
    assert "Readiness" not in [
        link.text() for link in reader.get(f"/staff/accounts/{plain.account.ref}").all("a")
    ]


def test_at_most_twelve_statements(visitor, cast, statements) -> None:
    reader = visitor(cast.priya)
    with statements() as seen:
        reader.get(at(cast))
    assert len(seen) <= 12, "\n\n".join(seen)


def test_what_they_changed_meanwhile_is_read_before_it_is_confirmed(app, visitor, cast) -> None:
    priya = visitor(cast.priya)
    priya.get(at(cast))
    with app.test_request_context():
        answer(kit(), me(cast.ana), users=61)
        db.session.commit()
    confirm = f"/readiness/confirm?o={cast.onboarding.ref}"
    page = priya.submit(confirm, status=409)
    assert "They changed something since you opened the page." in page.text
    db.session.expire_all()
    assert kit().state is SubmissionState.SUBMITTED
    priya.submit(confirm)
    db.session.expire_all()
    assert kit().state is SubmissionState.CONFIRMED
