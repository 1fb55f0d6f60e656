"""The step page (W2): every kind in every state, as everybody sees it. The judge of pages reads each one."""

from datetime import UTC, date, datetime

import pytest

from portal.calls.models import Call
from portal.onboardings.states import StepState

# One of each kind, all of them the customer's.
KINDS = {
    "read": "admin_guide",
    "watch": "road_preview",
    "checklist": "prerequisites",
    "form": "readiness_kit",
    "choose_path": "payout_choice",
    "upload": "import_partners",
    "invite": "invite_people",
    "book_call": "book_kickoff",
    "attend_call": "kickoff",
    "approve": "success_criteria",
    "confirm": "payout_account",
}


@pytest.fixture
def put(road, clock):
    """Day 0 has come; puts one of each kind into a state, as the columns say it."""
    road.begin(clock)

    def into(state: str, **columns: object) -> None:
        with road.changing() as onboarding:
            onboarding.step_called("goals_draft").state = StepState.DONE
            for key in KINDS.values():
                step = onboarding.step_called(key)
                step.state, step.waiting = StepState(state), False
                for name, value in columns.items():
                    setattr(step, name, value)

    return into


def pages(road, visitor, name: str = "ana"):
    """Every kind's page as this person sees it."""
    browser = visitor(getattr(road.cast, name))
    for kind, key in KINDS.items():
        page = browser.get(road.at(key))
        assert page.one("h1").text() == road.cast.step(key).title, kind
        assert "Why" in page.text
        assert "Done when" in page.text
        yield kind, page


def worked_on(page) -> bool:
    """Whether the page offers to finish the step."""
    return any(f.get("action").endswith(("/complete", "/calls/book")) for f in page.all("form"))


def said(page) -> str:
    found = page.all("div", id="said")
    return found[0].text() if found else ""


def test_the_kinds_are_all_of_them(road) -> None:
    assert {road.cast.step(key).kind: key for key in KINDS.values()} == KINDS


@pytest.mark.parametrize("state", ["ready", "in_progress", "returned"])
def test_open_steps_can_be_done(road, visitor, put, state) -> None:
    put(state, return_reason="Two rows have no tax form." if state == "returned" else None)
    for kind, page in pages(road, visitor):
        assert worked_on(page), kind
        assert ("“Two rows have no tax form.”" in said(page)) == (state == "returned"), kind
        assert "Something's in the way" in page.text, kind
        assert ("Save and come back" in page.text) == (kind in ("checklist", "form", "upload", "confirm")), (
            kind
        )


def test_locked_steps_can_be_read(road, visitor, put) -> None:
    put("locked")
    for kind, page in pages(road, visitor):
        assert "Not open yet. It opens " in said(page), kind
        assert not worked_on(page), kind
        assert "Not now" not in page.text, kind


def test_steps_with_us_say_who_looks_and_by_when_they_hear(road, visitor, put, clock) -> None:
    put("submitted", submitted_at=clock.now)
    for kind, page in pages(road, visitor):
        told = [f"With us. {who} looks at it; you hear by Wed 11 March." for who in ("Priya", "Tomás")]
        assert said(page) in told, kind
        assert not worked_on(page), kind
    clock.forward(days=3)
    page = visitor(road.cast.ana).get(road.at("road_preview"))
    assert said(page) == "With us. Priya looks at it and answers here.", "no promise that has passed"


BLOCKED = {"blocked_by": "access", "blocked_detail": "No password.", "blocked_from": "ready"}


def test_blocked_steps_say_what_and_who(road, visitor, put) -> None:
    put("blocked", **BLOCKED, unblocker="Rui")
    for kind, page in pages(road, visitor):
        assert "Missing access. Rui can clear it." in said(page), kind
        assert "“No password.”" in said(page), kind
        assert "It's sorted" in said(page), kind
        assert not page.all("details", id="block"), kind


@pytest.mark.parametrize(
    ("named", "then"),
    [
        ("Rui Tavares", "Rui Tavares can clear it. Say here when it's sorted; Priya knows and helps"),
        ("our bank", "our bank can clear it. Say here when it's sorted; Priya knows and helps"),
        ("ana", "You can clear it. Say here when it's sorted; Priya helps if you ask."),
        ("Tomás", "Tomás clears it and answers here. Until then it asks nothing of you."),
        ("", "Priya clears it and answers here. Until then it asks nothing of you."),
    ],
)
def test_whoever_can_clear_it_is_told_what_comes_next(road, visitor, put, named, then) -> None:
    put("blocked", **BLOCKED, unblocker=named)
    assert f"Missing access. {then}" in said(visitor(road.cast.ana).get(road.at("road_preview")))


def test_a_step_put_off_says_until_when(road, visitor, put, clock) -> None:
    put("ready", snoozed_until=date(2026, 3, 12))
    assert all(said(page).startswith("Put off until Thu 12 March.") for _kind, page in pages(road, visitor))
    assert worked_on(visitor(road.cast.ana).get(road.at("road_preview")))
    clock.forward(days=3)
    assert all(said(page) == "" for _kind, page in pages(road, visitor))


def test_done_steps_say_who_and_when(road, visitor, put, clock) -> None:
    put("done", done_at=clock.now, done_by_id=road.cast.ana.id, done_via="customer")
    for kind, page in pages(road, visitor):
        undo = "" if kind in ("book_call", "attend_call") else " Undo"
        assert said(page) == f"Done by you · 9 Mar{undo}", kind
        assert not worked_on(page), kind
        assert "Stuck?" not in page.text, kind
    assert all(said(page) == "Done by Ana · 9 Mar" for _kind, page in pages(road, visitor, "ben"))
    clock.forward(minutes=10)
    assert all(said(page) == "Done by you · 9 Mar" for _kind, page in pages(road, visitor))


def test_done_for_you_and_done_with_a_call_say_so(road, visitor, put, clock) -> None:
    put("done", done_at=clock.now, done_by_id=road.cast.priya.id, done_via="staff", done_for_you=True)
    assert all(said(page) == "Done for you by Priya · 9 Mar" for _kind, page in pages(road, visitor))
    put("done", done_via="call", done_for_you=False)
    assert all(said(page) == "Done with the call · 9 Mar" for _kind, page in pages(road, visitor))


def test_skipped_steps_say_why(road, visitor, put) -> None:
    put("skipped", skip_reason="You have no CRM.")
    for kind, page in pages(road, visitor):
        assert said(page) == "Left out. You have no CRM.", kind
        assert not worked_on(page), kind


def test_asked_to_leave_out_and_reopened(road, visitor, put) -> None:
    put("ready", asked_to_skip="We have no CRM.")
    for kind, page in pages(road, visitor):
        assert "Somebody of yours asked to leave this out." in said(page), kind
        assert "Doesn't apply to us" not in page.text, kind
        assert worked_on(page), kind
    put("ready", asked_to_skip=None, reopen_reason="Two people have left.")
    assert all(
        "We reopened this. “Two people have left.”" in said(page) for _kind, page in pages(road, visitor)
    )


def test_on_hold_nothing_can_be_done(road, visitor, put) -> None:
    put("ready")
    with road.changing() as onboarding:
        onboarding.pause("Your data team is away.", date(2026, 4, 2), by=road.user("priya"))
    for kind, page in pages(road, visitor):
        assert said(page) == "Paused until 2 April. Your data team is away.", kind
        assert not worked_on(page), kind
        assert "Stuck?" not in page.text, kind


def test_a_colleagues_step_says_whose_it_is(road, visitor, put) -> None:
    put("ready", assignee_id=road.cast.ana.id)
    for kind, page in pages(road, visitor, "ben"):
        how = "It is agreed for your whole company." if kind == "approve" else "An admin can hand it to you."
        assert said(page) == f"This is with Ana. {how}", kind
        assert not worked_on(page), kind
    for kind, page in pages(road, visitor, "rui"):
        assert said(page) == "You are reading along. Admins and teammates work on items.", kind
        assert not worked_on(page), kind


def test_one_call_at_a_time_is_offered(road, visitor, put, clock) -> None:
    put("ready")
    assert worked_on(visitor(road.cast.ana).get(road.at("kickoff")))
    with road.changing() as onboarding:
        Call.book(
            onboarding,
            kind="kickoff",
            title="Meet Priya",
            minutes=60,
            agenda=[],
            owner=road.user("priya"),
            start=datetime(2026, 3, 10, 15, tzinfo=UTC),
            by=road.user("ana"),
            people=[road.user("ana")],
            step=onboarding.step_called("kickoff"),
        )
    for days in (0, 2):
        clock.forward(days=days)
        page = visitor(road.cast.ana).get(road.at("kickoff"))
        assert not worked_on(page), "booked, or over and not logged yet"
        assert "Meet Priya" in [heading.text() for heading in page.all("h3")]


# --- Details ------------------------------------------------------------------------------------


def test_the_ticket_says_by_once(road, visitor, clock) -> None:
    page = visitor(road.cast.ana).get(road.at("purchase_reason"))
    ticket = page.one("dl", class_="ticket").text()
    assert "By by" not in ticket
    assert "Who you change" in ticket
    clock.forward(days=60)
    assert (
        "Planned for "
        in visitor(road.cast.ana).get(road.at("purchase_reason")).one("dl", class_="ticket").text()
    )


def test_an_approval_waits_for_what_it_is_about(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("success_criteria"))
    assert said(page) == "With us. Priya writes it first; then it is yours to read."
    assert not worked_on(page)

    def write(step) -> None:
        step.save({"goal_1": "Payouts in 2 hours, not 14"}, version=0, by=road.user("priya"))
        step.complete(by=road.user("priya"))

    road.do("goals_draft", write)
    page = ana.get(road.at("success_criteria"))
    assert "Payouts in 2 hours, not 14" in page.text
    assert worked_on(page)
    hidden = road.at("goals_draft")
    assert not page.all("a", href=hidden)
    ana.get(hidden, status=404)


def test_callouts_have_letters_and_captions(road, visitor, put) -> None:
    put("ready")
    page = visitor(road.cast.ana).get(road.at("payout_account"))
    picture = page.one("figure", class_="shot")
    wide, narrow = picture.all("div", class_="shot-frame")
    for shown in (wide, narrow):
        assert "Payouts chosen" in shown.one("img")["alt"]
        assert [b.text() for b in shown.all("b")] == ["A", "B", "C"]
    assert [b.text() for b in picture.one("ol").all("b")] == ["A", "B", "C"]


def test_settings_are_linked_only_where_the_product_is_known(road, visitor, put) -> None:
    from portal.accounts.models import Provider

    put("ready")
    assert "Open settings" not in visitor(road.cast.ana).get(road.at("payout_account")).text
    with road.changing():
        road.user("priya")
        from portal import db

        db.session.get_one(Provider, 1).product_base_url = "https://app.partnerly.example/"
    page = visitor(road.cast.ana).get(road.at("payout_account"))
    assert page.all("a", href="https://app.partnerly.example/settings/payouts")


@pytest.mark.parametrize(
    ("wish", "part"), [("hand", "hand"), ("not-now", "not-now"), ("", None), ("x", None)]
)
def test_a_link_can_ask_for_an_unfolded_part(road, visitor, wish, part) -> None:
    page = visitor(road.cast.ana).get(f"{road.at('purchase_reason')}?do={wish}")
    opened = [d["id"] for d in page.all("details", class_="unfold") if "open" in d.attrs]
    assert opened == ([part] if part else [])
    if part:
        form = page.one("article").one("details", id=part)
        assert road.cast.step("purchase_reason").title in form.one("summary").text(), (
            "on top, and says of what"
        )


def test_what_is_in_the_way_is_sorted_first(road, visitor, put) -> None:
    put("blocked", **BLOCKED, unblocker="Rui")
    page = visitor(road.cast.ana).get(road.at("road_preview"))
    main = [b.text() for b in page.one("article").all("button") if "btn--main" in b.get("class")]
    assert main == ["It's sorted"]


def test_preferences_lead_back_to_their_item(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    link = next(a["href"] for a in ana.get(road.at("set_preferences")).all("a") if "?from=" in a.get("href"))
    page = ana.get(link)
    assert page.all("a", href=road.at("set_preferences"))
    assert ana.submit(link).location.endswith(road.at("set_preferences"))
    assert not ana.get("/preferences?from=nothing").all("p", class_="back")


def test_questions_that_depend_on_others_are_marked(road, visitor) -> None:
    page = visitor(road.cast.ana).get(road.at("readiness_kit"))
    crm = next(d for d in page.all("div", class_="asked-when") if d["data-when-is"] == "Another one")
    assert crm["data-when-field"] == "a_crm"
    assert "Only if you answered “Another one” above." in crm.text()
    assert "Only if you answered “Yes” above." in page.text
    sections = [h.text() for h in page.all("h3", class_="form-section")]
    assert sections == [
        "Your goal",
        "Your people",
        "Your set-up",
        "How you like to learn",
        "Timing and limits",
    ]


def test_the_files_of_a_step_can_be_had_and_no_others(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("prerequisites"))
    link = next(a["href"] for a in page.all("a") if a.get("href").endswith("import-template.csv"))
    assert "attachment" in ana.get(link).headers["Content-Disposition"]
    ana.get(f"{road.at('prerequisites')}/files/..%2Fpartner-programme.yaml", status=404)
    ana.get(f"{road.at('road_preview')}/files/import-template.csv", status=404)


def test_why_they_bought_is_filled_in_where_it_is_known(road, visitor) -> None:
    road.do("purchase_reason", lambda s: setattr(s.onboarding, "quote", "Pay partners on time."))
    page = visitor(road.cast.ana).get(road.at("purchase_reason"))
    assert "Pay partners on time." in [box.text() for box in page.all("textarea")]
