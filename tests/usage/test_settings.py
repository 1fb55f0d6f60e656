"""The settings' page of events: what came, what waits and for what, what could not be used and why."""

import pytest
from sqlalchemy import select

from portal import db
from portal.auth.keys import ApiKey
from portal.jobs import Job
from portal.usage import jobs
from portal.usage.models import UsageDay, UsageEvent, UsageReject
from portal.usage.rejects import WORDS, Reason
from tests.usage.sending import counts, group_call, reasons, track

EVENTS, KEYS = "/staff/settings/events", "/staff/settings/keys"


def test_it_says_where_to_send_before_anything_has_come(visitor, otto) -> None:
    page = visitor(otto).get(EVENTS)
    assert "http://127.0.0.1/v1/batch" in page.text
    assert "No event has come yet." in page.text
    assert "400 days" in page.text


def test_it_says_what_came_what_waits_and_why_some_were_refused(visitor, otto, product, clock) -> None:
    product.batch(track(messageId="old"), track("", messageId="old reject"))
    clock.forward(days=3)
    stamp = {"timestamp": "2026-03-06T08:00:00Z"}
    product.batch(
        track(messageId="a", **stamp),
        track("", messageId="fa-7", **stamp),
        track(messageId="b", group="acme", **stamp),
        track(messageId="c", group="acme", **stamp),
        track(messageId="d", user="u-9", group=None, **stamp),
    )
    page = visitor(otto).get(EVENTS)
    assert "today 4 events and 1 rejects, in seven days 5 and 2" in page.text
    assert "acme 2 events wait" in page.text
    assert page.all("a", href="/staff/accounts")
    assert "1 event waits for the group call of its user" in page.text
    assert str(WORDS[Reason.NO_NAME]) in page.text
    assert page.text.index("fa-7") < page.text.index("old reject")
    assert "4 events, 1 rejects" in visitor(otto).get(KEYS).text


def test_what_was_sent_is_text_and_nothing_else(visitor, otto, product) -> None:
    product.batch(
        track("", messageId="<b>a</b>", properties={"x": "<script>alert(1)</script>"}),
        track(group="<i>acme</i>"),
    )
    page = visitor(otto).get(EVENTS)
    assert "<script>alert" not in page.source
    assert "<b>a</b>" in page.text
    assert "<i>acme</i> 1 event waits" in page.text


def test_every_reason_has_words() -> None:
    assert set(WORDS) == set(Reason)


def test_T04_only_who_looks_after_the_install_sees_them(visitor, cast) -> None:
    visitor(cast.priya).get(EVENTS, status=403)
    visitor(cast.ana).get(EVENTS, status=404)


# --- What is forgotten ----------------------------------------------------------------------------


@pytest.fixture
def prune(app):
    def run() -> None:
        with app.test_request_context():
            jobs.prune()

    return run


def kept() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(UsageEvent.message_id).order_by(UsageEvent.message_id)))


def test_old_events_are_forgotten_in_pieces_and_their_counts_stay(product, prune, clock) -> None:
    for start in range(0, 1200, 400):
        product.batch(
            *(
                track(messageId=f"old {n}", timestamp="2026-03-03T08:00:00Z")
                for n in range(start, start + 400)
            )
        )
    clock.forward(days=399)
    product.batch(track(messageId="new", timestamp="2027-04-06T08:00:00Z"))
    prune()
    assert len(kept()) == 1201
    clock.forward(days=2)
    prune()
    assert kept() == ["new"]
    assert counts() == {"Report Exported": 1201}


def test_what_is_sent_again_after_it_was_forgotten_counts_no_second_time(product, prune, clock) -> None:
    body = {"batch": [track(messageId="a"), track(messageId="b", timestamp="2026-03-03T08:59:59Z")],
            "sentAt": "2026-03-03T09:00:00Z"}  # fmt: skip
    product.send(body)
    clock.forward(days=401)
    prune()
    assert kept() == []
    product.send(body)
    assert (kept(), counts(), reasons()) == ([], {"Report Exported": 2}, ["too_old", "too_old"])


def test_what_waits_is_forgotten_too_and_rejects_after_30_days(product, prune, clock) -> None:
    product.batch(track(messageId="a", group="acme"), track("", messageId="b"))
    clock.forward(days=29)
    prune()
    assert (kept(), reasons()) == (["a"], ["no_name"])
    clock.forward(days=2)
    prune()
    assert (kept(), db.session.scalars(select(UsageReject.id)).all()) == (["a"], [])
    clock.forward(days=400)
    prune()
    assert kept() == []


# --- What follows ---------------------------------------------------------------------------------


def woken() -> list[tuple]:
    db.session.rollback()
    rows = select(Job.account_id, Job.done_at.is_(None)).where(Job.kind == "usage.react").order_by(Job.id)
    return list(map(tuple, db.session.execute(rows)))


def test_what_follows_is_queued_once_for_each_account_and_again_when_it_was_done(product, northwind) -> None:
    product.batch(track(messageId="a"), track(messageId="b", group="acme"))
    product.batch(track(messageId="c"))
    assert woken() == [(northwind.id, True)]
    db.session.execute(
        Job.__table__.update().values(done_at=db.session.scalars(select(ApiKey.created_at)).one())
    )
    db.session.commit()
    product.batch(track(messageId="a"))
    assert woken() == [(northwind.id, False)]
    product.batch(track(messageId="d"))
    assert woken() == [(northwind.id, True)]


def test_what_was_resolved_late_is_followed_too(product, northwind) -> None:
    product.batch(track(messageId="a", group=None))
    assert woken() == []
    product.batch(group_call())
    assert woken() == [(northwind.id, True)]
    assert db.session.scalars(select(UsageDay.count)).all() == [1]
