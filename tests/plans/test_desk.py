"""The plan at the desk: written, looked through, sent, taken back; and what staff read of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.kinds import PortalRole, Segment, TeamRole
from portal.activity.models import Activity, Verb
from portal.messages.models import Message
from portal.onboardings.models import Onboarding
from portal.plans.models import Plan, PlanVersion
from portal.plans.rules import PlanState
from tests import make
from tests.plans import making
from tests.plans.signed import sign


@pytest.fixture
def cast(app, clock):
    """Everything is agreed; committed."""
    with app.test_request_context():
        made = making.road(clock)
        db.session.commit()
    return made


@pytest.fixture
def at(cast) -> str:
    return f"/staff/accounts/{cast.account.ref}/plan"


@pytest.fixture
def priya(visitor, cast, at):
    """Priya on the page."""
    visit = visitor(cast.priya)
    visit.get(at)
    return visit


@pytest.fixture
def later(app, cast):
    """Does something with the plan beside the pages; committed."""

    def act(what):
        with app.test_request_context():
            db.session.expire_all()
            for name, value in vars(cast).items():
                if name != "onboarding":
                    setattr(cast, name, db.session.merge(value))
            cast.onboarding = db.session.get_one(Onboarding, cast.onboarding.id)
            found = what(cast)
            db.session.commit()
        return found

    return act


def the(cast) -> Plan:
    """The plan, read anew."""
    db.session.expire_all()
    return Plan.of(db.session.get_one(Onboarding, cast.onboarding.id))


def form(visit, ending: str):
    return next(
        (f for f in visit.page.all("form") if f.get("action").partition("?")[0].endswith(ending)), None
    )


def submit(visit, ending: str, data=None, status=303):
    """The form whose address ends so, with what stands in it."""
    found = form(visit, ending)
    assert found is not None, ending
    return visit.submit(found.get("action"), data, status)


def test_the_page_is_there_before_anything_is_kept(priya, cast) -> None:
    text = priya.page.text
    assert "A draft that fills itself from what is agreed" in text
    assert "Ready to send" in text
    assert "What Northwind and Partnerly will do by 8 June" in text
    assert the(cast).versions == []


def test_what_is_written_is_kept_and_the_rest_goes_on_filling_itself(priya, cast, at, visitor) -> None:
    ben = f"does-{cast.ben.ref}"
    submit(priya, "/plan/save", {"headline": "Pay partners on time", ben: "Connects the CRM"})
    written = the(cast).written
    assert written.words == {
        "headline": "Pay partners on time",
        "people": {cast.ben.ref: {"does": "Connects the CRM"}},
    }
    text = priya.get(at).text
    assert "Pay partners on time" in text
    assert "Connects the CRM" in text
    submit(priya, "/plan/save", {"headline": ""})
    assert "headline" not in the(cast).written.words
    assert the(cast).document.headline.startswith("What Northwind")


def test_whoever_has_two_parts_has_words_for_each(priya, cast, at, later) -> None:
    def both(made) -> None:
        next(one for one in made.onboarding.team if one.role is TeamRole.CSM).staff = made.priya

    later(both)
    priya.get(at)
    submit(priya, "/plan/save")
    assert the(cast).versions == []
    csm = f"csm-{cast.priya.ref}"
    submit(priya, "/plan/save", {f"does-{csm}": "Takes over in summer"})
    assert the(cast).written.words == {"people": {csm: {"does": "Takes over in summer"}}}
    ours = [(one.name, one.does) for one in the(cast).document.ours]
    assert ours[0] == ("Priya Rao", "Runs this plan until graduation")
    assert ours[-1] == ("Priya Rao", "Takes over in summer")


def test_sent_as_it_stands_nothing_is_kept_of_it(priya, cast) -> None:
    submit(priya, "/plan/save")
    assert the(cast).versions == []


def test_what_was_filled_in_is_nobodys_words_when_it_moves_while_somebody_writes(priya, cast, later) -> None:
    def move(made) -> None:
        making.move(made, 2)
        made.ben.portal_role = PortalRole.SPONSOR
        made.account.segment = Segment.ENTERPRISE

    later(move)
    submit(priya, "/plan/save", {f"time-{cast.ben.ref}": "a day a week"})
    assert the(cast).written.words == {"people": {cast.ben.ref: {"time": "a day a week"}}}
    assert the(cast).document.headline == "What Northwind and Partnerly will do by 10 June"
    assert the(cast).draft().signing == the(cast).draft().proposed


def test_changes_are_paragraphs(priya, cast) -> None:
    submit(priya, "/plan/save", {"changes": "One.\r\n\r\nTwo\r\nlines.\r\n\r\n\r\n"})
    assert the(cast).document.changes == ("One.", "Two\nlines.")


def test_who_signs_is_chosen(priya, cast, at) -> None:
    submit(
        priya,
        "/plan/save",
        {"customer": cast.ana.ref, "customer_sponsors": [cast.rui.ref], "provider": ""},
    )
    assert the(cast).written.words["signers"]["customer_sponsors"] == [cast.rui.ref]
    text = priya.get(at).text
    assert "Nobody signs for us" in text
    assert "Ready to send" not in text
    priya.post(f"{at}/send?o={cast.onboarding.ref}", {"seen": the(cast).document.mark}, status=422)
    assert the(cast).to_sign is None


@pytest.mark.parametrize("seen", ["9" * 5000, "٣" * 5000, "²", "-1", "x", ""])
def test_a_number_that_no_page_carries_is_nobodys_draft(priya, cast, seen) -> None:
    submit(priya, "/plan/save", {"headline": "One"})
    priya.follow()
    submit(priya, "/plan/save", {"headline": "Two", "seen": seen}, status=409)
    assert the(cast).document.headline == "One"


def test_nobody_else_can_be_put_among_the_signers(priya, cast, at) -> None:
    data = {"customer": cast.ben.ref, "provider": cast.priya.ref, "seen": "0", "headline": "x"}
    priya.post(f"{at}/save", data, status=422)
    assert the(cast).versions == []


def test_two_who_write_at_once_read_both_and_the_second_can_go_on(priya, visitor, cast, at) -> None:
    june = visitor(cast.june)
    june.get(at)
    submit(priya, "/plan/save", {"headline": "Priya's words"})
    page = submit(june, "/plan/save", {"headline": "June's words"}, status=409)
    assert "What was written meanwhile" in page.text
    assert "Priya's words" in page.text
    assert "June's words" in [one.get("value") for one in page.all("input", name="headline")]
    assert the(cast).document.headline == "Priya's words"
    submit(june, "/plan/save", {"headline": "June's words"})
    assert the(cast).document.headline == "June's words"


def test_sending_needs_what_was_read_and_happens_once(priya, cast, at, later) -> None:
    seen = form(priya, "/plan/send").all("input", name="seen")[0]["value"]
    later(lambda made: making.move(made, 2))
    submit(priya, "/plan/send", status=409)
    assert the(cast).versions == []
    priya.get(at)
    assert seen != form(priya, "/plan/send").all("input", name="seen")[0]["value"]
    submit(priya, "/plan/send")
    assert the(cast).to_sign.n == 1
    text = priya.get(at).text
    assert "Version 1 was sent on 10 March and can be signed until 24 March" in text
    assert form(priya, "/plan/send") is None


def test_what_is_missing_stands_there_with_the_way(app, clock, visitor) -> None:
    with app.test_request_context():
        made = making.road(clock, agreed=False)
        db.session.commit()
    priya = visitor(made.priya)
    page = priya.get(f"/staff/accounts/{made.account.ref}/plan")
    links = [a.get("href") for a in page.all("a") if "agreed" in a.text()]
    assert any("/goals" in link for link in links)
    assert any("/scope" in link for link in links)
    assert form(priya, "/plan/send") is None


def test_they_are_asked_to_look_through_it(priya, cast, at) -> None:
    submit(priya, "/plan/review")
    assert the(cast).written.state is PlanState.IN_REVIEW
    assert "Their admins were asked on 10 March" in priya.get(at).text
    assert form(priya, "/plan/review") is None


def test_the_desk_says_when_they_read_what_is_written(priya, cast, at, visitor) -> None:
    ana, theirs = visitor(cast.ana), f"/o/{cast.onboarding.ref}/plan"
    assert "As the customer reads it" in priya.page.text
    submit(priya, "/plan/save", {"headline": "Pay partners on time"})
    text = priya.get(at).text
    assert "They read it once you ask them to look through it" in text
    assert "As it would be sent" in text
    assert "Pay partners on time" not in ana.get(theirs).text
    submit(priya, "/plan/review")
    priya.get(at)
    submit(priya, "/plan/save", {"headline": "Pay every partner on time"})
    text = priya.get(at).text
    assert "They see it in the draft at once" in text
    assert "As the customer reads it" in text
    assert "Pay every partner on time" in ana.get(theirs).text
    submit(priya, "/plan/send")
    priya.get(at)
    assert form(priya, "/plan/save") is not None
    submit(priya, "/plan/save", {"headline": "Pay them all"})
    text = priya.get(at).text
    assert "They read it once you ask them to look through it" in text
    assert "As it would be sent" in text
    assert "Pay them all" not in ana.get(theirs).text


def test_taken_back_with_a_reason(priya, cast, at) -> None:
    submit(priya, "/plan/send")
    priya.get(at)
    submit(priya, "/plan/void", {"why": ""}, status=422)
    submit(priya, "/plan/void", {"why": "A date is wrong."})
    assert the(cast).version(1).state is PlanState.VOIDED
    assert "A date is wrong." in priya.get(at).text


def test_a_draft_that_is_thrown_away_fills_itself_anew(priya, cast, at) -> None:
    submit(priya, "/plan/save", {"headline": "Pay partners on time"})
    assert "it fills itself anew" in priya.get(at).text
    submit(priya, "/plan/void", {"why": "Begun too early."})
    plan = the(cast)
    assert (plan.next_n, plan.words, plan.document.headline[:14]) == (2, {}, "What Northwind")


def test_what_ran_out_is_sent_again_with_one_click(priya, cast, at, later, clock) -> None:
    submit(priya, "/plan/send")
    clock.at(making.MOMENT + timedelta(days=20))
    priya.sign_in(cast.priya)
    assert "Nobody signed version 1 in time" in priya.get(at).text
    submit(priya, "/plan/again")
    assert the(cast).to_sign.expires_on.isoformat() == "2026-04-13"


def test_what_ran_out_goes_to_others_where_somebody_cannot_sign_it_any_more(
    priya, cast, at, later, clock
) -> None:
    later(lambda made: making.sent(made, sponsors=True))
    clock.at(making.MOMENT + timedelta(days=20))
    priya.sign_in(cast.priya)
    priya.get(at)
    assert form(priya, "/plan/send") is None
    later(lambda made: setattr(made.rui, "left_at", made.ana.created_at))
    submit(priya, "/plan/again", status=422)
    assert form(priya, "/plan/again") is None
    submit(priya, "/plan/send")
    assert [one.user_id for one in the(cast).to_sign.signers] == [cast.ana.id, cast.priya.id]
    assert the(cast).version(1).state is PlanState.VOIDED


def test_what_ran_out_with_days_that_have_passed_is_written_anew(priya, cast, at, later, clock) -> None:
    submit(priya, "/plan/send")
    clock.at(making.MOMENT + timedelta(days=120))
    priya.sign_in(cast.priya)
    text = priya.get(at).text
    assert "Nobody signed version 1 in time" in text
    assert "A new version takes its place." in text
    assert "What is missing before it can be sent" in text
    assert form(priya, "/plan/again") is None
    assert [link for link in priya.page.all("a") if "Move its date first" in link.text()]


def test_what_they_declined_is_not_offered_as_ready(priya, cast, at, later) -> None:
    submit(priya, "/plan/send")
    later(lambda made: Plan.of(made.onboarding).to_sign.decline("The dates are too early.", by=made.ana))
    text = priya.get(at).text
    assert "It says what they declined" in text
    assert "Ready to send" not in text
    assert "btn--main" not in form(priya, "/plan/send").one("button")["class"]
    later(lambda made: making.move(made, 5))
    text = priya.get(at).text
    assert "It says what they declined" not in text
    assert "Ready to send" in text


def test_a_decline_stands_on_top_with_its_reason(priya, cast, at, later) -> None:
    submit(priya, "/plan/send")
    later(lambda made: Plan.of(made.onboarding).to_sign.decline("The dates are too early.", by=made.ana))
    text = priya.get(at).text
    assert "Ana Moreira won't sign version 1" in text
    assert "The dates are too early." in text
    assert "version 2" in text.lower()


def test_who_has_signed_and_whose_turn_it_is(priya, cast, at, later) -> None:
    submit(priya, "/plan/send")
    assert "can sign now" in priya.get(at).text
    later(lambda made: sign(Plan.of(made.onboarding).to_sign, made.ana))
    text = priya.get(at).text
    assert "signed 10 Mar" in text
    assert "Countersign version 1" in text


def test_an_amendment_waits_and_only_its_reason_is_written(priya, cast, at, later) -> None:
    submit(priya, "/plan/send")
    later(lambda made: sign(Plan.of(made.onboarding).to_sign, made.ana, made.priya))
    text = priya.get(at).text
    assert "Both sides signed version 1 on 10 March" in text
    assert "Milestones against the signed plan" in text
    assert form(priya, "/plan/save") is None
    later(lambda made: making.move(made, 4))
    text = priya.get(at).text
    assert "What differs from version 1" in text
    assert "signed again" in text
    assert "2 working days later" in text  # Two of the four are holidays in Lisbon.
    names = [
        one["name"]
        for one in form(priya, "/plan/save").all("textarea", "input")
        if one.get("type") != "hidden"
    ]
    assert [name for name in names if "sponsors" not in name] == ["reason"]
    submit(priya, "/plan/save", {"reason": "The bank needs four days more."})
    priya.get(at)
    submit(priya, "/plan/send")
    plan = the(cast)
    assert (plan.in_force.n, plan.to_sign.n, plan.to_sign.amends.n) == (1, 2, 1)
    assert plan.to_sign.document.summary == "The bank needs four days more."


def test_e06_no_form_of_the_desk_changes_what_was_sent(priya, cast, at, later) -> None:
    submit(priya, "/plan/send")
    later(lambda made: sign(Plan.of(made.onboarding).to_sign, made.ana, made.priya))
    one = the(cast).in_force
    was = (one.snapshot, one.sha256, one.words, one.state, one.amends_id, one.sent_at, one.expires_on)
    road = f"?o={cast.onboarding.ref}"
    for ending, data, status in (
        ("save", {"seen": "0", "customer": cast.ana.ref, "provider": cast.priya.ref, "reason": "Other"}, 303),
        ("save", {"seen": "0", "headline": "Other", "customer": "", "provider": ""}, 422),
        ("send", {"seen": one.document.mark}, 422),
        ("void", {"n": "1", "why": "No"}, 422),
        ("again", {"n": "1"}, 422),
    ):
        priya.get(at)
        priya.post(f"{at}/{ending}{road}", data, status)
    one = the(cast).version(1)
    assert (one.snapshot, one.sha256, one.words, one.state, one.amends_id, one.sent_at, one.expires_on) == was


def test_a_file_that_could_not_be_sealed_is_tried_again(priya, cast, at, later) -> None:
    submit(priya, "/plan/send")

    def fail(made):
        version = sign(Plan.of(made.onboarding).to_sign, made.ana, made.priya)
        version.note_seal_failure("The passphrase is another one.")

    later(fail)
    text = priya.get(at).text
    assert "Version 1 could not be sealed" in text
    assert "The passphrase is another one." in text
    submit(priya, "/plan/seal-again")
    assert the(cast).in_force.seal_failed_at is None
    assert "could not be sealed" not in priya.get(at).text


def test_what_is_said_about_it_stands_there_and_is_answered(priya, cast, at) -> None:
    submit(priya, "/plan/comment", {"body": "Which date do you mean?"})
    assert db.session.scalars(select(Message.body)).one() == "Which date do you mean?"
    submit(priya, "/plan/comment", {"body": " "}, status=422)


def test_who_writes_no_plan_reads_it(visitor, cast, at) -> None:
    tomas = visitor(cast.tomas)
    tomas.get(at)
    assert form(tomas, "/plan/send") is None
    assert form(tomas, "/plan/save") is None
    for ending in ("save", "review", "send", "void", "again"):
        tomas.get(at)
        tomas.post(f"{at}/{ending}", {"n": "1", "why": "x", "seen": "0"}, status=403)


def test_customers_and_other_sellers_find_nothing_here(visitor, cast, at) -> None:
    rival = make.staff("Ulla Berg", "account_executive")
    db.session.commit()
    for user in (cast.ana, cast.rui, rival):
        someone = visitor(user)
        someone.get(at, 404)
        someone.get("/preferences")
        someone.post(f"{at}/send", {"seen": "x"}, 404 if user is not rival else 403)


def test_a_version_leads_to_its_page(priya, cast, at) -> None:
    submit(priya, "/plan/send")
    ref = the(cast).version(1).ref
    assert priya.get(f"/staff/plans/{ref}/edit", 303).location == f"{at}?o={cast.onboarding.ref}"
    priya.get("/staff/plans/nothing/edit", 404)


def test_writing_is_remembered_without_its_words(priya, cast) -> None:
    submit(priya, "/plan/save", {"headline": "Pay partners on time"})
    row = db.session.scalars(select(Activity).where(Activity.verb == Verb.PLAN_WRITTEN)).one()
    assert "Pay partners" not in str(row.data)
    assert row.subject_type == PlanVersion.__tablename__


def test_the_page_costs_a_set_number_of_statements(priya, cast, at, statements) -> None:
    with statements() as seen:
        priya.get(at)
    assert len(seen) <= 28, "\n".join(seen)


def test_once_signed_it_says_who_has(priya, cast, at, later) -> None:
    def by_rui(made) -> None:
        version = making.sent(made)
        version.hand_on(made.rui, by=made.ana)
        sign(version, made.rui, made.priya)

    later(by_rui)
    signers = priya.get(at).one("section", id="signers").text()
    assert "Who has signed" in signers
    assert "Rui" in signers
    assert "10 Mar" in signers
    assert "Ana Moreira for the customer" not in signers
