"""The plan from the draft to the sealed file, by keyboard: Priya writes and sends it, Ana signs it on her phone in the
dark, Priya countersigns, Ana has the file, and somebody who isn't signed in checks it, and others that look like it.

Every page on the way is looked at by axe in both themes; an error on the console fails it.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from portal import db, mail
from portal.plans import keys, verification
from portal.plans.models import PlanVersion, Seal
from portal.plans.rules import PlanState
from tests.browser.someone import Someone
from tests.infra.browser import Site, Window
from tests.infra.missing import missing
from tests.plans import making, seals

pytestmark = pytest.mark.browser

CODE = r"asked for it: (\d{3}\s\d{3})"
PROMISE = "Pay partners on time, from 13 April."


@pytest.fixture
def people(site: Site, window: Callable[..., Window], clock: Any) -> Callable[..., Someone]:
    """Opens a window for somebody of Northwind's road, on which all is agreed that a plan is made of."""
    with site.app.test_request_context(), db.transaction():
        mail.configure(site.app.config["PORTAL"])
        cast = making.road(clock, on=making.signing_book())
    with site.app.app_context():
        keys.ensure(site.app.config["PORTAL"], "Partnerly")

    def make(address: str | None, size: str = "desktop", scheme: str = "light") -> Someone:
        return Someone(site, window(site, size, scheme=scheme), cast, address)

    return make


def test_a_plan_is_sent_signed_by_both_and_checked(
    people: Callable[..., Someone], clock: Any, tmp_path: Path, settings: Any
) -> None:
    if shutil.which("pdfsig") is None:
        missing("pdfsig (Debian: apt-get install poppler-utils)")
    priya, ana = people("priya@partnerly.example"), people("ana@northwind.example", "phone", "dark")
    ana.look(ana.home + "/plan")
    expect(ana.page.get_by_role("button", name="Sign plan")).to_have_count(0)
    _sends(priya)
    priya.mail_leaves()
    before = ana.meter()
    _signs(ana)
    ana.mail_leaves()
    assert "signed by 1 of 2" in _words(_file(ana, "v1.pdf"), tmp_path)
    clock.forward(minutes=20)
    _countersigns(priya)
    ana.look(ana.home + "/plan")  # Signed by both, and the file is being made.
    priya.mail_leaves()
    assert ana.meter() > before
    content = _file(ana, "v1.pdf")
    _is_sealed(ana.site, content, tmp_path)
    _is_checked(people(None, "phone"), content, tmp_path, settings)
    with ana.site.app.app_context():
        version = db.session.scalar(select(PlanVersion))
        assert version is not None
        assert version.state is PlanState.SIGNED
        assert [one.typed_name for one in version.signatures] == ["Ana M. Nuñez", "Priya Rao"]


def _sends(priya: Someone) -> None:
    """Priya writes what it promises, and sends it."""
    priya.look(f"{priya.desk}/plan")
    priya.write("Headline", PROMISE)
    priya.press("Keep it")
    priya.look()
    expect(priya.main).to_contain_text(PROMISE)
    priya.press("Send version 1")
    priya.look()
    expect(priya.main.locator("#signers li", has_text="Ana Moreira")).to_contain_text("can sign now")


def _signs(ana: Someone) -> None:
    """From the letter to the plan, both boxes, her name, the code, signed."""
    ana.look(ana.in_a_letter(r"https?://[^/\s]+(/o/\w+/plan)\b"))
    expect(ana.main).to_contain_text(PROMISE)
    ana.press("Sign plan")
    ana.refused("Type your full name")
    ana.look()
    ana.write("Type your full name", "Ana M. Nuñez")
    for box in ("#read", "#consent"):
        ana.tick(ana.page.locator(box))
    ana.press("Sign plan")
    ana.is_on("Is it you, Ana?")
    ana.look()
    ana.mail_leaves()
    ana.write("#code", ana.in_a_letter(CODE))
    ana.press("Sign version 1")
    ana.look()
    expect(ana.main).to_contain_text("What happens next")


def _countersigns(priya: Someone) -> None:
    priya.look(f"{priya.desk}/plan")
    priya.follow("Countersign")
    priya.look()
    priya.write("Type your full name", "Priya Rao")
    for box in ("#read", "#consent"):
        priya.tick(priya.page.locator(box))
    priya.press("Countersign")
    priya.look()
    priya.mail_leaves()
    priya.write("#code", priya.in_a_letter(CODE))
    priya.press("Sign version 1")
    priya.look()


def _file(ana: Someone, name: str) -> bytes:
    answer = ana.page.request.get(f"{ana.site.url}{ana.home}/plan/{name}")
    assert answer.status == 200, answer.status
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.body()


def _words(content: bytes, folder: Path) -> str:
    path = folder / "read.pdf"
    path.write_bytes(content)
    return subprocess.run(
        ["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True
    ).stdout


def _is_sealed(site: Site, content: bytes, folder: Path) -> None:
    """`pdfsig`, pyHanko and the SHA-256 that is kept agree; and the last page says who signed."""
    path = folder / "plan.pdf"
    path.write_bytes(content)
    told = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False).stdout
    assert told.count("Signature #") == 1
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    with site.app.app_context():
        seal = db.session.scalar(select(Seal))
        assert seal is not None
        assert hashlib.sha256(content).hexdigest() == seal.sha256
        assert verification.verify(content).verified
    last = _words(content, folder).rpartition("Certificate of completion")[2]
    assert re.search(r"Ana M\. Nuñez\s+Priya Rao", last), last


def _is_checked(stranger: Someone, content: bytes, folder: Path, settings: Any) -> None:
    """Without signing in: the file itself, one byte of it changed, a page appended, and one that another install sealed
    in our provider's name."""
    with stranger.site.app.app_context():
        lookalike = seals.resigned("Partnerly", folder, settings)
    for name, file, says, why in (
        ("plan", content, "Verified.", "Ana"),
        ("byte", seals.flipped(content, len(content) // 2), "Not verified.", "changed"),
        ("page", seals.lengthened(content), "Not verified.", "added"),
        ("alike", lookalike, "Not verified.", "certificate"),
    ):
        path = folder / f"{name}.pdf"
        path.write_bytes(file)
        stranger.open("/verify")
        stranger.page.locator("input[type=file]").set_input_files(path)
        stranger.press("Check it")
        stranger.is_on(says)
        stranger.look()
        expect(stranger.main).to_contain_text(why)
