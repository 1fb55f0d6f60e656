"""A look ahead: a link that shows the road to whoever considers buying, tells nothing of anybody and opens nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import db
from portal.activity.models import Activity, Verb
from portal.auth.models import Purpose, Session, SignInLink
from portal.handoffs.preview import Preview
from portal.onboardings.models import Onboarding
from portal.onboardings.stages import Module
from portal.onboardings.states import StepState
from portal.onboardings.steps import Step
from portal.playbooks.document import STAGE_KEYS
from tests.handoffs.conftest import WORDS, the

UNKNOWN = "/preview/" + "A" * 43


@pytest.fixture
def link(begun, cast):
    """Makes a link as Sam; returns its path, as the page shows it once."""

    def make() -> str:
        begun.get(f"/staff/handoffs/{the(cast).ref}")
        begun.submit("/preview")
        shown = begun.follow().one("input", id="preview-link")["value"]
        base = begun.client.application.config["PORTAL"].base_url
        assert shown.startswith(f"{base}/preview/")
        return shown.removeprefix(base)

    return make


def the_road(cast) -> Onboarding:
    return db.session.get_one(Onboarding, cast.onboarding.id)


def test_it_shows_the_road_to_whoever_holds_it(visitor, cast, link) -> None:
    page = visitor().get(link())
    document = the_road(cast).playbook_version.document
    for key in STAGE_KEYS:
        text = document.stage_text(key)
        for words in (text.need, text.we_do, text.measure):
            assert " ".join(words.split()) in page.text
    on_road = set(db.session.scalars(select(Step.key).where(Step.onboarding_id == cast.onboarding.id)))
    for module in document.modules:
        for step in module.steps:
            assert (f"{step.title} " in page.text) == (step.visible and step.key in on_road), step.title
    assert "45 days" in page.one("h1").text()
    assert "of your people's time" in page.text
    uploads = [s for m in document.modules for s in m.steps if s.kind == "upload" and s.key in on_road]
    assert uploads
    assert {s.title for s in uploads if s.counts} <= {li.text() for li in page.all("li")}


def test_it_is_said_once_and_kept_as_a_hash(visitor, cast, begun, link) -> None:
    path = link()
    here = begun.get(f"/staff/handoffs/{the(cast).ref}")
    assert not here.all("input", id="preview-link")
    assert "Sam made one on 3 March. It works until 2 April." in here.text
    token = path.rpartition("/")[2]
    for table in db.Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert token not in repr(row), table.name


def test_it_tells_nothing_of_anybody(visitor, cast, link) -> None:
    path = link()
    handoff = the(cast)
    for name, text in WORDS.items():
        setattr(handoff, name, text)
    step = the_road(cast).step_called("purchase_reason")
    step.title, step.minutes = "What Northwind told us", 777
    db.session.query(Module).filter_by(key=step.module.key).update({"outcome": "Ana is happy"})
    page = visitor(cast.rui).get(path)
    assert page.bytes == visitor().get(path).bytes
    told = [cast.account.name, cast.account.ref, cast.onboarding.ref, "777", *WORDS.values()]
    told += [user.called for user in (cast.ana, cast.ben, cast.rui, cast.priya, cast.tomas, cast.sam)]
    assert [word for word in told if word in page.source] == []
    assert "March" not in page.text
    assert {node["href"] for node in page.all("a")} == {"#main"}


def test_what_is_left_out_of_the_road_is_not_promised(visitor, cast, link) -> None:
    path = link()
    step = the_road(cast).step_called("purchase_reason")
    title = step.title
    assert title in visitor().get(path).text
    the_road(cast).step_called("purchase_reason").state = StepState.SKIPPED
    assert title not in visitor().get(path).text


def test_it_is_not_found_by_searching_nor_told_to_others(visitor, link) -> None:
    for path, status in ((link(), 200), (UNKNOWN, 404)):
        headers = visitor().get(path, status=status).headers
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_every_link_that_shows_nothing_gets_the_same_answer(visitor, cast, begun, link, clock) -> None:
    unknown = visitor().get(UNKNOWN, status=404)
    assert "Ask whoever sent you this one" in unknown.text
    replaced, withdrawn = link(), link()
    visitor().get(withdrawn)
    assert visitor().get(replaced, status=404).bytes == unknown.bytes
    begun.submit("/preview/revoke")
    assert "Withdrawn." in begun.follow().text
    assert visitor().get(withdrawn, status=404).bytes == unknown.bytes
    begun.post(f"/staff/handoffs/{the(cast).ref}/preview/revoke")
    assert "There is no link." in begun.follow().text
    cancelled = link()
    the_road(cast).state = "cancelled"
    assert visitor().get(cancelled, status=404).bytes == unknown.bytes
    the_road(cast).state = "draft"
    clock.forward(days=29, hours=23)
    visitor().get(cancelled)
    clock.forward(hours=2)
    assert visitor(cast.priya).get(cancelled, status=404).bytes == unknown.bytes
    assert db.session.scalar(select(func.count(Preview.id)).where(Preview.revoked_at.is_(None))) == 1


def test_there_is_none_once_their_portal_is_open(cast, begun, link) -> None:
    path, here = link(), f"/staff/handoffs/{the(cast).ref}"
    the_road(cast).state = "active"
    page = begun.get(here)
    assert not [form for form in page.all("form") if form["action"].endswith("/preview")]
    assert "It works until" in page.text
    begun.post(f"{here}/preview")
    assert "Their portal is open" in begun.follow().text
    begun.get(path)


def test_reading_changes_nothing_and_takes_few_statements(visitor, cast, link, statements) -> None:
    path, someone = link(), visitor()
    someone.get(path)
    before = [db.session.execute(select(table)).all() for table in db.Base.metadata.sorted_tables]
    with statements() as seen:
        someone.get(path)
    assert len(seen) <= 4, "\n".join(seen)
    someone.client.head(path)
    assert before == [db.session.execute(select(table)).all() for table in db.Base.metadata.sorted_tables]


def test_A10_it_opens_nothing_else(visitor, cast, link) -> None:
    token = link().rpartition("/")[2]
    someone = visitor()
    sessions = db.session.scalar(select(func.count(Session.id)))
    someone.get(f"/login/{token}", status=410)
    someone.post(f"/login/{token}", status=410)
    someone.get(f"/login/{token}?next=/staff", status=410)
    for name in ("session", "__Host-session"):
        someone.client.set_cookie(name, token)
    someone.get("/staff", status=303)
    someone.get(f"/o/{cast.onboarding.ref}", status=303)
    assert db.session.scalar(select(func.count(Session.id))) == sessions
    answer = someone.get(f"/preview/{token}")
    assert "session=" not in " ".join(answer.headers.getlist("Set-Cookie"))


def test_A10_nothing_else_opens_it(visitor, cast, link, app) -> None:
    link()
    with app.test_request_context():
        others = [SignInLink.issue(cast.ana, purpose).mint()[0] for purpose in Purpose]
        others.append(Session.begin(cast.sam, user_agent="tests", ip="127.0.0.1")[1])
        others += [the(cast).ref, db.session.scalar(select(Preview.token_hash)), str(the(cast).id)]
        db.session.commit()
    for token in others:
        visitor().get(f"/preview/{token}", status=404)


def test_only_who_writes_the_hand_off_makes_one(visitor, cast, begun, link) -> None:
    here = f"/staff/handoffs/{the(cast).ref}"
    link()
    for who, status in ((cast.tomas, 403), (cast.ana, 404)):
        for path in ("/preview", "/preview/revoke"):
            someone = visitor(who)
            someone.get("/preferences")
            someone.post(here + path, status=status)
    priya = visitor(cast.priya)
    priya.get(here)
    priya.submit("/preview")
    assert db.session.scalar(select(func.count(Preview.id)).where(Preview.revoked_at.is_(None))) == 1


def test_a_second_click_shows_the_same_link_and_a_colleague_is_told(visitor, cast, begun) -> None:
    here = f"/staff/handoffs/{the(cast).ref}"
    priya, shown = visitor(cast.priya), []
    priya.get(here)
    begun.get(here)
    for _click in range(2):
        begun.post(f"{here}/preview", {"seen": "0"})
        shown.append(begun.follow().one("input", id="preview-link")["value"])
    assert shown[0] == shown[1]
    visitor().get("/preview/" + shown[0].rpartition("/")[2])
    priya.submit("/preview")
    assert "Sam made a link meanwhile." in priya.follow().text
    assert db.session.scalar(select(func.count(Preview.id))) == 1
    assert db.session.query(Activity).filter_by(verb=Verb.PREVIEW_MADE).count() == 1


def test_a_link_lives_thirty_days(cast, link) -> None:
    link()
    made = db.session.scalars(select(Preview)).one()
    assert made.ends_at - made.made_at == timedelta(days=30)
