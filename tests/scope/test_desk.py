"""Staff write what is in and what is needed, ask for an answer, and set the priority."""

import pytest
from sqlalchemy import select

from portal import db, mail
from portal.activity.models import Activity, Audience, Verb
from portal.notifications.models import DigestItem
from portal.onboardings.models import Onboarding
from portal.scope import rules
from portal.scope.models import Scope
from tests import make
from tests.scope.conftest import state, the


@pytest.fixture
def at(cast) -> str:
    return f"/staff/accounts/{cast.account.ref}/scope"


@pytest.fixture
def priya(visitor, cast, at):
    """Priya on the page."""
    visit = visitor(cast.priya)
    visit.get(at)
    return visit


def submit(visit, ending: str, data=None, status=303):
    """The form whose address ends so, before what says which road."""
    action = next(
        f.get("action") for f in visit.page.all("form") if f.get("action").partition("?")[0].endswith(ending)
    )
    return visit.submit(action, data, status)


NO = {
    "side": "not_in",
    "statement": "Single sign-on",
    "why": "Nobody uses it yet",
    "alternative": "In autumn",
}


def test_what_is_added_stands_with_the_customer(priya, visitor, cast) -> None:
    submit(priya, "/scope/items", NO)
    submit_again = priya.get(priya.page.location)
    assert "Single sign-on" in submit_again.text
    text = visitor(cast.ana).get(f"/o/{cast.onboarding.ref}/scope").text
    assert "Nobody uses it yet" in text
    assert "Instead: In autumn" in text
    assert [item.key for item in the(cast).standing][:2] == ["import", "chains"]


def test_sent_twice_it_stands_there_once(priya, cast, at) -> None:
    priya.post(f"{at}/items", NO)
    priya.get(at)
    priya.post(f"{at}/items", NO)
    assert [item.statement for item in the(cast).items].count("Single sign-on") == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"why": ""}, "A no needs its reason"),
        ({"why": " \u200b "}, "A no needs its reason"),
        ({"statement": ""}, "Write what is in or not in"),
        ({"statement": "x" * 201}, "under 200 characters"),
        ({"why": "x" * 20000}, "under 2000 characters"),
        ({"side": "perhaps"}, "Choose one of the answers shown"),
        ({"position": "0"}, "no field called position"),
    ],
)
def test_a_no_without_a_reason_and_other_wrong_words(priya, cast, at, wrong, said) -> None:
    page = priya.post(f"{at}/items", {**NO, **wrong}, status=422)
    assert said in page.text
    assert page.one("input", id="items-new-statement")["value"] == {**NO, **wrong}["statement"]
    assert not db.session.scalars(select(Scope)).all()


NEED = {
    "kind": "people", "what": "A finance colleague", "person": "", "who": "", "hours": "1,5",
    "first_stage": "training", "last_stage": "training",
}  # fmt: skip


@pytest.mark.parametrize("wrong", ["0", "41", "-1", "1e1", "half", "0,1", "nan"])
def test_hours_that_are_none(priya, cast, at, wrong) -> None:
    page = priya.post(f"{at}/needs", {**NEED, "hours": wrong}, status=422)
    assert "Write hours from 0.25 to 40" in page.text
    assert page.one("input", id="needs-new-hours")["value"] == wrong


def test_a_need_with_a_comma_and_with_dates_that_move_with_the_road(priya, cast, at) -> None:
    priya.post(f"{at}/needs", NEED)
    need = the(cast).needs[-1]
    assert need.minutes == 90
    training = next(s for s in the(cast).onboarding.stages if s.key == "training")
    before = need.window(the(cast).windows)
    assert before == (training.planned_start, training.planned_end)
    training.planned_end = training.planned_end.replace(year=2027)
    assert need.window({"training": (training.planned_start, training.planned_end)})[1].year == 2027
    priya.get(at)
    page = priya.post(f"{at}/needs", {**NEED, "what": "More", "last_stage": "welcome"}, status=422)
    assert "It ends before it begins" in page.text
    page = priya.post(f"{at}/needs", {**NEED, "what": "More", "person": "person:foreign"}, status=422)
    assert "Choose one of the answers shown" in page.text


def confirm_all(cast, app) -> None:
    with app.test_request_context():
        scope = Scope.kept(the(cast).onboarding)
        scope.agree(seen=rules.told(scope.marks), by=cast.ana)
        seen = rules.told({need.key: need.terms.mark for need in scope.needs})
        scope.confirm(scope.needs, seen=seen, by=cast.ana)
        db.session.commit()


def test_what_changes_after_the_agreement_is_asked_again_and_the_items_stay_done(
    priya, visitor, cast, app, at
) -> None:
    confirm_all(cast, app)
    priya.get(at)
    submit(priya, "/items/import", {"statement": "Your partner list is imported twice"})
    priya.get(at)
    submit(priya, "/needs/lead", {"hours": "4"})
    assert (state(cast, "scope"), state(cast, "resources")) == ("done", "done")
    ana = visitor(cast.ana)
    text = ana.get(f"/o/{cast.onboarding.ref}/scope").text
    assert "Changed since then." in text
    assert "before: Your partner list is imported" in text
    assert "Changed since it was confirmed on" in text
    ana.submit("/agree")
    assert the(cast).is_agreed
    assert len(the(cast).agreements) == 2


def test_two_who_change_one_line(priya, visitor, cast, at) -> None:
    june = visitor(cast.june)
    june.get(at)
    submit(priya, "/items/import", {"statement": "Theirs"})
    page = submit(june, "/items/import", {"statement": "Mine"}, status=409)
    assert "Somebody changed “Theirs” meanwhile" in page.text
    assert page.one("input", id="items-import-statement")["value"] == "Mine"
    submit(june, "/items/import")
    assert the(cast).item("import").statement == "Mine"


def test_left_out_and_back_and_a_stale_press(priya, visitor, cast, at) -> None:
    june = visitor(cast.june)
    june.get(at)
    submit(priya, "/items/chains/leave_out")
    assert "chains" not in the(cast).marks
    submit(june, "/items/chains/leave_out", status=422)
    assert "left out already" in june.page.text
    priya.get(at)
    submit(priya, "/items/chains/bring_back")
    assert "chains" in the(cast).marks


def test_a_double_press_moves_one_place(priya, cast, at) -> None:
    form = next(f for f in priya.page.all("form") if "/needs/lead/down" in f.get("action"))
    seen = form.one("input", name="seen")["value"]
    priya.post(f"{at}/needs/lead/down", {"seen": seen})
    priya.get(at)
    priya.post(f"{at}/needs/lead/down", {"seen": seen}, status=409)
    assert [n.key for n in the(cast).needs] == ["it", "lead", "sample"]


def test_the_last_unconfirmed_need_left_out_finishes_the_item(priya, cast, app, at) -> None:
    with app.test_request_context():
        scope = Scope.kept(the(cast).onboarding)
        some = [need for need in scope.needs if need.key != "sample"]
        scope.confirm(some, seen=rules.told({n.key: n.terms.mark for n in some}), by=cast.ana)
        db.session.commit()
    priya.get(at)
    submit(priya, "/needs/sample/leave_out")
    assert state(cast, "resources") == "done"


def test_asked_once_for_what_stands_there(priya, cast, at) -> None:
    def told() -> list[int]:
        """Whose digest, or letter, tells of it: each has had one today."""
        about = f"scope:{cast.onboarding.id}"
        lines = select(DigestItem.user_id).where(DigestItem.about == about)
        letters = select(mail.Letter.user_id).where(mail.Letter.about == about)
        return sorted([*db.session.scalars(lines), *db.session.scalars(letters)])

    submit(priya, "/scope/ask")
    assert told() == sorted([cast.ana.id, cast.rui.id])
    priya.get(at)
    priya.post(f"{at}/ask")
    assert "They know of it already" in priya.follow().text
    assert len(told()) == 2
    asked = select(Activity).where(Activity.verb == Verb.SCOPE_ASKED)
    assert len(db.session.scalars(asked).all()) == 1


def test_nothing_to_ask_when_all_is_agreed(priya, cast, app, at) -> None:
    confirm_all(cast, app)
    priya.get(at)
    page = priya.post(f"{at}/ask", status=422)
    assert "Nothing waits for an answer" in page.text


def test_priority_is_proposed_set_and_ours_alone(priya, visitor, cast, app, at) -> None:
    assert "Size 2 is proposed by their segment" in priya.page.text
    assert "confirmed no hours" in priya.page.text
    confirm_all(cast, app)
    assert "Resources 2 are proposed by the 3.5 h a week" in priya.get(at).text
    june = visitor(cast.june)
    june.get(at)
    submit(priya, "/priority", {"size": "3", "change_resources": "2"})
    road = db.session.get_one(Onboarding, cast.onboarding.id)
    db.session.refresh(road)
    assert road.priority == 6
    assert "priority 6 of 9" in priya.get(f"/staff/accounts/{cast.account.ref}").text
    page = submit(june, "/priority", {"size": "1", "change_resources": "1"}, status=409)
    assert "A colleague chose otherwise" in page.text
    june.post(f"{at}/priority", {"size": "4", "change_resources": "1", "seen": ""}, status=422)
    said = db.session.scalars(select(Activity).where(Activity.verb == Verb.PRIORITY_SET)).one()
    assert said.audience == Audience.STAFF
    for path in ("", "/scope"):
        assert "priority" not in visitor(cast.ana).get(f"/o/{cast.onboarding.ref}{path}").text.lower()


def test_a_paused_road_changes_nothing(priya, cast, app, at) -> None:
    with app.test_request_context():
        road = the(cast).onboarding
        road.pause("Holidays", road.account.today.replace(month=5), by=cast.priya)
        db.session.commit()
    page = priya.post(f"{at}/items", NO, status=422)
    assert "paused until" in page.text


def test_only_whoever_edits_whole_roads(visitor, cast, at) -> None:
    visitor(cast.tomas).get(at, status=403)
    visitor(cast.sam).get(at, status=403)
    visitor(cast.ana).get(at, status=404)
    fabrikam = make.account("Fabrikam")
    priya = visitor(cast.priya)
    priya.get(f"/staff/accounts/{fabrikam.ref}/scope?o={cast.onboarding.ref}", status=404)
    priya.get(at)
    priya.post(f"{at}/items/nothing", NO, status=404)
