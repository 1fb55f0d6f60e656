"""Documents: shared by either side, listed with where they come from, sent as attachments. T02, I-series."""

import io

import pytest

from portal import db, uploads
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
