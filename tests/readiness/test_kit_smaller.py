"""Smaller answers beside a question that hang on another page's answer, or on each other."""

import pytest

from portal import db
from portal.playbooks.models import publish
from portal.playbooks.reader import read_checked
from portal.readiness.models import ReadinessSubmission
from tests import make
from tests.playbooks.ready import READY
from tests.readiness.test_kit_links import open_link, send

QUALITY = READY[READY.index("  - key: quality") :].partition("\n  - key:")[0]
SMALLER = """
    more:
    - key: lists
      label: How many lists?
      type: number
      show_when: {field: data, is: Spreadsheets}
    - key: split
      label: Are they split by team?
      type: yes_no
      show_when: {field: quality, is: Several lists}
    - key: teams
      label: Which teams?
      type: text
      show_when: {field: split, is: 'yes'}"""
ALL = {"a_quality": "Several lists", "a_lists": "3", "a_split": "yes", "a_teams": "North"}


@pytest.fixture
def cast(app):
    book = read_checked(READY.replace(QUALITY, QUALITY + SMALLER))
    with app.test_request_context():
        make.provider()
        made = make.northwind(book=publish(book), programme=90)
        db.session.commit()
    return made


@pytest.fixture
def ana(visitor, cast, here):
    ana = visitor(cast.ana)
    ana.get(f"{here}/data")
    ana.submit("/readiness/data", {"a_data": "Spreadsheets", "a_rows": "200"})
    return ana


@pytest.fixture
def here(cast):
    return f"/o/{cast.onboarding.ref}/readiness"


def kept(cast):
    db.session.expire_all()
    submission = ReadinessSubmission.of(cast.onboarding)
    assert submission is not None
    return submission.by_question["quality"]


def test_what_hangs_on_another_page_is_asked_and_kept(ana, cast, here):
    page = ana.get(f"{here}/quality")
    assert "Only if you answered “Spreadsheets”" not in page.text
    page = ana.submit("/readiness/quality", {"a_quality": "Clean"}, status=422)
    assert "How many lists?" in page.one("div", id="problems").text()
    ana.submit("/readiness/quality", {"a_quality": "Clean", "a_lists": "3"})
    assert kept(cast).more == {"lists": 3}


def test_what_hangs_on_a_smaller_answer_is_kept_with_it_and_goes_with_it(ana, cast, here):
    ana.get(f"{here}/quality")
    ana.submit("/readiness/quality", ALL)
    assert kept(cast).more == {"lists": 3, "split": "yes", "teams": "North"}
    assert kept(cast).submission.given["teams"] == "North"
    ana.get(f"{here}/quality")
    ana.submit("/readiness/quality", {**ALL, "a_split": "no"})
    assert kept(cast).more == {"lists": 3, "split": "no"}
    ana.get(f"{here}/quality")
    ana.submit("/readiness/quality", {**ALL, "a_quality": "Clean"})
    assert kept(cast).more == {"lists": 3}


def test_a_colleague_is_asked_the_same_through_the_link(app, visitor, ana, cast, here):
    send(ana, here, "quality")
    nora = visitor()
    link = open_link(app)
    assert "How many lists?" in nora.get(link).text
    nora.submit(link, ALL, status=200)
    assert kept(cast).more == {"lists": 3, "split": "yes", "teams": "North"}
