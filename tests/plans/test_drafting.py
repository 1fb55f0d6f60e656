"""What staff do with a version before anybody signs it; and E06: what was sent never changes."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import db, mail
from portal.accounts.kinds import PortalRole, Segment
from portal.accounts.models import User
from portal.activity.models import Activity, Audience, Verb
from portal.criteria.models import SuccessCriterion
from portal.errors import Conflict, Refused
from portal.notifications.models import DigestItem
from portal.plans.composing import Sources
from portal.plans.document import digest
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import PlanState, SignerRole
from portal.plans.signatories import Candidates, signing
from tests import make
from tests.plans import making


def plan_of(made) -> Plan:
    return Plan.of(made.onboarding)


def send(made, **words) -> PlanVersion:
    return making.sent(made, **words)


def said(made) -> list[Verb]:
    rows = select(Activity.verb).where(Activity.subject_type == "plan_version").order_by(Activity.id)
    return list(db.session.scalars(rows))


def letters(kind: str) -> list[str]:
    """Who gets one of this kind, by itself or as a line of what waited."""
    sent = select(mail.Letter.address).where(mail.Letter.kind == kind, mail.Letter.dropped_at.is_(None))
    kept = select(User.email).join(DigestItem, DigestItem.user_id == User.id).where(DigestItem.kind == kind)
    return sorted([*db.session.scalars(sent), *db.session.scalars(kept)])


# --- Writing ------------------------------------------------------------------------------------


def test_there_is_no_row_before_somebody_writes(made) -> None:
    plan = plan_of(made)
    assert plan.document.headline.startswith("What Northwind and Partnerly")
    assert plan.draft().blockers == []
    assert plan.write({}, seen=0, by=made.priya) is False
    assert plan_of(made).versions == []


def test_what_is_written_stands_in_the_draft_and_is_ours_to_know(made) -> None:
    assert plan_of(made).write({"headline": "Pay on time"}, seen=0, by=made.priya)
    plan = plan_of(made)
    assert plan.written.state is PlanState.DRAFT
    assert plan.document.headline == "Pay on time"
    assert plan.write({"headline": "Pay on time"}, seen=0, by=made.june) is False
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.PLAN_WRITTEN)).one()
    assert row.audience is Audience.STAFF


def test_two_who_write_at_once_read_both(made) -> None:
    plan_of(made).write({"headline": "Priya's"}, seen=0, by=made.priya)
    with pytest.raises(Conflict) as found:
        plan_of(made).write({"headline": "June's"}, seen=0, by=made.june)
    assert (found.value.theirs, found.value.yours) == ({"headline": "Priya's"}, {"headline": "June's"})
    assert plan_of(made).document.headline == "Priya's"


def test_the_customers_admins_hear_once_that_the_draft_can_be_read(made) -> None:
    assert plan_of(made).ask_review(by=made.priya)
    assert plan_of(made).ask_review(by=made.priya) is False
    assert plan_of(made).written.state is PlanState.IN_REVIEW
    assert letters("plan_review") == ["ana@northwind.example"]
    assert said(made) == [Verb.PLAN_REVIEW_ASKED]
    assert plan_of(made).write({"headline": "After their word"}, seen=0, by=made.priya)


# --- Sending ------------------------------------------------------------------------------------


def test_sent_it_is_frozen_and_its_signers_hear_of_it_when_it_is_their_turn(made) -> None:
    version = send(made, sponsors=True, headline="Pay on time")
    assert version.state is PlanState.SENT
    assert version.document.headline == "Pay on time"
    assert version.sha256 == digest(version.snapshot) == digest(version.document.canonical)
    assert version.expires_on == date(2026, 3, 24)
    assert version.sent_by is made.priya
    assert [(one.user.called, one.role) for one in version.signers] == [
        ("Ana", SignerRole.CUSTOMER),
        ("Rui", SignerRole.CUSTOMER_SPONSOR),
        ("Priya", SignerRole.PROVIDER),
    ]
    assert letters("plan_to_sign") == ["ana@northwind.example", "rui@northwind.example"]
    assert said(made)[-1] is Verb.PLAN_SENT
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.PLAN_SENT)).one()
    assert (row.audience, row.data["after"]["sha256"]) == (Audience.CUSTOMER, version.sha256)


def test_a_letter_that_the_draft_can_be_read_is_taken_back_when_it_is_sent(made) -> None:
    plan_of(made).ask_review(by=made.priya)
    send(made)
    assert letters("plan_review") == []


def test_sent_twice_it_is_sent_once(made) -> None:
    seen = plan_of(made).document.mark
    first = plan_of(made).send(seen=seen, by=made.priya)
    assert plan_of(made).send(seen=seen, by=made.priya) is first
    assert len(plan_of(made).versions) == 1
    assert said(made).count(Verb.PLAN_SENT) == 1


def test_what_is_done_meanwhile_keeps_nobody_from_sending_what_they_read(made) -> None:
    seen = plan_of(made).document.mark
    made.step("kickoff").complete(by=made.priya)
    assert plan_of(made).send(seen=seen, by=made.priya).document.stages[1].ticks


def test_what_changed_since_it_was_read_is_not_sent(made) -> None:
    seen = plan_of(made).document.mark
    making.move(made, 3)
    with pytest.raises(Conflict):
        plan_of(made).send(seen=seen, by=made.priya)
    assert plan_of(made).versions == []


def test_one_that_says_the_same_is_not_sent_beside_one_that_waits(made) -> None:
    send(made)
    plan = plan_of(made)
    with pytest.raises(Refused, match="Version 1 says the same"):
        plan.send(seen=plan.document.mark, by=made.priya)


def test_the_next_version_takes_the_place_of_one_that_waits(made) -> None:
    first = send(made)
    making.move(made, 3)
    second = send(made)
    assert (first.state, first.voided_why) == (PlanState.VOIDED, None)
    assert plan_of(made).why_void(first) == "Version 2 takes its place."
    assert plan_of(made).why_void(second) == ""
    assert (second.n, second.state, second.amends) == (2, PlanState.SENT, None)
    assert plan_of(made).to_sign is second


def test_after_a_decline_the_next_draft_begins_from_its_words(made) -> None:
    first = send(made, headline="Pay on time")
    first.state = PlanState.DECLINED
    plan = plan_of(made)
    assert (plan.next_n, plan.document.headline) == (2, "Pay on time")
    second = plan.send(seen=plan.document.mark, by=made.priya)
    assert (second.n, second.words, first.state) == (2, first.words, PlanState.DECLINED)


# --- What keeps it from being sent --------------------------------------------------------------


def missing(made) -> list[tuple[str, str]]:
    return [(one.page, one.says) for one in plan_of(made).draft().blockers]


def test_nothing_agreed_names_each_thing(app, clock) -> None:
    with app.test_request_context():
        made = making.road(clock, agreed=False)
        assert missing(made) == [
            ("goals", "A plan needs 2 agreed results; there are 0."),
            ("scope", "What is in and what is not isn't agreed yet."),
        ]
        plan = plan_of(made)
        with pytest.raises(Refused, match="agreed results"):
            plan.send(seen=plan.document.mark, by=made.priya)
        assert plan_of(made).versions == []


def test_a_result_that_is_talked_about_and_a_list_that_changed(made) -> None:
    one = SuccessCriterion.of(made.onboarding)[0]
    one.suggest(making.PAID, None, seen=one.in_force.ref, by=made.priya)
    making.Scope.of(made.onboarding).item("import").statement = "Another list"
    assert missing(made) == [
        ("goals", "1 result isn't agreed yet."),
        ("scope", "What is in and what is not has changed since it was agreed."),
    ]


def test_dates_that_have_passed(made, clock) -> None:
    made.onboarding.milestones[-1].due_on = date(2026, 3, 9)
    assert missing(made) == [
        ("dates", "“Graduation” is promised for 9 March, which has passed. Move its date first.")
    ]
    made.onboarding.milestones[-1].reached_on = date(2026, 3, 9)
    assert missing(made) == []


def test_nobody_to_sign(made) -> None:
    made.ana.left_at = made.rui.left_at = made.priya.created_at
    words = {"signers": {"provider": []}}
    plan_of(made).write(words, seen=0, by=made.june)
    assert [page for page, _says in missing(made)] == ["signers", "signers"]


def test_a_paused_road(made) -> None:
    made.onboarding.pause("Budget", date(2026, 4, 1), by=made.priya)
    assert missing(made)[0] == ("", "This onboarding is paused until 1 April.")


def test_a_large_customer_is_signed_for_by_sponsors_of_both_sides(made) -> None:
    lena = make.staff("Lena Fischer", "cs_leader")
    made.priya.lead_id = lena.id
    made.account.segment = Segment.ENTERPRISE
    db.session.flush()
    sources = Sources.of(made.onboarding)
    found = signing(made.onboarding, {}, sources, Candidates.of(made.onboarding))
    assert [(one.called, role) for one, role in found] == [
        ("Ana", SignerRole.CUSTOMER),
        ("Rui", SignerRole.CUSTOMER_SPONSOR),
        ("Priya", SignerRole.PROVIDER),
        ("Lena", SignerRole.PROVIDER_SPONSOR),
    ]


def test_it_is_the_admin_who_agreed_most_who_signs_and_nobody_twice(made) -> None:
    first = make.person(made.account, "Carla Sousa", invited_at=made.ana.created_at)
    db.session.expire(made.account, ["people"])
    sources, able = Sources.of(made.onboarding), Candidates.of(made.onboarding)
    assert signing(made.onboarding, {}, sources, able)[0][0] is made.ana
    words = {"signers": {"customer": [first.ref], "customer_sponsors": [first.ref, made.ben.ref]}}
    theirs = [(u, role) for u, role in signing(made.onboarding, words, sources, able) if not role.is_ours]
    assert theirs == [(first, SignerRole.CUSTOMER)]  # Ben is a teammate, so he signs nothing.


# --- Taking back and sending once more ----------------------------------------------------------


def test_taken_back_with_a_reason_once(made) -> None:
    version = send(made)
    assert version.void("A date is wrong.", by=made.priya)
    assert version.void("A date is wrong.", by=made.priya) is False
    assert (version.state, version.voided_why) == (PlanState.VOIDED, "A date is wrong.")
    assert said(made).count(Verb.PLAN_VOIDED) == 1
    assert plan_of(made).to_sign is None


def test_what_ran_out_is_sent_once_more_as_it_was(made, clock) -> None:
    version = send(made)
    was = version.snapshot, version.sha256
    version.state = PlanState.EXPIRED
    clock.at(making.MOMENT + timedelta(days=20))
    assert version.send_again(by=made.priya)
    assert version.send_again(by=made.priya) is False
    assert (version.snapshot, version.sha256) == was
    assert version.expires_on == date(2026, 4, 13)
    assert said(made).count(Verb.PLAN_SENT_AGAIN) == 1


def test_what_ran_out_is_not_sent_again_when_its_dates_have_passed(made, clock) -> None:
    version = send(made)
    version.state = PlanState.EXPIRED
    clock.at(making.MOMENT + timedelta(days=120))
    with pytest.raises(Refused, match="Send a new version"):
        version.send_again(by=made.priya)


def test_what_ran_out_gives_way_to_the_same_text_before_the_worker_has_noted_it(made, clock) -> None:
    first = send(made)
    clock.at(making.MOMENT + timedelta(days=20))
    plan = plan_of(made)
    second = plan.send(seen=plan.document.mark, by=made.priya)
    assert (second.n, second.state, first.state) == (2, PlanState.SENT, PlanState.VOIDED)
    assert letters("plan_expired") == [], "nobody is told to ask for a fresh copy of what was replaced"
    assert letters("plan_to_sign") == ["ana@northwind.example"]


@pytest.mark.parametrize("how", ["left", "part"])
def test_what_ran_out_is_not_sent_again_to_somebody_who_cannot_sign_it(made, clock, how) -> None:
    version = send(made, sponsors=True)
    clock.at(making.MOMENT + timedelta(days=20))
    if how == "left":
        made.rui.left_at = made.ana.created_at
    else:
        made.rui.portal_role = PortalRole.TEAMMATE
    with pytest.raises(Refused, match="Rui Tavares can't sign any more"):
        version.send_again(by=made.priya)
    made.rui.left_at, made.rui.portal_role = None, PortalRole.SPONSOR
    assert version.send_again(by=made.priya)


# --- Amendments ---------------------------------------------------------------------------------


def test_nothing_is_sent_while_nothing_differs_that_is_signed_again(made) -> None:
    making.signed(made, send(made))
    made.ben.name = "Benedict Ortiz"
    assert [says for _page, says in missing(made)] == [
        "Nothing differs that is signed again: dates, results and scope are as in version 1."
    ]


def test_an_amendment_goes_beside_the_version_in_force(made) -> None:
    first = making.signed(made, send(made, changes=["As we said."]))
    making.move(made, 4)
    draft = plan_of(made).draft()
    assert {one.key for one in draft.since} == {"graduates_on", "graduation"}
    second = send(made, reason="The bank needs four days more.")
    assert (second.n, second.amends, second.document.amends) == (2, first, 1)
    assert second.document.summary == "The bank needs four days more."
    assert second.document.changes == ("As we said.",)
    assert first.state is PlanState.SIGNED
    text = next(one.text for one in db.session.scalars(select(mail.Letter).order_by(mail.Letter.id.desc())))
    assert "Version 1 stays in force" in text
    assert "Graduation" in text


def test_in_an_amendment_nothing_but_its_reason_is_written(made) -> None:
    making.signed(made, send(made, headline="Pay on time"))
    making.move(made, 4)
    version = send(
        made, headline="Something else", people={made.ben.ref: {"does": "Nothing"}}, changes=["No."]
    )
    assert version.document.headline == "Pay on time"
    assert version.document.theirs == plan_of(made).in_force.document.theirs
    assert version.document.changes == plan_of(made).in_force.document.changes


# --- E06 ----------------------------------------------------------------------------------------

SENT_STATES = [state for state in PlanState if state not in (PlanState.DRAFT, PlanState.IN_REVIEW)]


@pytest.mark.parametrize("state", SENT_STATES)
def test_e06_nothing_that_was_sent_changes_its_text(made, state) -> None:
    version = send(made)
    version.state = state
    db.session.flush()
    was = (version.snapshot, version.sha256, version.words, version.n, [s.user_id for s in version.signers])
    making.move(made, 5)
    other = plan_of(made).document
    for act in (
        lambda: version.write({"headline": "Other"}, seen=0, by=made.priya),
        lambda: version.ask_review(by=made.priya),
        lambda: version.freeze(other, [(made.ana, SignerRole.CUSTOMER)], None, by=made.priya),
    ):
        with pytest.raises(Refused):
            act()
    for act in (lambda: version.send_again(by=made.priya), lambda: version.void("x", by=made.priya)):
        with suppress(Refused):
            act()
    if state is not PlanState.SIGNED and plan_of(made).to_sign is None:
        making.sent(made)
    db.session.flush()
    db.session.expire_all()
    kept = (version.snapshot, version.sha256, version.words, version.n, [s.user_id for s in version.signers])
    assert kept == was
