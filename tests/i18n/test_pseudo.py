"""Every sentence a person reads goes through gettext: in wide letters, whatever is left in plain ones does not."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete

from portal import db, mail, schedule, worker
from portal.accounts.kinds import TeamRole
from portal.auth import letters as auth_letters
from portal.auth import links
from portal.auth.models import Purpose, SignInLink
from portal.calls import letters as call_letters
from portal.calls.models import Call
from portal.criteria import letters as criteria_letters
from portal.criteria.models import SuccessCriterion
from portal.desk import morning
from portal.escalations import letters as escalation_letters
from portal.escalations.cases import Why, open_case, unsettled
from portal.handoffs import letters as handoff_letters
from portal.handoffs.models import Handoff
from portal.messages import letters as message_letters
from portal.messages.models import Message
from portal.notifications.models import DailyLetter, DigestItem
from portal.notifications.rules import Kind
from portal.nudges import letters as nudge_letters
from portal.nudges.models import Nudge
from portal.nudges.rules import Rung
from portal.onboardings import letters as letters_of_road
from portal.onboardings import people_letters
from portal.onboardings.holds import Hold
from portal.onboardings.models import Onboarding
from portal.plans import letters as plan_letters
from portal.plans import seal_letters, sending_letters
from portal.plans.document import digest
from portal.plans.models import PlanSigner, PlanVersion, Signature
from portal.plans.rules import PlanState, SignerRole
from portal.readiness import letters as readiness_letters
from portal.readiness import prerequisite_letters
from portal.readiness.asks import ReadinessAsk
from portal.readiness.prerequisite_asking import add_own
from portal.scope import letters as scope_letters
from portal.scope.models import Scope
from tests.i18n.wide import missed, plain_words, wide
from tests.plans.samples import a_document
from tests.security.asking import undone
from tests.security.routes import ROUTES, address, fields, rules, sees
from tests.security.world import OWN, STEPS

READERS = ["ana", "ben", "rui", "priya", "lena", "otto", "nobody"]
OF_EVERY_STEP = {"ana", "priya"}


def told(answer) -> list[str]:
    """The pieces in plain letters, of whatever kind the answer is."""
    if answer.mimetype == "text/html" and answer.status_code not in (302, 303):
        return missed(answer.text)
    return []


@pytest.mark.parametrize("name", READERS)
def test_every_page_speaks_through_gettext(shared_app, wide_world, caller, name):
    me, wrong, seen = caller(name), {}, 0
    for (method, rule), sample in ROUTES.items():
        if method == "GET":
            for path in paths(shared_app, wide_world, rule, sample, name):
                answer = me.send("GET", path)
                seen += answer.status_code == 200 and answer.mimetype == "text/html"
                for text in told(answer):
                    wrong.setdefault(text, path)
    assert seen >= (2 if name == "nobody" else 3)
    assert not wrong, "\n".join(f"{path}: {text}" for text, path in wrong.items())


def paths(app, world, rule, sample, name):
    """The addresses of a page: one, or one for each step, stage and tab."""
    known, refs = rules(app)["GET", rule], world.sides[OWN].refs
    if "sid" in sample.ids and name in OF_EVERY_STEP:
        for thing in STEPS:
            yield known.build(
                {**{n: refs[t] for n, t in sample.ids.items()}, **sample.fixed, "sid": refs[thing]}
            )[1]
    elif chosen := [one for one in ("key", "tab") if hasattr(known._converters.get(one), "items")]:
        (part,) = chosen
        for value in known._converters[part].items:
            yield known.build({**{n: refs[t] for n, t in sample.ids.items()}, part: value})[1]
    else:
        yield address(known, sample, refs)


@pytest.mark.parametrize("bad", ["", "!", "x" * 5000], ids=["empty", "odd", "long"])
@pytest.mark.parametrize("name", ["ana", "ben", "priya", "nobody"])
def test_every_refusal_speaks_through_gettext(shared_app, wide_world, caller, name, bad):
    """Each form is sent with every field wrong; what comes back is a sentence of ours, not of a library's."""
    me, wrong = caller(name), {}
    for (method, rule), sample in ROUTES.items():
        if method != "POST" or name not in sample.who or (sample.scoped and not sees(name, OWN, sample)):
            continue
        path = address(rules(shared_app)[method, rule], sample, wide_world.sides[OWN].refs)
        given = dict.fromkeys(fields(wide_world, sample, OWN), bad)
        with undone(wide_world):
            if sample.before:
                sample.before(wide_world.sides[OWN])
            answer = me.send("POST", path, given)
        for text in told(answer):
            wrong.setdefault(text, path)
    assert not wrong, "\n".join(f"{path}: {text}" for text, path in wrong.items())


TYPED = {
    "name",
    "job_title",
    "admin_name",
    "reason",
    "know",
    "body",
    "detail",
    "unblocker",
    "notes",
    "text_1",
    "quote",
    "text",
    "outcome",
}


def test_what_is_done_is_told_through_gettext(shared_app, wide_world, caller):
    """The sentence above the page after each deed, and the letters that go out with it."""
    wrong, flashed, kinds = {}, 0, set()
    for (method, rule), sample in ROUTES.items():
        if method != "POST":
            continue
        path = address(rules(shared_app)[method, rule], sample, wide_world.sides[OWN].refs)
        with undone(wide_world):
            if sample.before:
                sample.before(wide_world.sides[OWN])
            sent = fields(wide_world, sample, OWN)
            before = {letter.id for letter in letters(wide_world)}
            given = {name: wide(value) if name in TYPED else value for name, value in sent.items()}
            answer = caller(sample.actor).send("POST", path, given)
            worker.work(once=True, around=shared_app.test_request_context)
            new = [letter for letter in letters(wide_world) if letter.id not in before]
            kinds |= {letter.kind for letter in new}
            pieces = [text for letter in new for text in written(letter)]
            if answer.status_code == 303:
                answer, said = follow(shared_app, wide_world, sample.actor, answer)
                flashed += said
            pieces += told(answer)
        for text in pieces:
            wrong.setdefault(text, path)
    assert flashed > 10
    assert kinds >= {"invitation", "sign_in", "message", "call", "step_assigned"}, kinds
    assert not wrong, "\n".join(f"{path}: {text}" for text, path in wrong.items())


def follow(app, world, name, answer):
    """The page that an answer leads to, with the sentence above it, and whether there was one."""
    client = app.test_client()
    client.set_cookie("session", world.cookies.get(name, ""))
    for cookie in answer.headers.getlist("Set-Cookie"):
        key, _is, value = cookie.partition(";")[0].partition("=")
        client.set_cookie(key, value)
    page = client.get(answer.headers["Location"])
    return page, "flash" in page.text


# --- Letters --------------------------------------------------------------------------------------


def letters(world) -> list[mail.Letter]:
    """What was put into the outbox since the world was built."""
    db.session.rollback()
    return list(db.session.query(mail.Letter).filter(mail.Letter.id > world.letters).order_by(mail.Letter.id))


def written(letter: mail.Letter) -> list[str]:
    """What of a letter is in plain letters: in its head, its text and its page."""
    plain = [letter.subject, letter.from_name or "", *(letter.text or "").splitlines()]
    return [f"{letter.kind}: {text}" for text in [*filter(plain_words, plain), *missed(letter.html or "")]]


def test_letters_of_three_weeks_speak_through_gettext(shared_app, wide_world, clock):
    """Nobody does anything: reminders, what we were late with, the digests that gather it all."""
    with undone(wide_world):
        for _quarter_day in range(3 * 7 * 4):
            clock.forward(hours=6)
            worker.work(once=True, schedule=schedule.run_due, around=shared_app.test_request_context)
        outbox = letters(wide_world)
    found = {letter.kind for letter in outbox}
    assert found >= {"reminder_after", "digest"}, found
    assert_wide(outbox)


def test_each_letter_speaks_through_gettext(shared_app, wide_world):
    """Every letter that there is, each as if it were the only one of its day."""
    with undone(wide_world), shared_app.test_request_context():
        road = db.session.get_one(Onboarding, wide_world.sides[OWN].road_id)
        for write in every_letter(road):
            for gone in (DailyLetter, DigestItem):
                db.session.execute(delete(gone))
            write()
            db.session.flush()
        db.session.commit()
        outbox = letters(wide_world)
    missing = {kind.value for kind in Kind} - {letter.kind for letter in outbox} - {"digest"}
    assert not missing, missing
    assert_wide(outbox)


def every_letter(road: Onboarding):
    """What writes each letter, about this road."""
    admin, mate = road.account.people[:2]
    priya, step, stage = (
        road.owner,
        next(one for one in road.steps if one.key == STEPS["read"]),
        road.stages[0],
    )
    call, message = db.session.query(Call).first(), db.session.query(Message).first()
    road.quote, road.quoted_by = wide("We pay partners late"), wide("Ana Moreira")
    step.submitted_by, step.return_reason, step.reopen_reason = admin, wide("The share"), wide("It changed")
    step.blocked_by, step.blocked_detail, step.unblocker = "access", wide("No key"), wide("Ben")
    about_step = [letters_of_road.reminder_before, letters_of_road.reminder_after]
    by_us = [letters_of_road.returned, letters_of_road.reopened]
    by_them = [letters_of_road.handed_in, letters_of_road.blocked, letters_of_road.skip_asked]
    yield partial(letters_of_road.welcome, road)
    yield partial(letters_of_road.stage_complete, stage)
    yield from (partial(write, step) for write in about_step)
    yield from (partial(write, step, priya) for write in by_us)
    yield from (partial(write, step, admin) for write in by_them)
    yield partial(letters_of_road.skip_declined, step, wide("It counts"), priya)
    yield partial(letters_of_road.we_are_late, step)
    yield partial(people_letters.person_suggested, road, mate, admin)
    yield partial(people_letters.address_asked_for, mate, road)
    yield from (partial(call_letters.announce, call, news, by=mate) for news in call_letters.News)
    yield partial(message_letters.written, message, [priya, admin, mate], [admin])
    yield partial(give, step, mate, priya)
    handoff, sam = (
        db.session.query(Handoff).filter_by(onboarding_id=road.id).one(),
        road.on_team(TeamRole.ACCOUNT_EXECUTIVE),
    )
    handoff.author, handoff.returned_why = sam, wide("Who signs?")
    yield partial(handoff_letters.submitted, handoff, sam)
    yield from (
        partial(write, handoff, priya) for write in (handoff_letters.returned, handoff_letters.accepted)
    )
    yield from letters_about_prerequisites(road, mate, priya)
    results = SuccessCriterion.of(road)
    yield from (partial(criteria_letters.turn, road, results, by) for by in (priya, admin))
    yield from (partial(criteria_letters.agreed, road, results, by) for by in (priya, admin))
    yield partial(scope_letters.waits, Scope.of(road), priya)
    ask = db.session.query(ReadinessAsk).filter_by(account_id=road.account_id, person_id=None).one()
    yield partial(readiness_letters.question, ask, ask.spec)
    yield from (partial(readiness_letters.answered, ask, stands=stands) for stands in (True, False))
    yield partial(readiness_letters.too_late, ask)
    yield from letters_about_a_plan(road, admin, priya)
    yield from letters_about_a_case(road)
    yield from (partial(follow_up, road, one, rung, priya) for one in (admin, mate) for rung in Rung)
    yield partial(morning.send, priya, [DigestItem(line=wide("Sam wrote"), path="/staff")])
    yield partial(links.invite, mate, admin, items=3, minutes=40)
    yield partial(auth_letters.put_sign_in, SignInLink.issue(admin, Purpose.SIGN_IN))
    yield partial(auth_letters.put_code, SignInLink.issue(admin, Purpose.AGAIN), wide("The plan"))


def letters_about_a_case(road):
    """Whoever is called in, at each level, and when nobody moves."""
    why = Why("R1", {"stage_age_days": 9, "stage_budget_days": 7})
    yield partial(open_case, road, [why, Why("person", {"text": wide("No answer"), "who": wide("Priya")})])
    yield partial(open_case, road, [why], level=2)
    yield lambda: escalation_letters.overdue(unsettled(road))


def follow_up(road, reader, rung, by) -> None:
    """One of each rung; `mate` reads it as somebody who never came."""
    reader.joined_at = road.created_at if reader.is_admin else None
    draft = nudge_letters.written(road, reader, road.next_step, rung)
    nudge = Nudge.write(road, reader, road.next_step, draft, by=by, rung=rung)
    nudge.quiet_since -= timedelta(days=reader.id)  # The clock stands still, and two are never begun at once.
    nudge_letters.leave(nudge)
    nudge.mark_sent(None)


def letters_about_a_plan(road, admin, priya):
    """About a version that no row stands for."""
    said = a_document(headline=wide("Paid on time"), provider=wide("Partnerly")).canonical
    version = PlanVersion(
        id=1,
        account_id=road.account_id,
        onboarding=road,
        n=9,
        sent_by=priya,
        snapshot=said,
        sha256=digest(said),
    )
    version.expires_on, version.declined_why = road.account.today, wide("Too soon")
    sides = [(admin, SignerRole.CUSTOMER), (priya, SignerRole.PROVIDER)]
    asked = [PlanSigner(user=user, user_id=user.id, role=role) for user, role in sides]
    version.signers, version.state = asked, PlanState.SENT
    yield partial(sending_letters.review, version, priya)
    yield partial(sending_letters.to_sign, version, asked[0], priya)
    yield partial(plan_letters.handed_on, version, asked[0], admin)
    yield from (partial(plan_letters.reminder, version, one) for one in asked)
    yield partial(plan_letters.declined, version, admin)
    yield partial(plan_letters.expired, version)
    yield partial(plan_letters.fresh_asked, version, admin)
    version.signatures = [Signature(user_id=admin.id, role=SignerRole.CUSTOMER, name=admin.name)]
    yield partial(plan_letters.signed_in_part, version, version.ours[0], admin)
    yield partial(seal_letters.signed, version, b"%PDF")


def letters_about_prerequisites(road, mate, priya):
    asked = {"due_on": road.account.today, "blocking": True, "by": priya}
    one = add_own(road, wide("A sample"), wide("Twenty rows."), wide("Ask finance."), **asked)
    one.in_the_way, one.because = wide("No access"), wide("you said so")
    yield partial(prerequisite_letters.asked, one, priya)
    yield partial(one.hand_to, mate, by=priya)
    yield partial(
        prerequisite_letters.held, one, Hold(reason=wide("No data"), review_on=road.account.today), priya
    )
    yield partial(prerequisite_letters.sponsors_asked, one)


def give(step, person, by) -> None:
    step.assignee, step.assignee_id = person, person.id
    letters_of_road.assigned(step, by)


def assert_wide(outbox: list[mail.Letter]) -> None:
    wrong = {text for letter in outbox for text in written(letter)}
    assert not wrong, "\n".join(sorted(wrong))


# --- The check itself -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Welcome</p>", '<img alt="A picture" src="/x.png">', '<button aria-label="Close"></button>',
        '<input type="submit" value="Send">', "<svg><title>Road</title></svg>", "<option>None</option>",
        f"<p>{wide('Signed by')} the team</p>",
    ],
)  # fmt: skip
def test_a_sentence_without_gettext_is_found(planted):
    assert len(missed(planted)) == 1


def test_what_is_no_sentence_is_left_alone():
    wide_words = wide("Good <b>morning</b>, %(name)s &amp; all: {{link}}")
    assert wide_words.count("<b>") == 1
    assert "%(name)s" in wide_words
    assert missed("<p>ana@northwind.example · Europe/Lisbon · 12:00 <code>portal migrate</code></p>") == []
    assert plain_words(wide("Nothing is left")) == []
