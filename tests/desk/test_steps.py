"""What staff do with one step: review, send back, do for them, leave out, keep, reopen, hand over. T03, I08."""

import io
from datetime import date

import pytest

from portal import db
from portal.onboardings.steps import Step
from tests.desk.test_account import handed_in


@pytest.fixture
def at(cast):
    """The address of a step, or of something done to it: `at(step, "/complete")`."""
    return lambda step, what="": (
        f"/staff/accounts/{cast.account.ref}/steps/{step.ref}{what}?o={cast.onboarding.ref}"
    )


def first(cast, **wanted) -> Step:
    """The first step with these values, ready to be worked on."""
    return next(
        step
        for step in cast.onboarding.steps
        if all(getattr(step, name) == value for name, value in wanted.items())
    )


def again(step: Step) -> Step:
    db.session.expire_all()
    return db.session.get_one(Step, step.id)


def test_every_step_of_the_road_has_a_page(visitor, cast, at) -> None:
    priya = visitor(cast.priya)
    for step in cast.onboarding.steps:
        page = priya.get(at(step))
        assert page.one("h1").text() == step.title
        assert ("Only your team sees this." in page.text) is (not step.visible)


def test_a_review_accepts(visitor, cast, at, acted) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    assert "our review, Ana handed it in" in priya.get(at(step)).text
    priya.submit(at(step, "/complete"))
    assert f"Done: “{step.title}”." in priya.follow().text
    assert again(step).state == "done"
    assert not step.done_for_you or step.done_by_id == cast.priya.id


def test_a_review_sends_back_with_what_should_change(visitor, cast, at, acted) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    priya.get(at(step))
    page = priya.submit(at(step, "/return"), {"reason": " "}, status=422)
    assert "Write what should change" in page.one("div", id="problems").text()
    (shown,) = [one for one in page.all("details") if "open" in one.attrs]
    assert shown.all("textarea", id="send_back-reason")
    priya.submit(at(step, "/return"), {"reason": "The second column is empty"})
    assert "Sent back: “The second column is empty”" in priya.follow().text
    assert again(step).state == "returned"
    priya.get(at(step))
    page = priya.post(at(step, "/return"), {"reason": "And the third"}, status=409)
    assert "has changed meanwhile" in page.one("div", id="problems").text()
    assert page.one("textarea", id="send_back-reason").text() == "And the third"


def test_done_for_them_keeps_the_answers_and_says_who_did_it(visitor, cast, at) -> None:
    step = first(cast, kind="form", state="ready", is_customers=True)
    field = next(field for field in step.spec.form.fields if field.type in ("text", "textarea"))
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/complete"), {f"a_{field.key}": "Told us on the phone"})
    page = priya.follow()
    assert f"Done for them: “{step.title}”." in page.text
    assert "Told us on the phone" in page.text
    kept = again(step)
    assert (kept.state, kept.done_for_you, kept.done_by_id) == ("done", True, cast.priya.id)
    priya.submit(at(step, "/undo"))
    assert again(step).state == "ready"


def test_a_second_click_is_told_who_was_first(visitor, cast, at) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/complete"))
    page = priya.post(at(step, "/complete"), {"version": "0"}, status=409)
    assert f"“{step.title}” is done already, by Priya." in page.one("div", id="problems").text()


def test_a_colleagues_newer_answers_are_not_overwritten_unseen(visitor, cast, at, acted) -> None:
    step = first(cast, kind="form", state="ready", is_customers=True)
    field = next(field for field in step.spec.form.fields if field.type in ("text", "textarea"))
    priya = visitor(cast.priya)
    priya.get(at(step))
    acted(lambda now: now.step(step.key).save({field.key: "Ana's own words"}, version=0, by=now.ana))
    page = priya.submit(at(step, "/complete"), {f"a_{field.key}": "Priya's words"}, status=409)
    assert "Ana saved this while you were writing" in page.one("div", id="problems").text()
    assert "Ana's own words" in page.text
    assert "Priya's words" in page.source.replace("&#39;", "'")
    assert again(step).data == {field.key: "Ana's own words"}
    priya.submit(at(step, "/complete"))
    assert again(step).data == {field.key: "Priya's words"}


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        ("skip", "opens the next stage, so it can't be left out"),
        ("keep", "Nobody asks to leave"),
        ("reopen", "has changed meanwhile"),
    ],
)
def test_what_a_step_refuses_stands_on_its_page(visitor, cast, at, verb, sentence) -> None:
    gate = next(step for step in cast.onboarding.steps if step.is_gate and not step.is_closed)
    before = gate.state
    priya = visitor(cast.priya)
    priya.get(at(gate))
    page = priya.post(at(gate, f"/{verb}"), {"reason": "We were told to"}, status=409)
    assert sentence in page.one("div", id="problems").text()
    assert page.one("textarea", id=f"{verb}-reason").text() == "We were told to"
    assert again(gate).state == before


def test_leave_out_bring_back_and_reopen(visitor, cast, at) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/skip"), {"reason": "They know it"})
    assert "They know it" in priya.follow().text
    priya.submit(at(step, "/bring_back"), {"reason": "A new colleague"})
    priya.follow()
    priya.submit(at(step, "/complete"))
    priya.follow()
    priya.submit(at(step, "/reopen"), {"reason": "The film is new"})
    assert again(step).state == "ready"
    assert again(step).reopen_reason == "The film is new"


def test_a_wish_to_leave_it_out_is_declined_with_a_reason(visitor, cast, at, acted) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    acted(lambda now: now.step(step.key).ask_to_skip("We saw it at a fair", by=now.ana))
    priya = visitor(cast.priya)
    assert "They ask to leave it out: “We saw it at a fair”" in priya.get(at(step)).text
    priya.submit(at(step, "/keep"), {"reason": "It has changed since"})
    assert again(step).asked_to_skip is None


def test_what_is_in_the_way_is_cleared(visitor, cast, at, acted) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    acted(lambda now: now.step(step.key).block("access", "No account yet", "Rui", by=now.ana))
    priya = visitor(cast.priya)
    page = priya.get(at(step))
    assert "Missing access: No account yet" in page.text
    priya.submit(at(step, "/unblock"))
    assert again(step).state == "ready"
    assert (
        "Nothing is in the way"
        in priya.post(at(step, "/unblock"), status=409).one("div", id="problems").text()
    )


def test_a_step_is_handed_only_to_who_works_here(app, visitor, cast, at) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/assign"), {"person": cast.ben.ref})
    assert "Ben has it now." in priya.follow().text
    page = priya.post(at(step, "/assign"), {"person": "somebody"}, status=422)
    assert "Choose someone who works on this onboarding" in page.one("div", id="problems").text()
    assert again(step).assignee_id == cast.ben.id


def test_our_own_file_is_sent_and_downloaded(visitor, cast, at) -> None:
    step = next(step for step in cast.onboarding.steps if step.kind == "upload" and not step.is_customers)
    priya = visitor(cast.priya)
    priya.get(at(step))
    page = priya.submit(at(step, "/complete"), status=409)
    assert "Choose a file first, then send it." in page.one("div", id="problems").text()
    sent = (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "plan.pdf")
    priya.submit(at(step, "/complete"), {"a_files": sent}, content_type="multipart/form-data")
    page = priya.follow()
    link = next(link for link in page.all("a") if link.text() == "plan.pdf")
    answer = priya.client.get(link["href"])
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    priya.get(at(step))
    priya.post(at(step, "/reopen"), {"reason": "Wrong file"})
    priya.follow()
    wrong = (io.BytesIO(b"MZ\x90\x00"), "plan.exe")
    page = priya.submit(
        at(step, "/complete"), {"a_files": wrong}, status=409, content_type="multipart/form-data"
    )
    assert "We take" in page.one("div", id="problems").text()


@pytest.mark.parametrize(
    ("who", "verb", "status"),
    [
        ("june", "/skip", 303),
        ("tomas", "/skip", 403),
        ("tomas", "/assign", 422),
        ("sam", "/complete", 403),
        ("ana", "/complete", 404),
    ],
)
def test_t03_only_who_may_do_it(visitor, cast, at, who, verb, status) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    browser = visitor(getattr(cast, who))
    browser.get("/preferences")
    browser.post(at(step, verb), {"reason": "Because"} if verb == "/skip" else {}, status=status)
    assert again(step).state == ("skipped" if status == 303 else "ready")


def test_on_hold_nothing_can_be_done_and_the_page_says_until_when(visitor, cast, at, acted) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    acted(lambda now: now.onboarding.pause("Summer", date(2026, 3, 20), by=now.priya))
    priya = visitor(cast.priya)
    page = priya.get(at(step))
    assert not [form for form in page.all("form") if "/complete" in form.get("action")]
    page = priya.post(at(step, "/complete"), {"version": "0"}, status=409)
    assert "paused until" in page.one("div", id="problems").text()
