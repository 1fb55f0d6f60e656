"""Saved views: filters of the list under a name, each person's own."""

import pytest
from sqlalchemy import select

from portal import db
from portal.activity.models import Activity, Verb
from portal.desk.models import MOST, SavedView

LIST = "/staff/accounts"


def views(page) -> list[str]:
    shown = page.all("ul", aria_label="Saved views")
    return [link.text() for link in shown[0].all("a")] if shown else []


def save(person, name: str, asked: str = "?who=all&segment=smb", **more):
    person.get(f"{LIST}{asked}")
    page = person.post(f"{LIST}/views{asked}", {"name": name}, **more)
    return person.get(page.location) if page.status == 303 else page


def test_a_view_is_a_link_to_what_was_asked_for(visitor, cast) -> None:
    priya = visitor(cast.priya)
    save(priya, "Small ones")
    page = priya.get(LIST)
    assert views(page) == ["Small ones"]
    link = page.one("ul", aria_label="Saved views").one("a")
    assert link["href"] == f"{LIST}?who=all&segment=smb"
    page = priya.get(link["href"])
    assert page.one("ul", aria_label="Saved views").one("a", aria_current="true").text() == "Small ones"
    assert page.one("select", name="segment").one("option", selected="")["value"] == "smb"
    verbs = db.session.scalars(select(Activity.verb).where(Activity.subject_type == "saved_view")).all()
    assert verbs == [Verb.VIEW_SAVED]


def test_the_same_name_is_replaced_and_that_is_said(visitor, cast) -> None:
    priya = visitor(cast.priya)
    save(priya, "Mine")
    page = save(priya, "Mine", "?who=mine&turn=us")
    assert "“Mine” shows these filters now." in page.text
    assert views(page) == ["Mine"]
    assert page.one("ul", aria_label="Saved views").one("a")["href"] == f"{LIST}?who=mine&turn=us"


@pytest.mark.parametrize(("name", "said"), [("", "Give the view a name"), (" \u200b", "Give the view a name"),
                                            ("x" * 61, "Keep this under 60 characters")])  # fmt: skip
def test_a_name_that_is_none_is_refused_where_it_was_typed(visitor, cast, name, said) -> None:
    page = save(visitor(cast.priya), name, status=422)
    assert said in page.one("div", id="problems").text()
    assert page.one("select", name="segment").one("option", selected="")["value"] == "smb"
    assert not views(page)


def test_there_is_an_end_to_it(app, visitor, cast) -> None:
    with app.test_request_context():
        db.session.add_all(SavedView(staff_id=cast.priya.id, name=f"{n}", filters={}) for n in range(MOST))
        db.session.commit()
    page = save(visitor(cast.priya), "One more", status=422)
    assert f"You have {MOST} views." in page.one("div", id="problems").text()
    assert page.one("input", name="name")["value"] == "One more"


def test_nobody_sees_or_deletes_a_colleagues(visitor, cast) -> None:
    save(visitor(cast.priya), "Hers")
    ref = db.session.scalar(select(SavedView.ref))
    june = visitor(cast.june)
    assert views(june.get(LIST)) == []
    june.post(f"{LIST}/views/{ref}/delete", status=404)
    ana = visitor(cast.ana)
    ana.get("/preferences")
    ana.post(f"{LIST}/views/{ref}/delete", status=404)
    priya = visitor(cast.priya)
    priya.get(LIST)
    page = priya.get(priya.post(f"{LIST}/views/{ref}/delete").location)
    assert "“Hers” is deleted." in page.text
    assert views(page) == []


def test_what_a_view_no_longer_finds_is_no_filter(app, visitor, cast) -> None:
    with app.test_request_context():
        asks = {"who": "gone", "stage": "no such stage", "q": "north", "colour": "red"}
        db.session.add(SavedView(staff_id=cast.priya.id, name="Old", filters=asks))
        db.session.commit()
    page = visitor(cast.priya).get(LIST)
    assert page.one("ul", aria_label="Saved views").one("a")["href"] == f"{LIST}?who=mine&q=north"
