"""The thread as people see it; a stranger finds nothing. T02, I01, I03."""

from portal import db
from portal.messages.models import Message
from tests.calls.cast import in_app, send


def address(cast) -> str:
    return f"/o/{cast.onboarding.ref}/messages"


def test_ana_writes_and_priya_reads(app, cast, enter) -> None:
    ana = enter(cast.ana)
    page = ana.get(address(cast))
    assert "They answer within 4 working hours" in page.text
    ana.submit("/messages", {"body": "See https://example.com\nand <b>this</b> {{ 7*7 }}"})
    page = ana.follow()
    assert page.one("a", href="https://example.com")["rel"] == "nofollow noopener noreferrer ugc"
    assert "<b>this" not in page.source
    assert "{{ 7*7 }}" in page.text
    assert "and <b>this</b>" in enter(cast.priya).get(address(cast)).text


def test_only_what_the_reader_wrote_is_shown_as_theirs(app, cast, enter) -> None:
    ben = enter(cast.ben)
    ben.get(address(cast))
    ben.submit("/messages", {"body": "From Ben"})
    assert "From Ben" in ben.follow().one("li", class_="mine").text()
    page = enter(cast.ana).get(address(cast))
    assert "From Ben" in page.text
    assert not page.all("li", class_="mine")
    assert "Rui Lopesinvited, not here yet" in page.one("ul", class_="people").text()


def test_a_message_about_a_step_links_to_it(app, cast, enter) -> None:
    step = next(step for step in cast.onboarding.steps if step.visible)
    ben = enter(cast.ben)
    page = ben.get(f"{address(cast)}?step={step.ref}")
    assert f"About “{step.title}”" in page.text
    ben.submit("/messages", {"body": "Which one?"})
    assert ben.follow().one("a", class_="thread-on")["href"] == f"/o/{cast.onboarding.ref}/steps/{step.ref}"


def test_what_is_wrong_is_said_and_what_was_typed_stays(app, cast, enter) -> None:
    ana = enter(cast.ana)
    ana.get(address(cast))
    assert "Write something first" in ana.submit("/messages", {"body": "  "}, status=422).text
    page = ana.submit("/messages", {"body": "y" * 4001}, status=422)
    assert "Keep a message under 4,000 characters" in page.text
    assert "y" * 4001 in page.one("textarea").text()
    assert db.session.query(Message).count() == 0


def test_t02_strangers_and_mixed_parents_find_nothing(app, cast, enter) -> None:
    fay, ana = enter(cast.fay), enter(cast.ana)
    token = fay.token()
    fay.get(address(cast), status=404)
    send(fay, token, address(cast), {"body": "hello"}, 404)
    theirs = next(step for step in cast.rival.steps if step.visible)
    with in_app(app):
        foreign = Message.write(cast.rival, "canary", by=cast.fay)
        db.session.commit()
    token = ana.token()
    ana.get(f"{address(cast)}?step={theirs.ref}", status=404)
    ana.get(f"{address(cast)}?before={foreign.ref}", status=404)
    send(ana, token, address(cast), {"body": "x", "step": theirs.ref}, 404)
    assert "canary" not in ana.get(address(cast)).source
    assert db.session.query(Message).count() == 1


def test_fifty_messages_stand_on_a_page(app, cast, enter) -> None:
    with in_app(app):
        for n in range(51):
            Message.write(cast.onboarding, f"number {n:02}.", by=cast.ana)
        db.session.commit()
    ana = enter(cast.ana)
    page = ana.get(address(cast))
    assert len(page.one("ol", class_="thread").all("time")) == 50
    assert "number 00." not in page.text
    (earlier,) = [a for a in page.all("a") if a.text() == "Earlier messages"]
    assert "number 00." in ana.get(earlier["href"]).text
