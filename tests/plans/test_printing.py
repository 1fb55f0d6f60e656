"""The worker prints what was sent and what is signed in part, once for each number of signatures."""

import os
from typing import Any

import pytest
from sqlalchemy import select, update

from portal import bounded, db, jobs, pdf
from portal.accounts.models import User
from portal.jobs import Job
from portal.plans import printing
from portal.plans.document import digest
from portal.plans.models import PlanPaper, PlanVersion
from portal.plans.papers import folder, keep
from portal.plans.rules import PlanState
from tests.plans import making, reading, signed


@pytest.fixture
def work(app, made):
    """Commits, and lets the worker print what is due."""

    def do() -> None:
        db.session.commit()
        while claimed := jobs.claim():
            if claimed.kind == "plans.paper":
                with app.app_context():
                    jobs.run(claimed)

    return do


def papers() -> list[PlanPaper]:
    return list(db.session.scalars(select(PlanPaper).order_by(PlanPaper.signed)))


def job() -> Job:
    return db.session.scalars(select(Job).where(Job.kind == "plans.paper").order_by(Job.id.desc())).first()


def again(row: Any) -> Any:
    """The same row in the session that holds now."""
    return db.session.get(type(row), row.id)


def put(version: PlanVersion, canonical: str) -> None:
    """Another text, as nothing of the portal ever puts it there."""
    values = {"snapshot": canonical, "sha256": digest(canonical)}
    db.session.execute(update(PlanVersion).where(PlanVersion.id == version.id).values(**values))


def sign(version: PlanVersion, *users: User) -> PlanVersion:
    return signed.sign(again(version), *map(again, users))


def test_what_was_sent_is_printed_once(made, work, tmp_path):
    version = making.sent(made)
    work()
    [paper] = papers()
    assert (paper.version_id, paper.signed, paper.account_id) == (version.id, 0, made.account.id)
    content = paper.path.read_bytes()
    assert len(content) == paper.size
    words = reading.words(content, tmp_path)
    assert "sent for signing" in words
    assert version.document.why.quote in words
    again(version).put_paper()
    work()
    assert len(papers()) == 1


def test_with_a_signature_it_is_printed_anew(made, work, tmp_path):
    version = making.sent(made)
    work()
    sign(version, made.ana)
    work()
    before, after = papers()
    assert (before.signed, after.signed) == (0, 1)
    words = reading.words(after.path.read_bytes(), tmp_path)
    assert "signed by 1 of 2" in words
    assert "has not signed yet" in words


def test_what_has_moved_on_meanwhile_is_not_printed(made, work):
    version = making.sent(made)
    sign(version, made.ana)
    work()
    assert [paper.signed for paper in papers()] == [1]


def test_no_paper_of_a_plan_that_all_have_signed(made, work):
    version = sign(making.sent(made), made.ana, made.priya)
    assert version.state is PlanState.SIGNED
    version.put_paper()
    work()
    assert papers() == []


def test_f07_the_job_says_that_the_plan_was_too_much_and_the_worker_goes_on(made, work, monkeypatch):
    child = bounded.Child(seconds=25, cpu=3)
    monkeypatch.setattr(pdf, "child", child)
    version = making.sent(made)
    plain = version.snapshot
    put(version, version.document.model_copy(update={"changes": ("So much to say. " * 330_000,)}).canonical)
    version.put_paper()
    work()
    kept = job()
    assert kept.failed_at
    assert kept.error.endswith("was stopped.")
    assert papers() == []
    put(version, plain)
    sign(version, made.ana)
    work()
    assert [paper.signed for paper in papers()] == [1]
    child.close()


def test_what_failed_is_tried_again(made, work, monkeypatch):
    def fail(*_given: object, **_more: object) -> bytes:
        raise pdf.Failed("PDFs need libraries that are not here.")

    monkeypatch.setattr(pdf, "render", fail)
    making.sent(made)
    work()
    assert job().error == "PDFs need libraries that are not here."
    assert job().failed_at is None


def test_files_that_no_row_names_go_after_a_day(made, work, clock):
    making.sent(made)
    work()
    [paper] = papers()
    printing.sweep()  # What other tests have left in the folder.
    old, new = (folder() / str(keep(b"%PDF-")["stored_as"]) for _file in range(2))
    for path, hours in ((old, 25), (new, 23), (paper.path, 25)):
        past = clock.now.timestamp() - hours * 3600
        os.utime(path, (past, past))
    assert printing.sweep() == 1
    assert [path.exists() for path in (old, new, paper.path)] == [False, True, True]
