"""Off the straight way on the step page: in the way, not for us, not now, somebody else, a change, too late."""


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
    assert "Missing access. Rui can clear it." in page.text
    ana.submit("/unblock")
    assert road.state("prerequisites") == "ready"
    page = ana.post(f"{road.at('prerequisites')}/unblock", status=409)
    assert "Nothing is in the way of" in problems(page)


def test_leaving_out_snoozing_and_asking(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("prerequisites"))
    assert "Write one sentence about why" in problems(ana.submit("/not-for-us", {"reason": " "}, status=422))
    ana.submit("/not-for-us", {"reason": "We have no CRM."})
    assert "You asked to leave this out." in ana.follow().text
    page = ana.submit("/snooze", {"until": "2026-03-03"}, status=409)
    assert "Choose a day after today." in problems(page)
    assert page.one("input", id="until")["value"] == "2026-03-03"
    ana.submit("/snooze", {"until": "2026-03-20"})
    assert ana.follow().status == 200
    ana.get(road.at("prerequisites"))
    talk = ana.page.one("form", id="talk")
    ana.post(talk["action"], {"body": "Is a spreadsheet enough?"})
    assert "Is a spreadsheet enough?" in ana.follow().text
    assert "Is a spreadsheet enough?" in ana.get(f"{road.home}/messages").text


def test_handing_to_ben_and_to_nobody_else(road, visitor) -> None:
    ana = visitor(road.cast.ana)
    page = ana.get(road.at("prerequisites"))
    offered = [o["value"] for o in page.one("select", id="person").all("option")]
    assert offered == [road.cast.ana.ref, road.cast.ben.ref], "a sponsor only reads"
    for stranger in ("nobody", road.cast.rui.ref, road.cast.priya.ref):
        page = ana.submit("/assign", {"person": stranger}, status=422)
        assert "Choose someone who works on this onboarding" in problems(page)
    ana.submit("/assign", {"person": road.cast.ben.ref})
    assert "Ben has “Tick off the prerequisites” now and gets a letter." in ana.follow().text
    assert step_of(road, "prerequisites").assignee_id == road.cast.ben.id
    ben = visitor(road.cast.ben)
    assert not ben.get(road.at("prerequisites")).all("details", id="hand"), "only admins hand out work"
    ben.post(f"{road.at('prerequisites')}/assign", {"person": road.cast.ben.ref}, status=403)


def test_declining_says_what_should_change(road, visitor, clock) -> None:
    road.begin(clock, "welcome")
    road.do("goals_draft", lambda s: s.complete(by=road.user("priya")))
    ana = visitor(road.cast.ana)
    ana.get(road.at("success_criteria"))
    assert "Write what should change" in problems(ana.submit("/decline", status=422))
    ana.submit("/decline", {"reason": "14 hours, not 12."})
    page = ana.follow()
    assert "Your change is with us. Priya answers here." in page.text
    assert "“14 hours, not 12.”" in page.text


def test_undo_too_late_is_explained_on_the_page(road, visitor, clock) -> None:
    ana = visitor(road.cast.ana)
    ana.get(road.at("road_preview"))
    ana.submit("/complete")
    ana.get(road.at("road_preview"))
    clock.forward(minutes=11)
    page = ana.submit("/undo", status=409)
    assert "This can be undone for 10 minutes" in problems(page)
    assert road.state("road_preview") == "done"
