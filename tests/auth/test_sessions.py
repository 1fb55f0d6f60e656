"""Sessions: begun under a new id, ended by time, by the person and by leaving; traced at most every five minutes."""

from datetime import timedelta

import pytest
from flask_login import current_user
from sqlalchemy import select

from portal import db
from portal.accounts.models import Staff, User
from portal.activity.models import Activity, Verb
from portal.auth import sessions
from portal.auth.links import link_for
from portal.auth.models import Session
from portal.auth.queries import device_words, sessions_of
from portal.onboardings import leaving
from tests.auth.conftest import link_in, viewer_of
from tests.infra.visit import Visitor

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"


def rows() -> list[Session]:
    db.session.expire_all()
    return list(db.session.scalars(select(Session).order_by(Session.id)))


def cookie(browser: Visitor, name: str = "session") -> str:
    found = browser.client.get_cookie(name)
    return found.value if found else ""


def test_S01_signing_in_brings_a_new_id_whatever_the_browser_came_with(people, enter, visitor):
    browser = visitor()
    browser.client.set_cookie("session", "planted-by-somebody")
    enter(people.ana, browser)
    first = cookie(browser)
    assert first != "planted-by-somebody"
    enter(people.ana, browser)
    assert cookie(browser) != first
    thief = visitor()
    thief.client.set_cookie("session", first)
    assert not viewer_of(thief)
    thief.client.set_cookie("session", "planted-by-somebody")
    assert not viewer_of(thief)
    assert [row.ended_at is None for row in rows()] == [False, True]


def test_S01_a_form_opened_before_signing_in_does_not_count_after(people, enter, visitor):
    browser = visitor()
    before = browser.token()
    enter(people.ana, browser)
    assert browser.client.post("/logout", data={"csrf_token": before}).status_code == 400
    assert viewer_of(browser)


def test_the_cookie_is_for_the_server_only(people, app, ask):
    browser, letter = ask(people.ana.email)
    browser.get(link_in(letter))
    browser.submit(link_in(letter))
    (given,) = [c for c in browser.page.headers.getlist("Set-Cookie") if c.startswith("session=")]
    parts = {part.strip() for part in given.split(";")}
    assert {"HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={30 * 24 * 3600}"} <= parts
    assert "Secure" not in parts


def test_over_https_the_cookie_is_bound_to_the_host(people, secure_app, app):
    with app.app_context():
        path = link_for(db.session.get(User, people.ana.id)).removeprefix("http://127.0.0.1")
        db.session.commit()
    client = secure_app.test_client()
    site = {"base_url": "https://onboarding.example"}
    token = client.get(path, **site).text.partition('csrf_token" value="')[2].partition('"')[0]
    answer = client.post(path, data={"csrf_token": token}, **site)
    (given,) = [c for c in answer.headers.getlist("Set-Cookie") if "session=" in c]
    assert given.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in given.split(";")}
    assert "Domain" not in given
    assert client.get("/password", **site).status_code == 404


@pytest.mark.parametrize(("who", "idle_hours", "limit_days"), [("ana", 14 * 24, 30), ("priya", 12, 7)])
def test_sessions_end_when_idle_and_at_their_limit(people, enter, clock, who, idle_hours, limit_days):
    browser = enter(vars(people)[who])
    clock.forward(hours=idle_hours, seconds=-1)
    assert viewer_of(browser)  # This visit counts as use.
    clock.forward(hours=idle_hours, seconds=-1)
    assert viewer_of(browser)
    clock.forward(hours=idle_hours, seconds=1)
    assert not viewer_of(browser)

    browser = enter(vars(people)[who])
    begun = clock.now
    while clock.now + timedelta(hours=11) < begun + timedelta(days=limit_days):
        clock.forward(hours=11)
        assert viewer_of(browser)
    clock.at(begun)
    clock.forward(days=limit_days, seconds=-1)
    assert viewer_of(browser)
    clock.forward(seconds=1)
    assert not viewer_of(browser)


def test_reading_leaves_a_trace_every_five_minutes_at_most(people, enter, clock):
    browser = enter(people.ana)
    begun = clock.now
    clock.forward(minutes=4, seconds=59)
    viewer_of(browser)
    assert rows()[0].seen_at == begun
    clock.forward(seconds=1)
    viewer_of(browser)
    assert rows()[0].seen_at == clock.now
    seen = clock.now
    clock.forward(minutes=6)
    assert browser.client.get("/static/any/css/base.css").status_code == 200
    assert rows()[0].seen_at == seen


def test_S03_signing_out_ends_the_session_on_the_server(people, enter, visitor):
    browser = enter(people.ana)
    kept = cookie(browser)
    browser.post("/logout")
    assert browser.page.location == "/login"
    assert "You are signed out." in browser.follow().text
    assert cookie(browser) == ""
    thief = visitor()
    thief.client.set_cookie("session", kept)
    assert not viewer_of(thief)
    verbs = db.session.scalars(select(Activity.verb).order_by(Activity.id)).all()
    assert verbs[-1] is Verb.SIGNED_OUT


def test_S03_leaving_ends_sessions_and_links_at_once(people, app, enter, ask, clock):
    ben = enter(people.ben)
    assert viewer_of(ben)
    other, letter = ask(people.ben.email)
    db.session.get(User, people.ben.id).left_at = clock.now
    db.session.commit()
    assert not viewer_of(ben)
    other.get(link_in(letter), status=410)
    other.post(link_in(letter), status=410)


def test_S03_one_of_ours_who_leaves_is_signed_out_everywhere_and_their_links_are_dead(
    people, app, enter, ask
):
    browsers = [enter(people.priya), enter(people.priya)]
    other, letter = ask(people.priya.email)
    with app.app_context():
        leaving.leave(db.session.get(Staff, people.priya.id), by=None)
        db.session.commit()
    assert not any(viewer_of(browser) for browser in browsers)
    other.get(link_in(letter), status=410)
    other.post(link_in(letter), status=410)


def test_S03_ending_a_persons_sessions_keeps_them_out_even_if_they_come_back(
    people, app, enter, visitor, ask
):
    ben = enter(people.ben)
    other, letter = ask(people.ben.email)
    with app.app_context():
        assert sessions.end_sessions(people.ben) == 1
        db.session.commit()
    assert not viewer_of(ben)
    other.get(link_in(letter), status=410)


def test_somebody_sees_and_ends_their_own_sessions_only(people, app, enter, visitor):
    here = enter(people.priya, headers={"User-Agent": FIREFOX})
    phone = enter(people.priya, headers={"User-Agent": IPHONE})
    enter(people.ana)
    with app.app_context():
        shown = sessions_of(db.session.get(User, people.priya.id))
    assert {one.device for one in shown} == {"Firefox on Windows", "Safari on iPhone"}
    (there,) = [one for one in shown if "iPhone" in one.device]
    assert viewer_of(phone)

    ana = enter(people.ana)
    token = {"csrf_token": ana.token()}
    missing = ana.client.post("/sessions/abcdefghijkm/end", data=token)
    foreign = ana.client.post(f"/sessions/{there.ref}/end", data=token)
    assert (missing.status_code, missing.data) == (404, foreign.data)
    assert viewer_of(phone)

    here.get("/password")
    here.post(f"/sessions/{there.ref}/end")
    assert here.page.location == "/preferences"
    assert not viewer_of(phone)
    assert viewer_of(here)


def test_all_other_browsers_are_signed_out_at_once(people, enter):
    here, there, third = enter(people.priya), enter(people.priya), enter(people.priya)
    ana = enter(people.ana)
    here.get("/password")
    here.post("/sessions/end-others")
    assert [viewer_of(one) for one in (here, there, third, ana)] == [True, False, False, True]


def test_this_session_comes_first_in_the_list(people, app, enter, visitor):
    enter(people.priya)
    here = enter(people.priya)
    enter(people.priya)
    token = cookie(here)
    with app.test_request_context("/", headers={"Cookie": f"session={token}"}):
        shown = sessions_of(db.session.get(User, current_user.id))
    assert [one.is_this for one in shown] == [True, False, False]


def test_signed_in_people_have_no_need_of_the_sign_in_page(people, enter):
    browser = enter(people.ana)
    assert browser.get("/login?next=/o/abc", status=303).location == "/o/abc"
    assert browser.get("/login?next=//evil.example", status=303).location == "/"


def test_devices_are_named_as_far_as_they_say(app):
    with app.test_request_context():
        assert device_words("curl/8.5") == "A browser that gives no name"
        assert device_words("Lynx on Linux") == "Linux"
