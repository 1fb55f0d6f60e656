"""What is done on the step page: finishing each kind, and refusals that lose nothing and change nothing."""

import io
from datetime import date

import pytest

from portal.onboardings.states import StepState


def ready(road, *keys: str, **columns: object) -> None:
    with road.changing() as onboarding:
        for key in keys:
            step = onboarding.step_called(key)
            step.state = StepState.READY
            for name, value in columns.items():
                setattr(step, name, value)


def problems(page) -> str:
    return page.one("div", id="problems").text()


def named(page, tag: str, text: str):
    return next(node for node in page.all(tag) if node.text() == text)


def step_of(road, key: str):
    with road.changing() as onboarding:
        return onboarding.step_called(key)


# --- Finishing ----------------------------------------------------------------------------------


def test_each_kind_is_finished_by_its_own_form(road, visitor, clock) -> None:
    road.begin(clock)
    ready(road, "admin_guide", "payout_choice")
    ana = visitor(road.cast.ana)
    for key, typed in {
        "road_preview": {},
        "admin_guide": {},
        "invite_people": {},
        "set_preferences": {},
        "payout_choice": {"a_choice": "export"},
        "purchase_reason": {"a_reason": "We pay partners late.", "a_impact": "We lose them."},
        "prerequisites": {"a_checked": [i.key for i in road.cast.step("prerequisites").spec.checklist.items]},
    }.items():
        ana.get(road.at(key))
        page = ana.submit("/complete", typed)
        assert page.location.endswith(road.home), key
        assert f"Done: {road.cast.step(key).title}." in ana.follow().text, key
        assert road.state(key) == "done", key
    assert step_of(road, "payout_choice").data == {"choice": "export"}
    page = ana.get(road.home)
    assert "“We pay partners late.”" in page.text
    assert "Ana, 9 March" in page.text


def test_inviting_is_done_when_somebody_is_invited_or_nobody_will_be(road, visitor) -> None:
    with road.changing():
        road.user("ben").invited_at = road.user("rui").invited_at = None
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("invite_people"))
    assert "btn--main" in named(page, "a", "Invite someone")["class"]
    assert "btn--main" not in named(page, "button", "Everyone is invited")["class"]
    page = ana.submit("/complete", status=422)
    assert "Nobody else is invited yet. Invite a colleague first, or tick" in problems(page)
    assert road.state("invite_people") == "ready"
    page = ana.submit("/complete", {"a_alone": "yes"})
    assert road.state("invite_people") == "done"
    assert "Nobody else will take part in this" in ana.get(road.at("invite_people")).text
    ready(road, "give_accounts")
    road.joins("ben")
    page = ana.get(road.at("give_accounts"))
    assert "btn--main" in named(page, "button", "Everyone is invited")["class"]
    ana.submit("/complete")
    assert road.state("give_accounts") == "done"


def test_a_reviewed_step_is_sent_to_us(road, visitor, clock) -> None:
    road.begin(clock)
    ready(road, "payout_account", assignee_id=None)
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("payout_account"))
    assert "We look at it before it counts" in page.text
    ana.submit("/complete", {"a_evidence": "Settings show it as confirmed."})
    assert "Sent to us for a look." in ana.follow().text
    assert road.state("payout_account") == "submitted"


def test_a_blocked_step_is_sent_without_a_detour(road, visitor, clock) -> None:
    road.begin(clock)
    ready(road, "payout_account", assignee_id=None)
    road.do("payout_account", lambda s: s.block("time", "Month end.", "Rui", by=road.user("ana")))
    ana = visitor(road.cast.ana)
    ana.get(road.at("payout_account"))
    ana.submit("/complete", {"a_evidence": "It works now."})
    assert road.state("payout_account") == "submitted"


def test_files_are_kept_and_finish_an_upload(road, visitor, clock) -> None:
    road.begin(clock)
    ready(road, "import_partners")
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("import_partners"))
    assert "Up to 25 MB each: " in page.text
    page = ana.submit("/complete", status=422)
    assert "Choose a file first, then send it." in problems(page)
    assert page.all("input", id="a_files")[0]["aria-invalid"] == "true"
    sent = {"a_files": (io.BytesIO(b"name,country\nAda,PT\n"), "partners.csv")}
    ana.submit("/complete", sent)
    assert road.state("import_partners") == "submitted"
    assert "partners.csv" in ana.get(road.at("import_partners")).text


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.txt", b"hello", "“notes.txt” is of another kind. This item takes csv"),
        ("partners.csv", b"PK\x03\x04" + b"\0" * 60, "zip archive"),
        ("partners.csv", b"", "The file is empty"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(road, visitor, clock, name, content, sentence) -> None:
    ready(road, "import_partners")
    ana = visitor(road.cast.ana)
    ana.get(road.at("import_partners"))
    page = ana.submit("/complete", {"a_files": (io.BytesIO(content), name)}, status=422)
    assert sentence in problems(page)
    assert road.state("import_partners") == "ready"
    assert name not in ana.get(f"{road.home}/documents").text


def test_saving_resumes_where_it_stopped(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("readiness_kit"))
    formaction = next(b["formaction"] for b in page.all("button") if "formaction" in b.attrs)
    ana.post(
        formaction, {"version": "0", "a_problem": "Late payouts", "a_crm": "Another one", "a_crm_name": "Own"}
    )
    assert "Saved. You can stop here" in ana.follow().text
    page = ana.get(road.at("readiness_kit"))
    assert page.one("textarea", id="a_problem").text() == "Late payouts"
    assert page.one("input", id="a_crm_name")["value"] == "Own"
    assert road.state("readiness_kit") == "in_progress"


def test_the_answer_to_a_question_that_was_not_asked_is_dropped(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("readiness_kit"))
    ana.post(f"{road.at('readiness_kit')}/save", {"version": "0", "a_crm": "HubSpot", "a_crm_name": "Own"})
    assert step_of(road, "readiness_kit").data == {"crm": "HubSpot"}


# --- What is wrong is said, what was typed stays ------------------------------------------------


def test_a_wrong_form_is_explained_field_by_field(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("readiness_kit"))
    typed = {
        "a_problem": "x" * 4001,
        "a_users": "many",
        "a_it_contact": "nobody",
        "a_fixed_date": "yes",
        "a_fixed_date_on": "2026-03-01",
        "a_fixed_date_why": "The season starts.",
    }
    page = ana.submit("/complete", typed, status=422)
    told = problems(page)
    for sentence in (
        "Keep this under 4000 characters",
        "Enter a whole number, like 12",
        "Enter an e-mail address like ana@northwind.example",
        "That day has passed. Choose today or later",
        "Answer “Who decides whether this was worth it?”",
        "Choose an answer for “Which CRM do you use?”",
    ):
        assert sentence in told, sentence
    assert page.one("title").text().startswith("Error:")
    assert page.one("input", id="a_users")["value"] == "many"
    assert page.one("textarea", id="a_problem").text() == "x" * 4001
    assert page.one("input", id="a_fixed_date_on")["value"] == "2026-03-01"
    assert "What is it called?" not in told, "a question that isn't asked isn't missing"
    assert (road.state("readiness_kit"), step_of(road, "readiness_kit").data) == ("ready", {})


def test_what_no_page_offers_is_refused_in_words(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("readiness_kit"))
    page = ana.post(
        f"{road.at('readiness_kit')}/save",
        {"version": "x", "a_crm": "Excel", "a_fixed_date_on": "soon", "a_fixed_date": "yes"},
        status=422,
    )
    assert "Choose one of the answers shown" in problems(page)
    assert "Enter a date like 2026-03-27" in problems(page)
    page = ana.post(f"{road.at('readiness_kit')}/save", {"a_percent": "100"}, status=422)
    assert "no field called a_percent" in problems(page)


def test_a_half_ticked_list_is_saved_but_not_done(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("prerequisites"))
    page = ana.submit("/complete", {"a_checked": ["data_sample", "it_hours"]}, status=422)
    assert "4 lines are still open. Tick them, or save and come back." in problems(page)
    assert [b["value"] for b in page.all("input", name="a_checked") if "checked" in b.attrs] == [
        "data_sample",
        "it_hours",
    ]


def test_one_line_ticked_six_times_is_one_line(road, visitor) -> None:
    ready(road, "prerequisites", assignee_id=None)
    ana = visitor(road.cast.ana)
    ana.get(road.at("prerequisites"))
    page = ana.submit("/complete", {"a_checked": ["data_sample"] * 6}, status=422)
    assert "5 lines are still open. Tick them, or save and come back." in problems(page)
    sent = {"version": "0", "a_checked": ["data_sample", "it_hours", "data_sample"]}
    ana.post(f"{road.at('prerequisites')}/save", sent)
    assert step_of(road, "prerequisites").data == {"checked": ["data_sample", "it_hours"]}
    page = ana.post(f"{road.at('prerequisites')}/save", {"version": "1", "a_checked": ["gold"]}, status=422)
    assert "Choose one of the answers shown" in problems(page)


def test_a_date_ahead_is_no_date_on_which_it_happened(road, visitor, clock) -> None:
    ready(road, "go_live")
    ana = visitor(road.cast.ana)
    ana.get(road.at("go_live"))
    page = ana.post(f"{road.at('go_live')}/complete", {"a_date": "2026-03-01"}, status=403)
    assert "This item is with" in problems(page)
    assert road.state("go_live") == "ready", "our own items are ours to finish"


def test_two_at_once_see_both_versions(road, visitor) -> None:
    ana, ben = visitor(road.cast.ana), visitor(road.cast.ben)
    ready(road, "purchase_reason", assignee_id=None)
    ana.get(road.at("purchase_reason"))
    ben.get(road.at("purchase_reason"))
    ben.post(f"{road.at('purchase_reason')}/save", {"version": "0", "a_reason": "His words"})
    typed = {"a_reason": "Her words", "a_impact": "Much"}
    page = ana.submit("/complete", typed, status=409)
    assert "Ben saved this while you were writing. Keep theirs, or send yours again." in problems(page)
    both = page.one("section", class_="both").text()
    assert "Ben saved this at 09:00" in both
    assert "His words" in both
    assert "Her words" in both
    assert page.one("textarea", id="a_reason").text() == "Her words"
    assert step_of(road, "purchase_reason").data == {"reason": "His words"}
    ana.submit("/complete")
    assert step_of(road, "purchase_reason").data["reason"] == "Her words"


def test_a_second_click_changes_nothing(road, visitor) -> None:
    ana, ben = visitor(road.cast.ana), visitor(road.cast.ben)
    ben.get(road.at("invite_people"))
    ready(road, "invite_people", assignee_id=None)
    ana.get(road.at("invite_people"))
    ana.submit("/complete")
    before = step_of(road, "invite_people").done_at, road.cast.onboarding.ref
    ben.post(f"{road.at('invite_people')}/complete", {"version": "0"})
    assert "is done already, by Ana." in ben.follow().text
    assert (step_of(road, "invite_people").done_at, road.cast.onboarding.ref) == before
    ready(road, "payout_account", assignee_id=None)
    for answer in ("Sent to us for a look.", "is with us already. Nothing was sent twice."):
        ana.post(f"{road.at('payout_account')}/complete", {"version": "0", "a_evidence": "There."})
        assert answer in ana.follow().text


def test_words_typed_while_a_colleague_finished_are_not_lost(road, visitor) -> None:
    ready(road, "purchase_reason", assignee_id=None)
    ana, ben = visitor(road.cast.ana), visitor(road.cast.ben)
    ana.get(road.at("purchase_reason"))
    ben.get(road.at("purchase_reason"))
    ben.submit("/complete", {"a_reason": "His", "a_impact": "Some"})
    page = ana.submit("/complete", {"a_reason": "Hers, with more", "a_impact": "Much"}, status=422)
    assert "handed in" in problems(page) or "done already" in problems(page)
    assert page.one("textarea", id="a_reason").text() == "Hers, with more"


@pytest.mark.parametrize("how", ["locked", "hold"])
def test_locked_and_on_hold_refuse_and_keep_the_words(road, visitor, clock, how) -> None:
    road.begin(clock)
    ana = visitor(road.cast.ana)
    ana.get(road.at("purchase_reason"))
    with road.changing() as onboarding:
        if how == "hold":
            onboarding.pause("Holidays.", date(2026, 4, 2), by=road.user("priya"))
        else:
            onboarding.step_called("purchase_reason").state = StepState.LOCKED
    page = ana.submit("/complete", {"a_reason": "My words", "a_impact": "Much"}, status=422)
    assert {"locked": "isn't open yet. It opens", "hold": "is paused until 2 April"}[how] in problems(page)
    assert page.one("textarea", id="a_reason").text() == "My words"
    assert step_of(road, "purchase_reason").data == {}


def test_a_step_handed_on_meanwhile_says_whose_it_is(road, visitor) -> None:
    ready(road, "purchase_reason", assignee_id=None)
    ben = visitor(road.cast.ben)
    ben.get(road.at("purchase_reason"))
    ready(road, "purchase_reason", assignee_id=road.cast.ana.id)
    page = ben.submit("/complete", {"a_reason": "My words", "a_impact": "x"}, status=403)
    assert "This item is with Ana. Ask them, or an admin of your company." in problems(page)
    assert page.one("textarea", id="a_reason").text() == "My words"
    assert road.state("purchase_reason") == "ready"
