"""Both pages in Chromium: nothing cut, no tiny target, every colour to be read, on a phone and on a desk."""

import os
from pathlib import Path

import pytest

from portal import db
from portal.scope import editing
from portal.scope.models import Scope
from portal.scope.rows import ItemTerms
from portal.scope.rules import Side, told
from tests.desk.looks import TARGETS, look, unfold
from tests.infra.visit import session_cookie
from tests.scope.conftest import MOMENT, laid

FOLDER = os.environ.get("PORTAL_TEST_PICTURES")  # Where somebody who looks at them wants them.


@pytest.fixture
def shown(site, clock, window):
    """Opens the page of Ana, or of Priya, in each state, and looks at it."""
    with site.app.test_request_context():
        db.start()
        cast = laid(clock)
        ana, priya = session_cookie(cast.ana), session_cookie(cast.priya)
        paths = f"/o/{cast.onboarding.ref}/scope", f"/staff/accounts/{cast.account.ref}/scope"
        road = cast.onboarding.id
    clock.at(MOMENT)

    def check(name: str) -> None:
        wrong = []
        for who, token, path in (("ana", ana, paths[0]), ("priya", priya, paths[1])):
            for scheme in ("light", "dark"):
                shape = window(site, scheme=scheme)
                shape.sign_in(token)
                shape.open(path)
                for size in ("phone", "desktop"):
                    found = look(shape, size, TARGETS)
                    wrong += [f"{who} {scheme}: {one}" for one in found]
                    if FOLDER:
                        picture = Path(FOLDER) / f"{name}-{who}-{size}-{scheme}.png"
                        shape.page.screenshot(path=picture, full_page=True)
            unfold(shape.page)
            wrong += [f"{who} unfolded: {one}" for one in look(shape, "phone", TARGETS)]
            if FOLDER:
                shape.page.screenshot(path=Path(FOLDER) / f"{name}-{who}-unfolded.png", full_page=True)
        assert not wrong, "\n".join(wrong)

    return check, road, site, cast


def test_both_pages_as_proposed_and_after_a_change(shown) -> None:
    check, road, site, cast = shown
    check("proposed")
    with site.app.test_request_context():
        db.start()
        scope = Scope.kept(db.session.get_one(type(cast.onboarding), road))
        ana = next(p for p in scope.onboarding.account.people if p.id == cast.ana.id)
        priya = scope.onboarding.owner
        scope.agree(seen=told(scope.marks), by=ana)
        needs = scope.needs
        seen = told({need.key: need.terms.mark for need in needs})
        scope.confirm(needs[:1], seen=seen, by=ana)
        scope.refuse(
            needs[1], "Ben is on leave until May; a colleague of his could step in.", seen=seen, by=ana
        )
        terms = ItemTerms(
            Side.NOT_IN, "Single sign-on", "Nobody uses it yet, and it needs your IT.", "A password."
        )
        editing.add(scope, terms, by=priya)
        db.session.commit()
    check("changed")
