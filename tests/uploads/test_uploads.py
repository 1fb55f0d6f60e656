"""F01, F02: what is taken, where it lies, how it leaves again. On both databases."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from portal import db, uploads
from portal.accounts.models import Person
from portal.errors import Refused
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.uploads import Audience, Document
from tests.calls.cast import in_app

PDF = b"%PDF-1.7\nhello"
MB = 1024 * 1024


@pytest.fixture
def give(cast, context):
    """Ana shares a file."""

    def given(content: bytes = PDF, name: str | None = "plan.pdf", **options) -> Document:
        return uploads.receive(
            FileStorage(io.BytesIO(content), filename=name),
            account_id=cast.northwind.id,
            onboarding_id=cast.onboarding.id,
            by=cast.ana,
            **options,
        )

    return given


@pytest.mark.parametrize(("name", "content", "status", "kept"), [
    ("partners.csv", b"name,country\nAda,PT\n", 303, 1),
    ("partners.pdf", PDF, 422, 0),  # Of a kind we take, but not at this step: judged when the bytes lie there already.
    ("partners.exe", b"MZ\x90\x00", 422, 0),
])  # fmt: skip
def test_f01_a_refused_request_leaves_no_bytes(cast, app, visitor, name, content, status, kept) -> None:
    with in_app(app):
        road = db.session.get_one(Onboarding, cast.onboarding.id)
        step = road.step_called("import_partners")
        step.state = StepState.READY
        path = f"/o/{road.ref}/steps/{step.ref}"
        ana = visitor(db.session.get_one(Person, cast.ana.id))
    ana.get(path)
    before = files()
    file = {"a_files": (io.BytesIO(content), name), "version": "0"}
    answer = ana.post(f"{path}/save", file, status=status, content_type="multipart/form-data")
    assert status == 303 or answer.one(id="problems").text()
    assert len(files()) == len(before) + kept


def files() -> list[Path]:
    return [path for path in uploads.folder().rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_name_of_the_servers_own(give, cast) -> None:
    before = set(files())
    document = give(name="../../Q1 plan.pdf", step_id=cast.onboarding.steps[0].id)
    (path,) = set(files()) - before
    assert path == document.path
    assert path.read_bytes() == PDF
    assert path.parent.name == path.name[:2]
    assert "plan" not in str(path.relative_to(uploads.folder()))
    assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
    assert (document.name, document.kind, document.size) == ("Q1 plan.pdf", "pdf", len(PDF))
    assert document.uploader_id == cast.ana.id
    assert uploads.documents(cast.onboarding.id, for_staff=False) == [document]
    assert uploads.documents(cast.onboarding.id, for_staff=False, step_id=document.step_id) == [document]
    assert uploads.documents(cast.rival.id, for_staff=True) == []


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "empty.pdf", "The file is empty. Choose the one with your content."),
        (PDF, "", "Choose a file to send."),
        (PDF, None, "Choose a file to send."),
        (
            PDF + b"x" * (38 * MB - len(PDF)),
            "film.pdf",
            "The file is 38 MB. Send one under 25 MB, or share a link.",
        ),
        (
            PDF + b"x" * (25 * MB - len(PDF) + 1),
            "big.pdf",
            "The file is 25.1 MB. Send one under 25 MB, or share a link.",
        ),
        (b"<svg/>", "logo.png", "Inside, this is a web page or a drawing with code. "),
    ],
)
def test_f01_a_refused_file_leaves_nothing_behind(give, content, name, sentence) -> None:
    before = files()
    with pytest.raises(Refused) as refusal:
        give(content, name)
    assert str(refusal.value).startswith(sentence)
    assert refusal.value.field == "file"
    assert files() == before
    assert db.session.scalar(select(func.count()).select_from(Document)) == 0


def test_exactly_25_mb_is_taken(give) -> None:
    assert give(PDF + b"x" * (25 * MB - len(PDF))).size == 25 * MB


def test_the_quota_of_an_account_is_kept(give, cast, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "MOST_DOCUMENTS", 2)
    first = give(name="1.pdf")
    give(name="2.pdf")
    with pytest.raises(Refused, match="2 documents are here, all we keep for one company"):
        give(name="3.pdf")
    first.remove()
    give(name="4.pdf")
    monkeypatch.setattr(uploads, "MOST_DOCUMENTS", 10)
    monkeypatch.setattr(uploads, "MOST_BYTES_OF_ACCOUNT", 3 * len(PDF) - 1)
    with pytest.raises(Refused, match="fill the"):
        give(name="5.pdf")


def test_f01_a_file_leaves_as_an_attachment_that_no_page_runs(give, app) -> None:
    document = give(b"a,b\n1,2\n", 'Résumé "x"\r\n.csv')
    response = uploads.send(document)
    response.direct_passthrough = False
    assert response.get_data() == b"a,b\n1,2\n"
    assert response.mimetype == "text/csv"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    disposition = response.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''R%C3%A9sum%C3%A9%20_x_.csv" in disposition
    assert "\n" not in disposition


def test_a_removed_document_is_gone_from_every_page(give, cast, app) -> None:
    document = give()
    document.remove()
    assert uploads.documents(cast.onboarding.id, for_staff=True) == []
    with pytest.raises(Exception, match="404"):
        uploads.send(document)


def test_t06_staff_files_are_not_listed_for_customers(give, cast) -> None:
    give(audience=Audience.STAFF)
    assert uploads.documents(cast.onboarding.id, for_staff=False) == []
    assert len(uploads.documents(cast.onboarding.id, for_staff=True)) == 1


def test_the_sweep_takes_strays_and_old_removed_files_only(give, clock) -> None:
    kept, removed, recent = give(name="6.pdf"), give(name="7.pdf"), give(name="8.pdf")
    removed.remove()
    stray = kept.path.with_name("zz-stray.part")
    stray.write_bytes(b"x")
    for path in files():
        os.utime(path, (clock.now.timestamp(), clock.now.timestamp()))
    assert uploads.sweep() == 0
    clock.forward(days=20)
    recent.remove()
    assert uploads.sweep() == 1
    assert not stray.exists()
    clock.forward(days=11)
    assert uploads.sweep() == 1
    assert (kept.path.exists(), removed.path.exists(), recent.path.exists()) == (True, False, True)
    assert uploads.sweep() == 0


def test_r1_a_row_that_never_commits_leaves_a_stray_that_the_sweep_finds(give, clock) -> None:
    db.session.commit()
    path = give().path
    db.session.rollback()
    assert path.exists()
    late = clock.now + timedelta(hours=1)
    os.utime(path, (late.timestamp(), late.timestamp()))
    clock.forward(days=2)
    uploads.sweep()
    assert not path.exists()


def test_the_same_file_within_seconds_is_the_same_document(give, clock) -> None:
    first, before = give(), len(files())
    again = give()
    assert (again, again.is_repeat) == (first, True)
    assert len(files()) == before
    others = [give(name="other.pdf"), give(PDF + b"!"), give(audience=Audience.STAFF)]
    clock.forward(seconds=10)
    others.append(give())
    assert not any(one.is_repeat for one in others)
    assert len({one.id for one in [first, *others]}) == 5
    others[-1].remove()
    assert not give().is_repeat
