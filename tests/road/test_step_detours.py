"""Off the straight way on the step page: in the way, not for us, not now, somebody else, a change, too late."""

from datetime import date

from portal.calendars import Calendar
from portal.notifications import letters as notifications
from portal.road.step_offers import later_days


def problems(page) -> str:
    return page.one("div", id="problems").text()


def step_of(road, key: str):
    with road.changing() as onboarding:
        return onboarding.step_called(key)


def test_blocking_and_sorting(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("prerequisites"))
    page = ana.submit("/block", {"detail": "x" * 401}, status=422)
    told = problems(page)
    assert "Choose what is in the way" in told
    assert "Keep this under 400 characters" in told
    assert "Name who can clear it" in told
    assert page.one("details", id="block").attrs.get("open") is not None
    assert page.one("textarea", id="detail").text() == "x" * 401
    ana.submit("/block", {"reason": "access", "detail": "No password yet.", "unblocker": "Rui"})
    page = ana.follow()
    assert "Noted, and Priya knows." in page.text
    assert "Missing access. Rui can clear it." in page.text
    ana.submit("/unblock")
    assert road.state("prerequisites") == "ready"
    page = ana.post(f"{road.at('prerequisites')}/unblock", status=422)
    assert "Nothing is in the way of" in problems(page)


def test_leaving_out_and_asking(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("prerequisites"))
    assert "Write one sentence about why" in problems(ana.submit("/not-for-us", {"reason": " "}, status=422))
    ana.submit("/not-for-us", {"reason": "We have no CRM."})
    assert "You asked to leave this out." in ana.follow().text
    ana.get(road.at("prerequisites"))
    talk = ana.page.one("form", id="talk")
    ana.post(talk["action"], {"body": "Is a spreadsheet enough?"})
    assert "Is a spreadsheet enough?" in ana.follow().text
    assert "Is a spreadsheet enough?" in ana.get(f"{road.home}/messages").text


def test_handing_to_ben_and_to_nobody_else(road, visitor) -> None:
    road.joins("ben")
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("prerequisites"))
    offered = [o["value"] for o in page.one("select", id="person").all("option")]
    assert offered == ["", road.cast.ben.ref], "not herself, and a sponsor only reads"
    assert "Choose who does it" in problems(ana.submit("/assign", status=422))
    for stranger in ("nobody", road.cast.rui.ref, road.cast.priya.ref):
        page = ana.submit("/assign", {"person": stranger}, status=422)
        assert "Choose someone who works on this onboarding" in problems(page)
    ana.submit("/assign", {"person": road.cast.ben.ref})
    assert "Ben has “Tick off the prerequisites” now and gets a letter." in ana.follow().text
    assert step_of(road, "prerequisites").assignee_id == road.cast.ben.id
    ben = visitor(road.cast.ben)
    assert not ben.get(road.at("prerequisites")).all("details", id="hand"), "only admins hand out work"
    ben.post(f"{road.at('prerequisites')}/assign", {"person": road.cast.ben.ref}, status=403)


def test_an_admin_takes_a_step_back(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    road.do("prerequisites", lambda s: s.hand_to(road.user("ben"), by=road.user("ana")))
    page = ana.get(road.at("prerequisites"))
    part = page.one("details", id="hand")
    assert "Nobody else of yours can do it yet. Invite someone" in part.text(), "Ben has it already"
    assert not part.all("select")
    assert "Take it yourself" in part.text()
    ana.post(f"{road.at('prerequisites')}/assign", {"person": road.cast.ana.ref})
    assert "“Tick off the prerequisites” is yours now." in ana.follow().text
    assert "Take it yourself" not in ana.get(road.at("prerequisites")).text


def test_declining_says_what_should_change(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    road.do("goals_draft", lambda s: s.complete(by=road.user("priya")))
    ana = visitor(road.cast.ana)
    ana.get(road.at("success_criteria"))
    assert "Write what should change" in problems(ana.submit("/decline", status=422))
    ana.submit("/decline", {"reason": "14 hours, not 12."})
    page = ana.follow()
    assert "The change is with us. Priya looks at it; you hear by Wed 11 March." in page.text
    assert "“14 hours, not 12.”" in page.text
    home = ana.get(road.home)
    assert "It's sorted" not in home.text
    assert "is waiting for something" not in home.text
    row = next(row for row in home.all("li", class_="row") if "Agree what success looks like" in row.text())
    assert "is-with_us" in row["class"]
    assert "with us" in row.text()
    assert row.text().endswith("Priya")
    assert "asked for a change to “Agree what success looks like”" in home.text


def test_undo_too_late_is_explained_on_the_page(road, visitor, clock) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("road_preview"))
    ana.submit("/complete")
    ana.get(road.at("road_preview"))
    clock.forward(minutes=11)
    page = ana.submit("/undo", status=422)
    assert "This can be undone for 10 minutes" in problems(page)
    assert road.state("road_preview") == "done"


# --- Not now ------------------------------------------------------------------------------------


def test_not_now_offers_days_as_buttons(road, visitor) -> None:
    road.do("purchase_reason", lambda step: setattr(step, "due_on", date(2026, 3, 10)))
    ana = visitor(road.cast.ana)
    form = ana.get(road.at("purchase_reason")).one("details", id="not-now").one("form")
    assert [button.text() for button in form.one("fieldset").all("button")] == [
        "Tomorrow Wed 4 Mar",
        "Before it is due Mon 9 Mar",
        "In a week Tue 10 Mar",
    ]
    ana.submit("/snooze", {"quick": "2026-03-09"})
    assert "comes back on Mon 9 March." in ana.follow().text
    assert step_of(road, "purchase_reason").snoozed_until == date(2026, 3, 9)


def test_not_now_takes_a_day_of_ones_own(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("prerequisites"))
    for typed, sentence in {
        "": "Choose a day after today",
        "soon": "Enter a date like 2026-03-27",
        "2036-03-20": "Choose a date within the next two years",
    }.items():
        page = ana.submit("/snooze", {"until": typed}, status=422)
        assert problems(page) == f"There is a problem {sentence}"
        assert page.one("details", id="not-now").attrs.get("open") is not None
    page = ana.submit("/snooze", {"until": "2026-03-03"}, status=422)
    assert "Choose a day after today." in problems(page)
    assert page.one("input", id="until")["value"] == "2026-03-03"
    ana.submit("/snooze", {"until": "2026-03-20"})
    assert "comes back on Fri 20 March." in ana.follow().text
    ana.get(road.at("prerequisites"))
    ana.submit("/snooze", {"until": "gibberish", "quick": "2026-03-04"})
    assert step_of(road, "prerequisites").snoozed_until == date(2026, 3, 4), "the button is what was pressed"


def test_the_days_offered_are_working_days_after_today_each_once() -> None:
    class Account:
        calendar = Calendar()
        today = date(2026, 3, 6)  # A Friday.

    def words(due: date | None) -> dict[str, date]:
        return {later.word: later.day for later in later_days(due, Account())}

    monday, friday = date(2026, 3, 9), date(2026, 3, 13)
    assert words(monday) == {"Next working day": monday, "In a week": friday}, "nothing lies before Monday"
    assert words(None) == words(monday)
    assert words(date(2026, 3, 13)) == words(None) | {"Before it is due": date(2026, 3, 12)}
    Account.today = date(2026, 3, 8)
    assert list(words(date(2026, 3, 14))) == ["Tomorrow", "Before it is due", "In a week"]
    assert words(date(2026, 3, 17))["In a week"] == date(2026, 3, 16), "one day is offered once"
    assert len(words(date(2026, 3, 17))) == 2


def test_put_off_past_its_date_says_so_and_tells_us(road, visitor) -> None:
    road.do("purchase_reason", lambda step: setattr(step, "due_on", date(2026, 3, 10)))
    ana = visitor(road.cast.ana)
    ana.get(road.at("purchase_reason"))
    ana.submit("/snooze", {"until": "2026-03-11"})
    assert "That is after its date, 10 March; Priya is told." in ana.follow().text
    said = ana.get(road.at("purchase_reason")).one("div", id="said").text()
    assert "after its date, 10 March; Priya is told. Or do it now." in said
    with road.changing():
        about = f"step:{road.cast.step('purchase_reason').id}:put_off"
        assert notifications.leaves(road.user("priya"), about) is not None
    page = ana.submit("/snooze", {"until": "2027-03-11"}, status=422)
    assert "when the programme ends" in problems(page)


def test_handing_says_when_the_letter_comes(road, visitor, clock) -> None:
    clock.forward(days=4, hours=10)  # A Saturday.
    road.do("prerequisites", lambda step: setattr(step, "due_on", date(2026, 3, 9)))
    ana = visitor(road.cast.ana)
    part = ana.get(road.at("prerequisites")).one("details", id="hand")
    assert "Ben hasn't joined yet." in part.text()
    assert part.all("a", href=f"{road.home}/people#invite")
    ana.submit("/assign", {"person": road.cast.ben.ref})
    assert "finds it on coming in by the invitation." in ana.follow().text
    ana.post(f"{road.at('prerequisites')}/assign", {"person": road.cast.ana.ref})
    road.joins("ben")
    ana.get(road.at("prerequisites"))
    ana.submit("/assign", {"person": road.cast.ben.ref})
    told = ana.follow().text
    assert "gets a letter on Monday morning." in told
    assert "It is planned for Mon 9 March, so tell them yourself too." in told


def test_a_teammate_goes_on_from_their_own_part(road, visitor) -> None:
    road.do("prerequisites", lambda step: step.hand_to(road.user("ben"), by=road.user("ana")))
    ben = visitor(road.cast.ben)
    assert any("?do=not-now" in a.get("href") for a in ben.get(f"{road.home}/mine").all("a"))
    ben.get(road.at("prerequisites"))
    assert ben.submit("/snooze", {"quick": "2026-03-04"}).location.endswith("/mine")


def test_what_is_agreed_for_the_company_is_for_admins(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    road.do("goals_draft", lambda s: s.complete(by=road.user("priya")))
    ana, ben = visitor(road.cast.ana), visitor(road.cast.ben)
    part = ana.get(road.at("success_criteria")).one("details", id="hand")
    assert "Nobody else of yours can do it yet." in part.text()
    page = ana.post(f"{road.at('success_criteria')}/assign", {"person": road.cast.ben.ref}, status=422)
    assert "is agreed for the whole company. Choose an admin." in page.text
    road.do("success_criteria", lambda s: setattr(s, "assignee_id", None))
    page = ben.get(road.at("success_criteria"))
    assert "This is with an admin. It is agreed for your whole company." in page.text
    page = ben.post(f"{road.at('success_criteria')}/complete", {"version": "0"}, status=403)
    assert "so an admin of yours does it." in problems(page)
    assert road.state("success_criteria") == "ready"
