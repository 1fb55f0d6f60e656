"""Steps that complete themselves: what a playbook may ask of them, how far one is, and its page."""

from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portal import db
from portal.onboardings.models import Onboarding
from portal.onboardings.states import StepState
from portal.playbooks.reader import read_checked
from portal.playbooks.source import PlaybookError
from portal.usage import reacting, rules
from portal.usage.meaning import measure
from portal.usage.words import looks_for, so_far
from tests.playbooks.ready import READY
from tests.usage.seen import PAID, REFERRED, SET_UP, SIGNED_IN, saw

TODAY = date(2026, 3, 3)
COUNTS = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(1, 40))


def playbook(**changes) -> str:
    """The small playbook, whose last module has a step more that looks for something."""
    data = yaml.safe_load(READY)
    step = {
        "key": "seen", "title": "See it used", "kind": "usage", "owner_side": "customer", "assignee": "admin",
        "button": "Look at it", "why": "Use is what counts.", "done_when": "It is seen.", "due": "stage 50 %",
        "minutes": 1, "usage": {"event": "Report Exported"},
    }  # fmt: skip
    data["modules"][-1]["steps"].insert(0, {**step, **changes})
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def problems(text: str) -> list:
    with pytest.raises(PlaybookError) as found:
        read_checked(text, "test.yaml")
    return list(found.value.problems)


def test_a_step_of_this_kind_weighs_one() -> None:
    module = read_checked(playbook()).modules[-1]
    assert module.steps[0].effective_weight == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"usage": None}, "a step of kind usage needs “usage”"),
        ({"usage": {}}, "write either event"),
        ({"usage": {"event": "A", "meaning": "value"}}, "write either event"),
        ({"usage": {"event": "A", "people": 2, "at_least": 3}}, "only one of at_least, people"),
        ({"usage": {"event": "A", "percent_of_seats": 101}}, "must be 100 or less"),
        ({"usage": {"meaning": "activation"}}, "add people or percent_of_seats"),
        ({"usage": {"meaning": "activation", "people": 2, "since": "go_live"}}, "leave out since"),
        ({"usage": {"event": "A", "since": "yesterday"}}, "“yesterday” is not known here"),
        ({"owner_side": "us"}, "write owner_side: customer"),
        ({"review": True}, "leave out review"),
        ({"records": "go_live"}, "usage shows first_value alone"),
    ],
)
def test_what_is_wrong_with_one_is_said_on_its_line(changes, says) -> None:
    text = playbook(**changes)
    found = next(one for one in problems(text) if says in one.message)
    at = next(n for n, line in enumerate(text.splitlines(), 1) if "key: seen" in line)
    assert at <= found.line <= at + 16


@given(COUNTS, st.integers(1, 200))
def test_enough_times_is_the_first_day_on_which_the_sum_is_reached(by_day, need) -> None:
    found = rules.times(by_day, need)
    assert found.have == sum(by_day.values())
    if found.on is None:
        assert found.have < need
    else:
        assert sum(n for day, n in by_day.items() if day <= found.on) >= need
        assert sum(n for day, n in by_day.items() if day < found.on) < need


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 3, 31))), st.none() | st.integers(1, 20))
def test_enough_people_is_the_day_of_the_last_that_was_missing(days, need) -> None:
    found = rules.people(days, need)
    assert found.have == len(days)
    assert (found.on is not None) is (need is not None and len(days) >= need)
    if found.on:
        assert sum(day <= found.on for day in days) >= need


@given(st.integers(1, 5000), st.integers(1, 100))
def test_a_share_of_the_seats_is_never_less_than_it_says(seats, percent) -> None:
    need = rules.share_of(seats, percent)
    assert need * 100 >= seats * percent
    assert (need - 1) * 100 < seats * percent
    assert rules.share_of(None, percent) is rules.share_of(0, percent) is None


def asks(step, **usage) -> None:
    """Let this step look for something else."""
    changed = step.spec.usage.model_copy(
        update={"meaning": None, "event": None, "percent_of_seats": None} | usage
    )
    object.__setattr__(step.spec, "usage", changed)


@pytest.fixture
def looking(watched):
    """A step that looks for something, restored after the test: its text is shared by the whole process."""
    step = watched.step_called("first_value")
    before = step.spec.usage
    yield step
    object.__setattr__(step.spec, "usage", before)


def test_events_are_counted_from_the_opening(seeing, looking) -> None:
    asks(looking, event=REFERRED, at_least=3)
    opening = looking.onboarding.stages[0].planned_start
    for day, count in [(opening - timedelta(days=1), 9), (opening, 2), (TODAY, 1)]:
        saw(seeing.account, REFERRED, day, count=count)
    found = measure(looking)
    assert (found.have, found.need, found.on) == (3, 3, TODAY)
    assert looks_for(looking) == "“Referral Submitted”, 3 times"
    assert so_far(looking) == "Seen 3 of 3 times."


def test_since_the_go_live_nothing_counts_before_it(seeing, looking) -> None:
    asks(looking, event=REFERRED, since="go_live")
    saw(seeing.account, REFERRED, TODAY)
    assert measure(looking).on is None
    looking.onboarding.went_live_on = TODAY
    assert measure(looking).on == TODAY


def test_people_who_did_it_are_counted_once(seeing, looking) -> None:
    asks(looking, event=SIGNED_IN, people=2)
    saw(seeing.account, SIGNED_IN, TODAY - timedelta(days=1), person=seeing.ana, count=5)
    assert so_far(looking) == "1 of 2 people so far."
    saw(seeing.account, SIGNED_IN, TODAY, person=seeing.ben)
    assert measure(looking).on == TODAY


def test_the_customers_page_says_what_is_looked_for_and_how_far_it_is(seeing, visitor, app) -> None:
    step = seeing.step("people_activated")
    saw(seeing.account, SIGNED_IN, TODAY, person=seeing.ana)
    saw(seeing.account, SET_UP, TODAY, person=seeing.ana)
    db.session.commit()
    page = visitor(seeing.ana).get(f"/o/{seeing.onboarding.ref}/steps/{step.ref}")
    assert "“Signed In” and “Profile Completed”, by 50 % of the people who have a licence" in page.text
    assert "1 of 2 people so far." in page.text
    assert not [form for form in page.all("form") if form.get("action").endswith("/complete")]


def test_it_says_on_which_day_it_was_seen(seeing, watched, visitor) -> None:
    saw(seeing.account, PAID, TODAY - timedelta(days=1))
    reacting.react(seeing.account.id)
    db.session.commit()
    page = visitor(seeing.ana).get(f"/o/{seeing.onboarding.ref}/steps/{seeing.step('first_value').ref}")
    assert "Seen in your account 2 Mar" in page.one("div", id="said").text()
    assert PAID in page.text


def test_pressing_it_all_the_same_is_refused_in_a_sentence(seeing, app, visitor) -> None:
    with app.test_request_context():
        road = db.session.get_one(Onboarding, seeing.onboarding.id)
        road.begin()
        road.step_called("first_value").state = StepState.READY
        db.session.commit()
    browser, at = visitor(seeing.ana), f"/o/{seeing.onboarding.ref}/steps/{seeing.step('first_value').ref}"
    browser.get(at)
    page = browser.post(f"{at}/complete", {"version": "0"}, status=422)
    assert "is done once it is seen in your account" in page.text
