"""Documents: shared by either side, listed with where they come from, sent as attachments. T02, I-series."""

import io

import pytest
from werkzeug.datastructures import FileStorage

from portal import db, uploads
from portal.activity.models import Activity, Verb
from portal.activity.sentences import sentence
from portal.errors import Refused
from portal.onboardings.files import Shelf
from portal.onboardings.states import StepState
from tests import make

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def file(content: bytes, name: str) -> dict[str, object]:
    return {"file": (io.BytesIO(content), name)}


@pytest.fixture
def address(road) -> str:
    return f"{road.home}/documents"


def test_ana_shares_a_file_and_ben_downloads_it(visitor, road, address) -> None:
    ana = visitor(road.cast.ana)
    assert "Nothing here yet." in ana.get(address).text
    ana.submit("/documents/upload", file(PDF, "road map.pdf"), content_type="multipart/form-data")
    page = ana.follow()
    assert "“road map.pdf” is shared with everybody on this road." in page.text
    ben = visitor(road.cast.ben)
    link = next(link for link in ben.get(address).all("a") if link.text() == "road map.pdf")
    answer = ben.client.get(link["href"])
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (None, "Choose a file"),
        ((b"", "empty.pdf"), "The file is empty"),
        ((b"PK\x03\x04" + b"\x00" * 40, "plan.pdf"), "Inside, this is"),
        ((b"MZ\x90\x00", "setup.exe"), "We take"),
    ],
)
def test_a_file_we_do_not_take_is_refused_in_words(visitor, road, address, sent, sentence) -> None:
    ana = visitor(road.cast.ana)
    ana.get(address)
    fields = file(*sent) if sent else {}
    page = ana.submit("/documents/upload", fields, status=422, content_type="multipart/form-data")
    assert sentence in page.one("div", id="problems").text()
    assert page.one("input", id="file")["aria-invalid"] == "true"
    assert db.session.query(uploads.Document).count() == 0


def test_of_several_files_in_one_field_none_is_kept(visitor, road, address) -> None:
    ana = visitor(road.cast.ana)
    ana.get(address)
    three = {"file": [(io.BytesIO(PDF), f"{n}.pdf") for n in range(3)]}
    page = ana.submit("/documents/upload", three, status=422, content_type="multipart/form-data")
    assert "Choose one file at a time" in page.one("div", id="problems").text()
    assert db.session.query(uploads.Document).count() == 0


def test_what_staff_keep_to_themselves_is_not_there(app, visitor, road, address) -> None:
    ana = visitor(road.cast.ana)
    ana.get(address)
    ana.submit("/documents/upload", file(PDF, "ours.pdf"), content_type="multipart/form-data")
    with road.changing():
        document = db.session.query(uploads.Document).one()
        document.audience = uploads.Audience.STAFF
        ref = document.ref
    ana.follow()
    assert "ours.pdf" not in ana.get(address).text
    ana.get(f"{address}/{ref}", status=404)


def test_a_step_that_only_the_team_sees_is_not_named(visitor, road, address) -> None:
    hidden = next(step for step in road.cast.onboarding.steps if not step.visible)
    ana = visitor(road.cast.ana)
    ana.get(address)
    ana.submit("/documents/upload", file(PDF, "plan.pdf"), content_type="multipart/form-data")
    with road.changing():
        db.session.query(uploads.Document).one().step_id = hidden.id
    page = ana.get(address)
    assert "plan.pdf" in page.text
    assert hidden.title not in page.text
    assert hidden.ref not in page.source


def test_t02_strangers_find_no_document(app, visitor, road, address) -> None:
    ana = visitor(road.cast.ana)
    ana.get(address)
    ana.submit("/documents/upload", file(PDF, "plan.pdf"), content_type="multipart/form-data")
    with app.app_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind")
        ref = db.session.query(uploads.Document).one().ref
        db.session.commit()
    visitor(fay).get(f"{address}/{ref}", status=404)
    visitor(fay).get(address, status=404)
    ana.get(f"{address}/nothing", status=404)


def share(visitor, address: str, who, name: str) -> str:
    """`who` shares a file; returns its ref."""
    me = visitor(who)
    me.get(address)
    me.submit("/documents/upload", file(PDF + name.encode(), name), content_type="multipart/form-data")
    return db.session.query(uploads.Document).filter_by(name=name).one().ref


def keep(road, who, name: str, step: str | None = None) -> str:
    """A file of somebody's, at a step or for the whole road; returns its ref."""
    with road.changing():
        sent = FileStorage(io.BytesIO(PDF), name)
        about = road.cast.step(step).id if step else None
        where = {
            "account_id": road.cast.account.id,
            "onboarding_id": road.cast.onboarding.id,
            "step_id": about,
        }
        return uploads.receive(sent, **where, by=who).ref


def test_ben_removes_what_he_shared_and_ana_what_anybody_of_hers_did(visitor, road, address) -> None:
    mine, theirs = (share(visitor, address, road.cast.ben, name) for name in ("one.pdf", "two.pdf"))
    for who, ref, name in ((road.cast.ben, mine, "one.pdf"), (road.cast.ana, theirs, "two.pdf")):
        me = visitor(who)
        me.get(address)
        me.submit(f"/documents/{ref}/remove")
        page = me.follow()
        assert f"“{name}” is removed." in page.text
        assert not [link for link in page.all("a") if link.text() == name]
        me.get(f"{address}/{ref}", status=404)
    told = [sentence(row) for row in db.session.query(Activity).filter_by(verb=Verb.DOCUMENT_REMOVED)]
    assert told == ["Ben Ortiz removed one.pdf", "Ana Moreira removed two.pdf"]


def test_what_is_another_s_or_handed_in_stays_and_says_why(visitor, road, address) -> None:
    cases = [
        (road.cast.ben, keep(road, road.cast.ana, "hers.pdf"), "or an admin of your company"),
        (road.cast.ana, keep(road, road.cast.priya, "ours.pdf"), "“ours.pdf” was shared by your team."),
        (road.cast.ana, keep(road, road.cast.ana, "in.pdf", "import_partners"), "so it stays there."),
    ]
    road.do("import_partners", lambda step: setattr(step, "state", StepState.SUBMITTED))
    for who, ref, reason in cases:
        me = visitor(who)
        page = me.get(address)
        assert not [form for form in page.all("form") if form["action"].endswith(f"{ref}/remove")]
        page = me.post(f"{address}/{ref}/remove", status=422)
        assert reason in page.one("div", id="problems").text()
    assert db.session.query(uploads.Document).filter(uploads.Document.removed_at.isnot(None)).count() == 0


def test_removing_twice_is_removing_once_and_makes_room(visitor, road, address, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "MOST_DOCUMENTS", 1)
    ref = share(visitor, address, road.cast.ana, "one.pdf")
    ana = visitor(road.cast.ana)
    ana.get(address)
    page = ana.submit(
        "/documents/upload", file(PDF, "two.pdf"), status=422, content_type="multipart/form-data"
    )
    assert "Remove one on the Documents page first." in page.one("div", id="problems").text()
    ana.submit(f"/documents/{ref}/remove")
    ana.post(f"{address}/{ref}/remove")
    assert db.session.query(Activity).filter_by(verb=Verb.DOCUMENT_REMOVED).count() == 1
    share(visitor, address, road.cast.ana, "two.pdf")


def test_t02_a_stranger_removes_nothing(app, visitor, road, address) -> None:
    ref = keep(road, road.cast.ana, "plan.pdf")
    with app.app_context():
        fay = make.person(make.account("Fabrikam"), "Fay Lind")
        db.session.commit()
    me = visitor(fay)
    me.get("/preferences")
    me.post(f"{address}/{ref}/remove", status=404)
    visitor(road.cast.ana).get(f"{address}/{ref}")


def test_staff_remove_what_the_team_shared_and_nothing_of_the_customer_s(road) -> None:
    refs = [keep(road, who, f"{who.called}.pdf") for who in (road.cast.tomas, road.cast.ben)]
    with road.changing() as onboarding:
        ours, theirs = (db.session.query(uploads.Document).filter_by(ref=ref).one() for ref in refs)
        shelf = Shelf(onboarding, road.user("priya"))
        shelf.remove(ours)
        with pytest.raises(Refused, match="was shared by the customer"):
            shelf.remove(theirs)
        assert (ours.removed_at is None, theirs.removed_at is None) == (False, True)
