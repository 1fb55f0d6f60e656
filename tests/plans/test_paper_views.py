"""The plan's file at its address: for both sides, nobody else's, and never an unsealed one that claims to be signed."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import update

from portal import clock as portal_clock
from portal import db
from portal.accounts.kinds import PortalRole
from portal.accounts.models import User
from portal.jobs import Job
from portal.plans.models import PlanPaper, PlanVersion, Seal
from portal.plans.papers import keep
from tests import make
from tests.plans import making, signed

PDF = b"%PDF-1.7 not much of one"


@dataclass
class Sent:
    """A version that Priya sent to Ana and herself, and whoever looks at it; all committed."""

    app: Flask
    cast: making.Made
    id: int

    def do(self, act: Callable[[PlanVersion], object]) -> None:
        """Something happens to the version."""
        with self.app.test_request_context():
            act(db.session.get_one(PlanVersion, self.id))
            db.session.commit()

    def sign(self, who: User) -> None:
        self.do(lambda version: signed.sign(version, db.session.get_one(User, who.id)))

    def print(self, content: bytes = PDF) -> None:
        self.do(lambda version: db.session.add(_paper(version, content)))

    def seal(self, content: bytes) -> None:
        self.do(lambda version: db.session.add(_seal(version, content)))

    def theirs(self, n: int = 1, more: str = ".pdf") -> str:
        return f"/o/{self.cast.onboarding.ref}/plan/v{n}{more}"

    def ours(self, n: int = 1) -> str:
        return f"/staff/accounts/{self.cast.account.ref}/plan/v{n}.pdf?o={self.cast.onboarding.ref}"


@pytest.fixture
def sent(app, clock) -> Sent:
    with app.test_request_context():
        made = making.road(clock)
        version = making.sent(made)
        db.session.commit()
        return Sent(app, made, version.id)


def _paper(version: PlanVersion, content: bytes) -> PlanPaper:
    signed_by = len(version.signatures)
    return PlanPaper(account_id=version.account_id, version_id=version.id, signed=signed_by, **keep(content))


def _seal(version: PlanVersion, content: bytes) -> Seal:
    return Seal(
        account_id=version.account_id, version_id=version.id, sealed_at=portal_clock.now(), certificate="c" * 64,
        audit_head="a" * 64, **keep(content),
    )  # fmt: skip


def test_the_paper_is_a_download_for_both_sides(sent, visitor):
    sent.print()
    for who, path in (
        (sent.cast.ana, sent.theirs()),
        (sent.cast.ben, sent.theirs()),
        (sent.cast.priya, sent.ours()),
    ):
        page = visitor(who).get(path)
        assert page.bytes == PDF
        assert page.response.mimetype == "application/pdf"
        assert page.headers["Content-Disposition"].startswith("attachment;")
        assert "version 1.pdf" in page.headers["Content-Disposition"]
        assert "sandbox" in page.headers["Content-Security-Policy"]
        assert page.headers["ETag"] == f'"{hashlib.sha256(PDF).hexdigest()}"'


def test_before_it_is_printed_a_page_waits_for_it(sent, visitor):
    for who, path in ((sent.cast.ana, sent.theirs()), (sent.cast.june, sent.ours())):
        page = visitor(who).get(path, 202)
        assert page.headers["Retry-After"] == "2"
        assert page.one("h1").text() == "Your PDF is being made"
        assert [node["content"] for node in page.all("meta") if "http-equiv" in node.attrs] == ["2"]


def test_with_each_signature_the_paper_is_another(sent, visitor):
    sent.print()
    sent.sign(sent.cast.ana)
    visitor(sent.cast.ana).get(sent.theirs(), 202)
    sent.print(PDF + b" signed by one")
    assert visitor(sent.cast.ana).get(sent.theirs()).bytes == PDF + b" signed by one"


def test_what_all_have_signed_is_sealed_or_not_there(sent, visitor):
    for signer in (sent.cast.ana, sent.cast.priya):
        sent.print()
        sent.sign(signer)
    sent.print()  # Whatever made one: it is never given out.
    for who, path in ((sent.cast.ana, sent.theirs()), (sent.cast.priya, sent.ours())):
        assert "Everybody has signed version 1." in visitor(who).get(path, 202).text
    sent.seal(PDF + b" sealed")
    for who, path in ((sent.cast.ana, sent.theirs()), (sent.cast.priya, sent.ours())):
        assert visitor(who).get(path).bytes == PDF + b" sealed"


def test_where_making_it_went_wrong_nothing_reloads_for_ever(sent, visitor):
    gone = (
        update(Job)
        .where(Job.key == f"plans.paper:{sent.id}:0")
        .values(failed_at=portal_clock.now(), error="x")
    )
    sent.do(lambda _version: db.session.execute(gone))
    page = visitor(sent.cast.ana).get(sent.theirs(), 202)
    assert "It takes longer than it should." in page.text
    assert "http-equiv" not in page.source
    assert page.headers["Retry-After"] == "60"
    assert "hx-" not in visitor(sent.cast.ana).htmx("GET", sent.theirs(more="/link")).source


def test_the_link_looks_again_by_itself_until_the_file_is_there(sent, visitor):
    ana = visitor(sent.cast.ana)
    waiting = ana.htmx("GET", sent.theirs(more="/link")).one("a")
    assert waiting["aria-busy"] == "true"
    assert (waiting["hx-get"], waiting["hx-trigger"]) == (sent.theirs(more="/link"), "every 2s")
    assert waiting["href"] == sent.theirs()
    sent.print()
    there = ana.htmx("GET", sent.theirs(more="/link"))
    assert there.one("a").text() == "Download PDF"
    assert not re.search("aria-busy|hx-", there.source)


def test_what_was_never_sent_has_no_file(sent, visitor):
    sent.do(
        lambda version: db.session.add(
            PlanVersion(
                account_id=version.account_id, onboarding=version.onboarding, n=2, words={"headline": "x"}
            )
        )
    )
    for n in (0, 2, 3, 99999999999):
        visitor(sent.cast.ana).get(sent.theirs(n), 404)
        visitor(sent.cast.ana).get(sent.theirs(n, "/link"), 404)
        visitor(sent.cast.priya).get(sent.ours(n), 404)


def test_nobody_elses_plan_can_be_read(sent, visitor):
    sent.print()
    rita = make.person(make.account("Rival"), "Rita Rival", PortalRole.ADMIN)
    for path in (sent.theirs(), sent.theirs(more="/link"), sent.ours()):
        visitor(rita).get(path, 404)
        visitor().get(path, 303)
    visitor(sent.cast.ana).get(sent.ours(), 404)


def test_a_file_that_is_lost_is_no_error(sent, visitor):
    sent.print()
    sent.do(lambda version: version.papers[0].path.unlink())
    visitor(sent.cast.ana).get(sent.theirs(), 404)
