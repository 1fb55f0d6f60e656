"""News: what one of ours is told inside the portal, and a number beside it until they have read it."""

from sqlalchemy import select

from portal import db
from portal.accounts.models import Staff
from portal.notifications import notices
from portal.notifications.notices import Notice
from tests.desk.conftest import statements  # noqa: F401

NEWS = "/staff/notices"


def in_nav(page):
    """What the desk's navigation says of the news."""
    return next(one.text() for one in page.all("a", href=NEWS))


def test_a_line_is_counted_until_it_is_read(visitor, cast, opened):
    june = visitor(cast.june)
    assert in_nav(june.get("/staff")) == "News1 new"
    page = june.get(NEWS)
    assert page.one("h1").text() == "1 thing you haven't read"
    assert page.one("a", href=opened).text() == "Northwind needs you: Too long in this stage"
    june.submit("/read")
    page = june.follow()
    assert page.one("h1").text() == "You have read everything"
    assert in_nav(page) == "News"


def test_nobody_reads_or_marks_the_lines_of_another(visitor, cast, opened):
    mira = visitor(cast.mira)
    assert "Northwind" not in mira.get(NEWS).one("main").text()
    ref = db.session.scalars(select(Notice.ref)).one()
    mira.post(f"{NEWS}/read?one={ref}", {})
    db.session.expire_all()
    assert db.session.scalars(select(Notice.read_at)).one() is None


def test_one_line_is_marked_alone(app, visitor, cast, opened):
    with app.test_request_context():
        june = db.session.get_one(Staff, cast.june.id)
        notices.tell(june, "other", "Contoso is at risk", "/staff")
        db.session.commit()
    reader = visitor(cast.june)
    ref = db.session.scalars(select(Notice.ref).where(Notice.kind == "other")).one()
    reader.get(NEWS)
    reader.submit(f"/read?one={ref}")
    assert reader.follow().one("h1").text() == "1 thing you haven't read"


def test_the_same_is_told_once_while_it_is_unread(team):
    for line in ("The clock has run out", "The clock has run out again"):
        notices.tell(team.june, "overdue", line, "/staff", about="case")
        db.session.flush()
    assert list(db.session.scalars(select(Notice.line))) == ["The clock has run out again"]
    notices.read(team.june)
    notices.tell(team.june, "overdue", "Once more", "/staff", about="case")
    db.session.flush()
    assert len(list(db.session.scalars(select(Notice.id)))) == 2


def test_the_count_costs_no_statement(visitor, cast, opened, statements):  # noqa: F811
    june = visitor(cast.june)
    with statements() as told:
        june.get(NEWS)
    assert len([one for one in told if "notice" in one.lower()]) == 2
    assert len(told) <= 4
