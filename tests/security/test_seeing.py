"""Seeing as a customer: exactly what the person sees, nothing of another, nothing internal, and nothing changes."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal import clock, db
from portal.accounts.models import Person, Staff
from portal.activity.models import Activity, Audience, Verb
from portal.auth import jobs, seeing
from portal.auth.models import Session
from portal.auth.seeing import CustomerView
from tests.security.asking import Caller, changed, hashes, plain, told
from tests.security.routes import ROUTES, address, fields, rules
from tests.security.test_canary import INTERNAL_WORDS, crawl, plant, plant_internal
from tests.security.world import MISSING, OWN, THEIRS

BANNER = re.compile(r'<div class="seeing".*?</form>\s*</div>\s*', re.S)
# What stays the staff member's own while they look: their desk, and the way out of everything.
OWN_ADDRESSES = ("/staff", "/logout")


@pytest.fixture
def looks(world, caller):
    """`looks("priya", "admin")`: she sees Northwind's pages as that person does, and her caller is handed back."""

    def look(name: str = "priya", person: str = "admin", side: str = OWN) -> Caller:
        me, refs = caller(name), world.sides[side].refs
        assert me.token
        answer = me.send("POST", f"/staff/accounts/{refs['account']}/as-customer", {"person": refs[person]})
        assert answer.status_code == 303, told(answer)
        return me

    return look


def bare(answer) -> tuple:
    """An answer without the banner and what is new each time; a file's says the second at which it was sent."""
    status, text, headers = plain(answer)
    kept = [(name, value) for name, value in headers if name != "Expires"]
    return status, " ".join(BANNER.sub("", text).split()), kept


def customer_pages(app, world, side: str = OWN):
    """Every address that a customer can read, of this side's things."""
    known = rules(app)
    for (method, rule), sample in ROUTES.items():
        if (method == "GET" and rule.startswith(("/o/", "/preferences"))) or (method, rule) == ("GET", "/"):
            yield address(known[method, rule], sample, world.sides[side].refs)


@pytest.mark.parametrize(("name", "person"), [("ana", "admin"), ("nia", "mate")])
def test_every_page_is_the_one_that_the_person_sees(shared_app, world, caller, looks, name, person):
    me, differ, seen = looks(person=person), [], 0
    for path in customer_pages(shared_app, world):
        theirs, mine = bare(caller(name).send("GET", path)), bare(me.send("GET", path))
        seen += theirs[0] == 200
        if path == "/preferences":
            # Where they are signed in is theirs alone; everything else is the same.
            theirs, mine = (
                (one[0], one[1].partition("Where you are signed in")[0], one[2]) for one in (theirs, mine)
            )
        if theirs != mine:
            differ.append(path)
    assert differ == []
    assert seen > 10


def test_every_page_says_whose_eyes_and_offers_the_way_back(shared_app, world, looks):
    me = looks()
    for path in customer_pages(shared_app, world):
        answer = me.send("GET", path)
        whole = "<html" in answer.text  # A part of a page comes into one that says it.
        if answer.mimetype == "text/html" and answer.status_code != 303 and whole:
            assert "You see what Ana Moreira sees." in answer.text, path
            assert f"/staff/accounts/{world.sides[OWN].refs['account']}/as-customer/end" in answer.text
    answer = me.send("GET", f"/o/{world.sides[OWN].refs['road']}/steps/{MISSING}")
    assert (answer.status_code, "You see what Ana Moreira sees." in answer.text) == (404, True)


@pytest.mark.parametrize("how", ["form", "htmx"])
def test_every_change_is_refused_with_a_sentence(shared_app, world, looks, how):
    """Each route that changes something, with everything it needs to do its work and a token that counts."""
    me, known, wrong, asked = looks(), rules(shared_app), [], 0
    headers = {"HX-Request": "true"} if how == "htmx" else {}
    before = hashes(world.connection)
    for (method, rule), sample in ROUTES.items():
        if method == "GET" or rule.startswith(OWN_ADDRESSES):
            continue
        path, asked = address(known[method, rule], sample, world.sides[OWN].refs), asked + 1
        answer = me.send(method, path, fields(world, sample, OWN), headers=headers)
        if answer.status_code != 403 or "You are reading as Ana Moreira" not in answer.text:
            wrong.append(f"{path}: {answer.status_code}: {told(answer)}")
    assert not wrong, "\n".join(wrong)
    assert asked > 25
    assert changed(before, hashes(world.connection)) == set()


def test_reading_through_other_eyes_leaves_nothing_behind(shared_app, world, looks):
    """Not the person's last seen, not that they joined, no draft: the session that is touched is the reader's own."""
    me = looks(person="mate")
    before = hashes(world.connection)
    for path in customer_pages(shared_app, world):
        me.send("GET", path)
    assert changed(before, hashes(world.connection)) == set()
    assert db.session.get_one(Person, world.users["nia"]).joined_at is None


def test_nothing_of_another_customer_is_reached(shared_app, world, caller, looks):
    """What isn't there for Ana isn't there for whoever sees as she does, with the very same answer."""
    me, words = looks(), plant(world)
    for path in customer_pages(shared_app, world, THEIRS):
        if path in ("/", "/preferences"):
            continue
        answer = me.send("GET", path)
        assert answer.status_code == 404, path
        assert bare(answer) == bare(caller("ana").send("GET", path)), path
        assert not [where for word, where in words.items() if word in answer.text], path


def test_T06_nothing_internal_is_on_the_pages(database, world, caller, looks):
    """Whoever may read the notes at the desk doesn't find them on the customer's pages either."""
    words = plant_internal(world, caller)
    me, found = looks(), set()
    for path, text in crawl(me, ["/", f"/o/{world.sides[OWN].refs['road']}"], most=400):
        if path.startswith("/staff"):
            continue
        found |= {f"{path}: {where}" for word, where in words.items() if word in text}
        found |= {f"{path}: {word}" for word in INTERNAL_WORDS if word in BANNER.sub("", text).lower()}
    assert not found


def test_the_desk_goes_on_as_their_own(world, looks):
    me, refs = looks(), world.sides[OWN].refs
    desk = f"/staff/accounts/{refs['account']}"
    answer = me.send("GET", f"{desk}/history")
    assert answer.status_code == 200
    assert "This is your own desk." in answer.text
    assert "Priya Rao</b> began to see the pages as Ana Moreira" in answer.text
    assert me.send("GET", f"/staff/accounts/{world.sides[THEIRS].refs['account']}").status_code == 200
    assert me.send("POST", f"{desk}/notes", {"body": "Seen with her eyes", "step": ""}).status_code == 303
    last = db.session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
    assert (last.verb, last.actor_id) == (Verb.NOTE_WRITTEN, world.users["priya"])


def test_its_beginning_and_end_are_remembered_for_staff_alone(world, caller, looks):
    me, refs = looks(), world.sides[OWN].refs
    answer = me.send("POST", f"/staff/accounts/{refs['account']}/as-customer/end")
    assert answer.status_code == 303
    assert answer.location == f"/staff/accounts/{refs['account']}?o={refs['road']}"
    wanted = (Verb.CUSTOMER_VIEW_BEGUN, Verb.CUSTOMER_VIEW_ENDED)
    rows = list(db.session.scalars(select(Activity).where(Activity.verb.in_(wanted)).order_by(Activity.id)))
    assert [row.verb for row in rows] == list(wanted)
    assert {(row.audience, row.actor_id, row.onboarding_id) for row in rows} == {
        (Audience.STAFF, world.users["priya"], world.sides[OWN].road_id)
    }
    assert me.send("GET", f"/o/{refs['road']}").status_code == 403
    assert "began to see" not in caller("ana").send("GET", f"/o/{refs['road']}").text


def test_only_a_post_begins_it(shared_app, world, caller):
    me, refs = caller("priya"), world.sides[OWN].refs
    path = f"/staff/accounts/{refs['account']}/as-customer"
    before = hashes(world.connection)
    for method in ("GET", "HEAD"):
        assert me.send(method, f"{path}?person={refs['admin']}").status_code in (404, 405)
    assert changed(before, hashes(world.connection)) == set()
    assert me.send("GET", f"/o/{refs['road']}").status_code == 403


@pytest.mark.parametrize("person", ["", MISSING, "suggested", "theirs"])
def test_only_somebody_who_can_sign_in_there_lends_their_eyes(world, caller, person):
    refs = world.sides[OWN].refs
    chosen = world.sides[THEIRS].refs["admin"] if person == "theirs" else refs.get(person, person)
    answer = caller("priya").send(
        "POST", f"/staff/accounts/{refs['account']}/as-customer", {"person": chosen}
    )
    assert answer.status_code == 422
    assert "Choose one of the answers shown" in answer.text
    assert list(db.session.scalars(select(CustomerView))) == []


# --- When it is over ------------------------------------------------------------------------------


def another_browser(shared_app, world, name: str = "priya") -> Caller:
    _session, token = Session.begin(db.session.get_one(Staff, world.users[name]))
    db.session.commit()
    return Caller(shared_app, token)


def test_it_is_bound_to_the_browser_in_which_it_began(shared_app, world, looks):
    looks()
    road = f"/o/{world.sides[OWN].refs['road']}"
    assert another_browser(shared_app, world).send("GET", road).status_code == 403


def test_it_ends_by_itself_after_an_hour_and_that_is_noted(world, looks, clock):
    me, road = looks(), f"/o/{world.sides[OWN].refs['road']}"
    clock.forward(minutes=59)
    assert "It ends by itself in 1 minute." in me.send("GET", road).text
    clock.forward(minutes=1)
    assert me.send("GET", road).status_code == 403
    assert me.send("POST", f"{road}/messages", {"body": "As myself"}).status_code != 403
    for _time in range(2):
        seeing.end_overdue()
    ended = list(db.session.scalars(select(Activity).where(Activity.verb == Verb.CUSTOMER_VIEW_ENDED)))
    assert [(one.actor_id, one.personal["whom"]) for one in ended] == [(None, "Ana Moreira")]


def test_it_ends_with_its_session(world, looks):
    me, road = looks(), f"/o/{world.sides[OWN].refs['road']}"
    assert me.send("POST", "/logout").status_code == 303
    assert me.send("GET", road).status_code == 303
    assert db.session.scalars(select(CustomerView)).one().ended_at is not None


def test_it_ends_when_the_person_leaves(world, looks):
    me, road = looks(person="mate"), f"/o/{world.sides[OWN].refs['road']}"
    assert me.send("GET", road).status_code == 200
    db.session.get_one(Person, world.users["nia"]).left_at = clock.now()
    db.session.commit()
    assert me.send("GET", road).status_code == 403


def test_it_ends_when_who_looks_may_not_any_more(world, looks):
    """Their role is taken away, or they leave: their eyes are their own again, and shut."""
    me, road = looks(), f"/o/{world.sides[OWN].refs['road']}"
    db.session.get_one(Staff, world.users["priya"]).staff_roles = ["account_executive"]
    db.session.commit()
    assert me.send("GET", road).status_code == 403
    db.session.get_one(Staff, world.users["priya"]).left_at = clock.now()
    db.session.commit()
    assert me.send("GET", road).status_code == 303


def test_a_second_one_ends_the_first(world, looks):
    looks(person="admin")
    me = looks(person="mate")
    assert "You see what Nia Costa sees." in me.send("GET", f"/o/{world.sides[OWN].refs['road']}").text
    views = list(db.session.scalars(select(CustomerView).order_by(CustomerView.id)))
    assert [view.ended_at is None for view in views] == [False, True]


def test_the_database_keeps_a_session_to_one(world, looks):
    looks()
    view = db.session.scalars(select(CustomerView)).one()
    names = ("account_id", "session_id", "staff_id", "person_id", "onboarding_id", "until")
    db.session.add(CustomerView(**{name: getattr(view, name) for name in names}))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_an_old_session_takes_its_views_with_it(world, looks):
    looks()
    view = db.session.scalars(select(CustomerView)).one()
    long_ago = clock.now() - timedelta(days=200)
    db.session.execute(update(Session).where(Session.id == view.session_id).values(ends_at=long_ago))
    db.session.commit()
    jobs.tidy()
    assert list(db.session.scalars(select(CustomerView))) == []
