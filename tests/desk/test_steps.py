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
    assert f"Accepted: “{step.title}”." in priya.follow().text
    done = again(step)
    assert (done.state, done.done_by_id, done.done_for_you) == ("done", cast.ana.id, False)
    assert "done by Ana" in priya.get(at(step)).one("p", class_="line").text()
    history = priya.get(f"/staff/accounts/{cast.account.ref}/history?o={cast.onboarding.ref}").text
    assert f"Priya Rao accepted “{step.title}”" in history
    assert f"finished “{step.title}”" not in history


def test_who_reviews_may_take_an_acceptance_back_and_who_handed_it_in_may_not(
    visitor, cast, at, acted, clock
) -> None:
    """Nothing is lost: what was handed in lies with us again, since when it did and promised for the same day."""
    step = acted(handed_in)
    before = again(step).ours_since, again(step).promised_on
    clock.forward(minutes=60)
    june = visitor(cast.june)
    june.get(at(step))
    june.submit(at(step, "/complete"))
    assert not again(step).undoable_by(cast.ana)
    june.follow()
    clock.forward(minutes=9)
    june.submit(at(step, "/undo"))
    now = again(step)
    assert (now.state, now.submitted_by_id) == ("submitted", cast.ana.id)
    assert (now.ours_since, now.promised_on) == before
    page = june.follow()
    assert f"Undone: “{step.title}” waits for our review again." in page.text
    assert "our review, Ana handed it in" in page.text


def test_a_review_is_given_to_one_of_us_and_comes_back_to_whoever_handed_it_in(
    visitor, cast, at, acted
) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    page = priya.get(at(step))
    chooser = page.one("select", id="person")
    assert [one.text() for one in chooser.all("option")] == [
        f"{one.name} (us)" for one in (cast.priya, cast.tomas, cast.june, cast.sam)
    ]
    assert [one.text() for one in chooser.all("option") if "selected" in one.attrs] == ["Priya Rao (us)"]
    page = priya.submit(at(step, "/assign"), {"person": cast.ben.ref}, status=422)
    assert "Choose someone who works on this onboarding" in page.one("div", id="problems").text()
    priya.get(at(step))
    priya.submit(at(step, "/assign"), {"person": cast.tomas.ref})
    assert "Tomás reviews it now." in priya.follow().text
    assert "Tomás" in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/steps/{step.ref}").text
    acted(lambda now: now.step(step.key).send_back("One is missing.", by=now.tomas))
    assert again(step).assignee_id == cast.ana.id


def test_a_paused_onboarding_says_so_on_its_steps(visitor, cast, at, acted) -> None:
    acted(lambda now: now.onboarding.pause("A freeze.", date(2026, 4, 1), by=now.priya))
    step = next(one for one in cast.onboarding.steps if one.state == "ready" and one.due_on)
    page = visitor(cast.priya).get(at(step))
    assert "due" not in page.one("p", class_="line").text(), "nothing is due in a pause"
    assert "On hold until Wed 1 April: A freeze." in page.one("div", class_="banner").text()


def test_what_was_answered_stands_once_and_its_fields_are_folded(visitor, cast, at, acted) -> None:
    step = first(cast, kind="form", state="ready", is_customers=True)
    field = next(field for field in step.spec.form.fields if field.type in ("text", "textarea"))
    assert visitor(cast.priya).get(at(step)).one("form", action=at(step, "/complete")).all("details") == []
    acted(lambda now: now.step(step.key).save({field.key: "Paid late"}, version=0, by=now.ana))
    form = visitor(cast.priya).get(at(step)).one("form", action=at(step, "/complete"))
    (folded,) = form.all("details")
    assert "open" not in folded.attrs
    assert folded.all("label", **{"for": f"a_{field.key}"})


def test_what_is_behind_leads_on_to_what_waits_for_the_reader_or_to_the_list(
    visitor, cast, at, acted
) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    page = priya.get(at(step))
    assert not [a for a in page.all("a") if a.text() == "Back to the list"]
    priya.submit(at(step, "/complete"))
    (back,) = [a for a in priya.follow().all("a") if a.text() == "Back to the list"]
    assert back["href"] == "/staff/accounts"
    following = acted(handed_in)
    page = priya.get(at(step))
    assert f"Next for you: {following.title}" in page.text
    (on,) = [a for a in page.all("a") if a.text() == following.title]
    assert on["href"] == at(following)


def test_a_review_sends_back_with_what_should_change(visitor, cast, at, acted) -> None:
    step = acted(handed_in)
    priya = visitor(cast.priya)
    priya.get(at(step))
    page = priya.submit(at(step, "/return"), {"reason": " "}, status=422)
    assert "Write what should change" in page.one("div", id="problems").text()
    (shown,) = [one for one in page.all("details") if "open" in one.attrs]
    assert shown.all("textarea", id="send_back-reason")
    priya.submit(at(step, "/return"), {"reason": "The second column is empty"})
    page = priya.follow()
    assert f"Sent back: “{step.title}”. They read what should change." in page.text
    assert page.text.count("The second column is empty") == 1
    assert again(step).state == "returned"
    priya.get(at(step))
    page = priya.post(at(step, "/return"), {"reason": "And the third"}, status=422)
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
    assert "Undo until 03:10" in page.text, "Priya is in Chicago"
    priya.submit(at(step, "/undo"))
    assert "is open again" in priya.follow().text
    assert again(step).state == "ready"


def opened(now, kind: str) -> Step:
    """A step of this kind, for the customer to do now; a form asks two things at least."""
    step = next(
        s
        for s in now.onboarding.steps
        if s.kind == kind and (not s.spec.form or len([f for f in s.spec.form.fields if f.required]) > 1)
    )
    step.stage.state, step.state, step.owner_side, step.waiting = "open", "ready", "customer", False
    return step


@pytest.mark.parametrize("kind", ["form", "checklist", "choose_path", "upload"])
def test_done_for_them_asks_for_all_that_they_are_asked_for(visitor, cast, at, acted, kind) -> None:
    step = acted(lambda now: opened(now, kind))
    priya = visitor(cast.priya)
    priya.get(at(step))
    page = priya.post(at(step, "/complete"), {"version": "0"}, status=422)
    assert page.one("div", id="problems").text()
    assert again(step).state == "ready"


def test_an_incomplete_form_names_what_is_missing_and_keeps_what_was_typed(visitor, cast, at, acted) -> None:
    step = acted(lambda now: opened(now, "form"))
    words = [field for field in step.spec.form.fields if field.type in ("text", "textarea")]
    missing = next(f for f in step.spec.form.fields if f.required and f is not words[0] and not f.show_when)
    priya = visitor(cast.priya)
    priya.get(at(step))
    page = priya.submit(at(step, "/complete"), {f"a_{words[0].key}": "On the phone"}, status=422)
    assert missing.label in page.one("div", id="problems").text()
    assert "On the phone" in page.source
    assert again(step).data == {}


def test_nobody_agrees_for_them_to_what_is_not_written_yet(visitor, cast, at, acted) -> None:
    def early(now) -> Step:
        step = next(s for s in now.onboarding.steps if s.spec.approve and s.spec.approve.shows)
        step.stage.state, step.state, step.waiting = "open", "ready", True
        return step

    step = acted(early)
    priya = visitor(cast.priya)
    priya.get(at(step))
    page = priya.post(at(step, "/complete"), {"version": "0"}, status=422)
    assert "isn't written yet" in page.one("div", id="problems").text()
    assert again(step).state == "ready"


def test_after_ten_minutes_an_open_page_still_says_undo_and_is_told_what_to_do(
    visitor, cast, at, clock
) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/complete"))
    priya.follow()
    clock.forward(minutes=11)
    page = priya.submit(at(step, "/undo"), status=422)
    assert "Its ten minutes are over" in page.one("div", id="problems").text()
    assert again(step).state == "done"
    page = priya.get(at(step))
    assert "Undo" not in page.text
    assert [one for one in page.all("form") if "/reopen" in one["action"]]


def test_a_review_has_one_main_button_and_sending_back_is_folded(visitor, cast, at, acted) -> None:
    step = acted(handed_in)
    page = visitor(cast.priya).get(at(step))
    (main,) = [button for button in page.all("button") if "btn--main" in button.get("class")]
    assert main.text() == "Accept"
    (folded,) = [
        one for one in page.all("details") if "/return" in str([f["action"] for f in one.all("form")])
    ]
    assert "open" not in folded.attrs
    assert folded.one("summary").one("span").text() == "Send it back instead"
    assert not page.one("div", class_="aside").all("textarea", id="send_back-reason")


def test_what_was_done_by_setting_it_up_is_not_somebodys_favour(visitor, cast, at) -> None:
    step = first(cast, done_via="creation")
    page = visitor(cast.priya).get(at(step))
    line = page.one("p", class_="line").text()
    assert "as part of setting this up" in line
    assert "for them" not in line


def test_a_second_click_is_told_who_was_first(visitor, cast, at) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/complete"))
    page = priya.post(at(step, "/complete"), {"version": "0"}, status=422)
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
    page = priya.post(at(gate, f"/{verb}"), {"reason": "We were told to"}, status=422)
    assert sentence in page.one("div", id="problems").text()
    assert page.one("textarea", id=f"{verb}-reason").text() == "We were told to"
    assert again(gate).state == before


def test_leave_out_bring_back_and_reopen(visitor, cast, at) -> None:
    step = first(cast, kind="watch", state="ready", is_customers=True)
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/skip"), {"reason": "They know it"})
    page = priya.follow()
    assert f"“{step.title}” is left out. It stands on their home with the reason." in page.text
    assert "They know it" in page.text
    priya.submit(at(step, "/bring_back"), {"reason": "A new colleague"})
    assert (
        f"“{step.title}” is back on the road. It stands on their home with the reason." in priya.follow().text
    )
    priya.submit(at(step, "/complete"))
    priya.follow()
    priya.submit(at(step, "/reopen"), {"reason": "The film is new"})
    assert again(step).state == "ready"
    assert again(step).reopen_reason == "The film is new"
    assert f"“{step.title}” is open again. They get a letter with the reason." in priya.follow().text


def test_of_what_only_we_see_nobody_reads_why(visitor, cast, at) -> None:
    step = next(s for s in cast.onboarding.steps if not s.visible and not s.is_gate and not s.is_closed)
    priya = visitor(cast.priya)
    priya.get(at(step))
    priya.submit(at(step, "/skip"), {"reason": "We have met"})
    page = priya.follow()
    assert f"“{step.title}” is left out." in page.text
    assert "with the reason" not in page.text


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
    assert page.text.count("No account yet") == 1
    assert "Missing access. No account yet" in page.one("div", class_="banner").text()
    priya.submit(at(step, "/unblock"))
    assert again(step).state == "ready"
    assert (
        "Nothing is in the way"
        in priya.post(at(step, "/unblock"), status=422).one("div", id="problems").text()
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
    page = priya.submit(at(step, "/complete"), status=422)
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
        at(step, "/complete"), {"a_files": wrong}, status=422, content_type="multipart/form-data"
    )
    assert "This item takes pdf" in page.one("div", id="problems").text()


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
    page = priya.post(at(step, "/complete"), {"version": "0"}, status=422)
    assert "paused until" in page.one("div", id="problems").text()
