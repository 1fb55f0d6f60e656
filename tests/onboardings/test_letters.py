"""The letters of an onboarding: what they say, to whom, and how they look from outside."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from html import unescape

import pytest
from flask_babel import Domain
from sqlalchemy import delete, select

from portal import db, mail
from portal.accounts.kinds import PortalRole
from portal.accounts.models import Person, User
from portal.notifications.models import DailyLetter, DigestItem, choose
from portal.notifications.rules import Cadence, Channel, Kind
from portal.onboardings import letters, paper, road_wording
from portal.onboardings.paper import PREHEADER, SUBJECT, fitted, flat
from portal.onboardings.states import OnboardingState, StepState
from portal.road import digest
from tests import make
from tests.make import Cast

INTERNAL = ["risk", "low-touch", "low touch", "churn", "escalat", "overdue", "playbook", "ticket", " task"]


@pytest.fixture
def cast(app):
    """Northwind under way, its outbox empty. The app context stays, as it does in a worker."""
    with app.app_context():
        mail.configure(app.config["PORTAL"])
        made = make.northwind()
        made.onboarding.quote = "Stop losing partners because we pay them late."
        made.onboarding.begin()
        empty()
        yield made


def empty() -> None:
    """As if nobody had had a letter yet."""
    for model in (DailyLetter, DigestItem, mail.Letter):
        db.session.execute(delete(model))
    db.session.flush()


def sent(**where: object) -> list[mail.Letter]:
    """The outbox, as it would leave."""
    db.session.flush()
    waiting = select(mail.Letter).filter_by(dropped_at=None, **where).order_by(mail.Letter.id)
    return list(db.session.scalars(waiting))


def one(**where: object) -> mail.Letter:
    (letter,) = sent(**where)
    return letter


def handed_to(cast: Cast, key: str, user: object):
    step = cast.step(key)
    step.assignee, step.assignee_id = user, user.id
    return step


def kit(cast: Cast):
    """A step of Ben's, due on Monday 16 March."""
    step = handed_to(cast, "readiness_kit", cast.ben)
    step.due_on = date(2026, 3, 16)
    return step


def returned(cast: Cast) -> None:
    step = kit(cast)
    step.return_reason = "The commission for resellers is missing."
    letters.returned(step, cast.tomas)


def reopened(cast: Cast) -> None:
    step = kit(cast)
    step.reopen_reason = "Finance found a second currency."
    letters.reopened(step, cast.priya)


def blocked(cast: Cast) -> None:
    step = kit(cast)
    step.blocked_by, step.blocked_detail, step.unblocker = (
        "access",
        "IT has not given us the password.",
        "Carla",
    )
    letters.blocked(step, cast.ben)


def skip_asked(cast: Cast) -> None:
    step = kit(cast)
    step.asked_to_skip = "We have no resellers."
    letters.skip_asked(step, cast.ben)


def send_digest(cast: Cast) -> None:
    line = f"Ana gave you “{kit(cast).title}”"
    item = DigestItem(user_id=cast.ben.id, kind=Kind.STEP_ASSIGNED, line=line, path="/o/x", about="message:1")
    db.session.add(item)
    db.session.flush()
    digest.send(cast.ben, [item])


LETTERS: dict[str, Callable[[Cast], None]] = {
    "welcome": lambda cast: letters.welcome(cast.onboarding),
    "handed_in": lambda cast: letters.handed_in(kit(cast), cast.ben),
    "returned": returned,
    "reopened": reopened,
    "blocked": blocked,
    "skip_asked": skip_asked,
    "skip_declined": lambda cast: letters.skip_declined(
        kit(cast), "Your plan names two resellers.", cast.priya
    ),
    "assigned": lambda cast: letters.assigned(kit(cast), cast.ana),
    "stage_complete": lambda cast: letters.stage_complete(cast.onboarding.stages[0]),
    "we_are_late": lambda cast: letters.we_are_late(cast.step("sandbox_access")),
    "reminder_before": lambda cast: letters.reminder_before(kit(cast)),
    "reminder_after": lambda cast: letters.reminder_after(kit(cast)),
    "digest": send_digest,
}


def every(cast: Cast) -> list[tuple[str, mail.Letter]]:
    """Each kind of letter with one that was written, each as if it were the first of its reader's day."""
    written = []
    for name, write in LETTERS.items():
        for model in (DailyLetter, DigestItem):
            db.session.execute(delete(model))
        last = max((letter.id for letter in sent()), default=0)
        write(cast)
        new = [letter for letter in sent() if letter.id > last]
        assert new, f"no letter {name}"
        written.append((name, new[0]))
    return written


# --- Every letter ---------------------------------------------------------------------------------


def test_both_parts_say_the_same_and_lead_to_the_same_page(cast):
    for name, letter in every(cast):
        buttons = re.findall(r'<a href="([^"]+)" style="[^"]*display:block', letter.html)
        assert len(buttons) == 1, name
        link = unescape(buttons[0])
        assert link.startswith(("http://127.0.0.1/o/", "http://127.0.0.1/staff/")), name
        assert f"\n{link}\n" in letter.text, name
        assert letter.html.count(f">or open {buttons[0]}<") == 1, name
        words = {word for word in plain(letter.text).split() if word.isalpha()}
        assert said(letter.html) >= words, name


def plain(text: str) -> str:
    """The text part without the strip and the footer, which HTML lays out in another way."""
    return text.partition("Where you are:")[0].partition("\n---\n")[0]


def said(html: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", unescape(re.sub(r"<[^>]+>", " ", html))))


def test_it_names_its_reader_says_why_they_get_it_and_how_to_get_fewer(cast):
    for name, letter in every(cast):
        reader = db.session.get(User, letter.user_id)
        assert letter.text.startswith(f"{reader.called},\n"), name
        footer = letter.text.partition("\n---\n")[2]
        assert re.search(r"You get (this because|one letter a day)", flat(footer)), name
        assert "http://127.0.0.1/preferences" in footer, name
        assert letter.html.count('href="http://127.0.0.1/preferences"') == 2, name


def test_it_uses_none_of_our_own_words(cast):
    for name, letter in every(cast):
        words = f"{letter.subject} {letter.text}".lower()
        assert [word for word in INTERNAL if word in words] == [], name


def test_long_and_hostile_names_break_nothing(cast):
    evil = "<script>alert(1)</script>\r\nBcc: x@evil.example\u202e %(title)s {{ 7*7 }} " + "very " * 30
    for step in cast.onboarding.steps:
        step.title = evil[:200]
    cast.ben.called = cast.ana.called = evil[:60]
    cast.priya.called = cast.priya.name = evil[:60]
    cast.account.name = evil[:90]
    cast.onboarding.quote = evil
    for name, letter in every(cast):
        assert len(letter.subject) <= SUBJECT, name
        assert len(preheader(letter)) <= PREHEADER, name
        assert "<script" not in letter.html, name
        assert not re.search("^Bcc:", letter.text, re.M), name
        message = mail.compose(letter, {})
        assert message["Bcc"] is None
        assert message["Subject"].isprintable(), name


def preheader(letter: mail.Letter) -> str:
    found = re.search(r"overflow:hidden\">(.*?)</div>", letter.html, re.DOTALL)
    assert found
    return unescape(found[1])


def test_subjects_and_preheaders_stay_short_whatever_the_title(cast):
    for step in cast.onboarding.steps:
        step.title = "Connect the account from which your partners are paid every month in their currency"
    for name, letter in every(cast):
        assert 0 < len(letter.subject) <= SUBJECT, name
        assert 0 < len(preheader(letter)) <= PREHEADER, name


def test_every_sentence_goes_through_the_translator(cast, monkeypatch):
    """In a language that brackets each sentence, nothing of ours stands outside brackets."""
    for user in (cast.ana, cast.ben, cast.rui, cast.priya, cast.tomas):
        user.locale = "pt"
    known = texts_of(cast)
    monkeypatch.setattr(Domain, "get_translations", lambda self: Bracketing())
    for name, letter in every(cast):
        bare = outside(unescape(re.sub(r"<title>.*?</title>|<[^>]+>", " ", letter.html)))
        for text in known:
            bare = bare.replace(text, "")
        assert re.findall(r"[^\W\d_]{3,}", re.sub(r"http\S+", "", bare)) == [], name


class Bracketing:
    """Translations that bracket every sentence."""

    def ugettext(self, text: str) -> str:
        return f"[{text}]"

    def ungettext(self, one: str, many: str, n: int) -> str:
        return f"[{one if n == 1 else many}]"


def outside(text: str) -> str:
    """What stands in no bracket."""
    while (inner := re.sub(r"\[[^\[\]]*\]", "", text)) != text:
        text = inner
    return text


def texts_of(cast: Cast) -> list[str]:
    """What people and playbooks wrote themselves."""
    road = cast.onboarding
    own = [step.title for step in road.steps] + [str(step.spec.why) for step in road.steps]
    names = [
        n
        for u in (cast.ana, cast.ben, cast.rui, cast.priya, cast.tomas, cast.june, cast.sam)
        for n in (u.name, u.called)
    ]
    reasons = [
        "The commission for resellers is missing.",
        "Finance found a second currency.",
        "IT has not given us the password.",
        "We have no resellers.",
        "Your plan names two resellers.",
        f"Ana gave you “{cast.step('readiness_kit').title}”",
    ]
    texts = [
        *reasons,
        road.quote or "",
        *own,
        *(m.outcome for s in road.stages for m in s.modules),
        *names,
        "Partnerly",
    ]
    return sorted(filter(None, texts), key=len, reverse=True)


# --- What each says -------------------------------------------------------------------------------


def test_welcome_goes_to_the_admin_with_dates_faces_two_things_and_a_calendar(cast):
    letters.welcome(cast.onboarding)
    letter = one()
    assert (letter.address, letter.kind) == ("ana@northwind.example", "welcome")
    assert (letter.from_name, letter.reply_to) == ("Priya at Partnerly", "priya@partnerly.example")
    assert "Thank you for choosing Partnerly for Partner Programme." in letter.text
    assert "> Stop losing partners because we pay them late." in letter.text
    for stage, end in (("Welcome", "11 March"), ("Expectations", "16 March"), ("Graduation", "23 April")):
        assert re.search(rf"- {stage}: .* \(by \w+ {end}\)", letter.text)
    for name, role in (("Priya Rao", "Onboarding consultant"), ("Tomás Lin", "Integration specialist")):
        assert f"- {name} ({role}, " in letter.text
    assert len(re.findall(r"^- .*\(\d+ min\)$", letter.text, re.M)) == 2
    name, mime, _content = letter.attachments[0]
    assert (name, mime) == ("road.ics", "text/calendar; method=PUBLISH; charset=utf-8")
    message = mail.compose(letter, {})
    calendar = next(message.iter_attachments()).get_content()
    calendar = calendar if isinstance(calendar, str) else calendar.decode()
    assert calendar.count("BEGIN:VEVENT") == len(cast.onboarding.milestones)
    kickoff = next(m for m in cast.onboarding.milestones if m.key == "kickoff_held")
    assert f"DTSTART;VALUE=DATE:{kickoff.due_on:%Y%m%d}" in calendar


def test_preparing_an_onboarding_welcomes_its_admin_and_nobody_else(app):
    with app.app_context():
        make.northwind()
        assert [(letter.kind, letter.address) for letter in sent()] == [("welcome", "ana@northwind.example")]


def test_a_review_is_asked_of_whoever_answers_for_the_step_and_replies_reach_the_customer(cast, clock):
    clock.at(datetime(2026, 3, 10, 23, 30, tzinfo=UTC))
    letters.handed_in(kit(cast), cast.ana)
    letter = one()
    assert letter.address == "priya@partnerly.example"
    assert (letter.from_name, letter.reply_to) == ("Ana at Northwind", "ana@northwind.example")
    assert "Tue 10 March, 18:30" in flat(letter.text)  # Chicago's wall; Lisbon's day is another.
    assert f"/staff/accounts/{cast.account.ref}?o={cast.onboarding.ref}" in letter.text


def test_a_step_that_one_of_us_has_is_reviewed_by_them_and_by_their_stand_in_while_away(cast):
    step = handed_to(cast, "sandbox_access", cast.tomas)
    letters.handed_in(step, cast.ana)
    assert one().address == "tomas@partnerly.example"
    empty()
    cast.tomas.away_until, cast.tomas.stand_in = date(2026, 3, 20), cast.june
    letters.handed_in(step, cast.ana)
    assert one().address == "june@partnerly.example"


def test_nobody_of_ours_hears_of_what_they_did_themselves(cast):
    letters.blocked(kit(cast), cast.priya)
    assert sent() == []


def test_what_to_change_goes_to_whoever_handed_it_in(cast):
    step = kit(cast)
    step.submitted_by, step.return_reason = cast.ana, "Line 3 is empty.\nBcc: everyone"
    letters.returned(step, cast.tomas)
    letter = one()
    assert letter.address == "ana@northwind.example"
    assert "> Line 3 is empty.\n> Bcc: everyone\n" in letter.text
    assert "Tomás looked at" in letter.text


def test_what_nobody_has_is_told_to_the_admins(cast):
    step = cast.step("readiness_kit")
    step.assignee, step.assignee_id, step.reopen_reason = None, None, "Numbers changed."
    letters.reopened(step, cast.priya)
    letter = one()
    assert letter.address == "ana@northwind.example"
    assert "You get this because you lead this for Northwind." in letter.text


def test_we_say_first_that_we_are_late_and_who_is_on_it(cast):
    step = cast.step("sandbox_access")
    step.state, step.due_on = StepState.READY, date(2026, 3, 11)
    letters.we_are_late(step)
    text = flat(one().text)
    assert "would be done by Wed 11 March. It isn't. Tomás Lin is on it" in text
    assert "Your graduation date, Thu 23 April, has not moved." in text


def test_what_an_absent_colleague_is_given_is_told_to_the_stand_in(cast):
    cast.tomas.away_until, cast.tomas.stand_in = date(2026, 3, 20), cast.june
    letters.assigned(handed_to(cast, "sandbox_access", cast.tomas), cast.priya)
    letter = one()
    assert letter.address == "june@partnerly.example"
    text = flat(letter.text)
    assert "to Tomás, who is away" in text
    assert "You get this because you stand in for Tomás." in text
    empty()
    letters.assigned(cast.step("sandbox_access"), cast.june)
    assert sent() == [], "nobody hears of what they did themselves"


def test_a_review_is_asked_for_by_the_day_that_we_promise(cast, clock):
    clock.at(datetime(2026, 3, 10, 23, 30, tzinfo=UTC))
    cast.step("readiness_kit").submit(by=cast.ana)
    assert "They expect an answer by Thu 12 March." in flat(one().text)


def test_the_things_to_do_now_leave_out_what_waits_for_us(cast):
    road = cast.onboarding
    first, second = road_wording.first_things(road)
    second.waiting = True
    assert second not in road_wording.first_things(road)
    assert first in road_wording.first_things(road)
    following = road_wording.following_step(road.stages[0])
    following.waiting = True
    assert road_wording.following_step(road.stages[0]) is not following


def test_a_reminder_says_why_how_close_what_and_how_long(cast):
    letters.reminder_before(kit(cast))
    letter = one()
    assert letter.subject == "Due Mon 16 Mar: Answer the readiness kit"
    text = flat(letter.text)
    assert "“Stop losing partners because we pay them late.”" in text
    assert "You are 9 items from the end of Expectations." in text
    assert "is due on Mon 16 March. It takes about 15 min." in text
    assert "reply with one word and I'll pick it up" in text
    assert letter.address == "ben@northwind.example"


def test_a_late_reminder_asks_without_blame_and_replaces_the_early_one(cast):
    letters.reminder_before(kit(cast))
    letters.reminder_after(kit(cast))
    letter = one()
    assert "Still right for you, or shall we move it?" in flat(letter.text)


def test_a_letter_is_written_in_the_readers_language_and_an_unknown_one_stops_nothing(cast):
    cast.ben.locale = "de"
    letters.reminder_before(kit(cast))
    assert "Mo., 16. März" in one().text
    assert 'lang="de"' in one().html
    empty()
    cast.ben.locale = "pt-BR"
    letters.reminder_before(kit(cast))
    assert "16 de março" in one().text
    empty()
    cast.ben.locale = "xx-nonsense"
    letters.reminder_before(kit(cast))
    assert 'lang="en"' in one().html


def test_right_to_left_readers_get_a_mirrored_letter(cast):
    cast.ben.locale = "ar"
    letters.reminder_before(kit(cast))
    assert 'dir="rtl"' in one().html


def test_the_strip_shows_four_stages_and_where_they_are(cast):
    cells = paper.strip(cast.onboarding)
    assert [cell.title for cell in cells] == ["Welcome", "Expectations", "Training", "Graduation"]
    assert [cell.current for cell in cells].count(True) == 1
    assert sum(cell.width for cell in cells) <= 100
    letters.reminder_before(kit(cast))
    text = one().text
    assert re.search(r"^> \w+: \d+ of \d+ items$", text, re.M)


def test_nobody_of_another_company_sees_the_strip_whatever_the_letter(cast):
    fay = make.person(make.account("Fabrikam"), "Fay Lind")
    words = road_wording.welcome(cast.onboarding, fay)
    text, html = paper.laid_out(fay, words, cast.onboarding)
    assert "Where you are:" not in text
    assert "6 items" not in html
    assert "Priya Rao\nYour onboarding" not in text


def test_while_the_consultant_is_away_the_stand_in_signs_and_gets_the_replies(cast):
    cast.priya.away_until, cast.priya.stand_in = date(2026, 3, 20), cast.june
    letters.reminder_before(kit(cast))
    letter = one()
    assert (letter.from_name, letter.reply_to) == ("June at Partnerly", "june@partnerly.example")
    assert "June Park\nFor Priya, who is away\n" in letter.text


# --- When -----------------------------------------------------------------------------------------


def test_stage_complete_waits_ten_minutes_goes_to_everyone_and_an_undo_drops_it(cast, clock):
    stage = cast.onboarding.stages[0]
    suggested = make.person(cast.account, "Sol Vega", PortalRole.TEAMMATE, suggested_by_id=cast.ben.id)
    db.session.expire(cast.account, ["people"])
    left = [step for step in stage.steps if step.required and not step.is_closed]
    *others, last = sorted(left, key=lambda step: step.spec.call is None)  # A call is not undone here.
    for step in (*others, last):
        step.complete(by=cast.ana)
    waiting = sent(about=f"stage:{stage.id}:complete")
    assert {letter.address.partition("@")[0] for letter in waiting} == {"ana", "ben", "rui"}
    assert suggested.email not in {letter.address for letter in waiting}
    assert all((letter.not_before - clock.now).total_seconds() == 600 for letter in waiting)
    last.undo(by=cast.ana)
    assert sent(about=f"stage:{stage.id}:complete") == []
    last.complete(by=cast.ana)
    assert len(sent(about=f"stage:{stage.id}:complete")) == 3


def test_undoing_what_the_stage_did_not_need_leaves_its_letter(cast):
    stage = cast.onboarding.stages[0]
    for step in stage.steps:
        if step.required and not step.is_closed:
            step.complete(by=cast.ana)
    extra = next(step for step in stage.steps if not step.required)
    extra.complete(by=cast.ana)
    extra.undo(by=cast.ana)
    assert len(sent(about=f"stage:{stage.id}:complete")) == 3


def test_who_may_not_do_steps_is_led_to_the_road(cast):
    letters.stage_complete(cast.onboarding.stages[0])
    by_reader = {letter.address.partition("@")[0]: letter.text for letter in sent()}
    assert "/steps/" in by_reader["ana"]
    assert "/steps/" not in by_reader["rui"]
    assert f"/o/{cast.onboarding.ref}\n" in by_reader["rui"]


def test_one_letter_a_day_the_rest_waits_for_the_digest(cast):
    letters.assigned(kit(cast), cast.ana)
    letters.assigned(handed_to(cast, "prerequisites", cast.ben), cast.ana)
    assert len(sent()) == 1
    line = db.session.scalars(select(DigestItem)).one()
    assert line.line.startswith("Yours now: ")
    assert line.path.startswith(f"/o/{cast.onboarding.ref}/steps/")


def test_quiet_hours_are_the_readers(cast, clock):
    clock.at(datetime(2026, 3, 6, 18, 30, tzinfo=UTC))  # Friday, after hours in Lisbon, at work in Chicago.
    letters.assigned(kit(cast), cast.ana)
    letters.handed_in(kit(cast), cast.ana)
    leaves = {letter.address.partition("@")[0]: letter.not_before for letter in sent()}
    assert leaves == {"ben": datetime(2026, 3, 9, 9, 0, tzinfo=UTC), "priya": None}


def test_who_wants_one_letter_a_day_gets_a_line_and_who_paused_no_reminder(cast):
    choose(cast.ben, cadence=Cadence.DAILY, channel=Channel.EMAIL, letters_off=[], paused_until=None)
    letters.reminder_before(kit(cast))
    assert sent() == []
    assert len(db.session.scalars(select(DigestItem)).all()) == 1
    empty()
    choose(
        cast.ben,
        cadence=Cadence.AS_IT_HAPPENS,
        channel=Channel.EMAIL,
        letters_off=[],
        paused_until=date(2026, 4, 1),
    )
    letters.reminder_before(kit(cast))
    assert sent() == []
    assert db.session.scalars(select(DigestItem)).all() == []


def test_a_new_hand_takes_back_the_letter_to_the_one_before(cast):
    step = cast.step("readiness_kit")
    step.hand_to(cast.ben, by=cast.ana)
    step.hand_to(cast.ana, by=cast.priya)
    assert [letter.address for letter in sent()] == ["ana@northwind.example"]


def test_handing_over_before_the_start_or_in_a_pause_writes_to_nobody(cast):
    step = cast.step("readiness_kit")
    cast.onboarding.pause("Year end", date(2026, 4, 1), by=cast.priya)
    step.hand_to(cast.ben, by=cast.ana)
    assert sent() == []
    cast.onboarding.state = OnboardingState.DRAFT
    letters.assigned(step, cast.ana)
    assert sent() == []


# --- The digest -----------------------------------------------------------------------------------


def item(cast: Cast, line: str, about: str | None = None, user: Person | None = None) -> DigestItem:
    row = DigestItem(
        user_id=(user or cast.ben).id,
        account_id=cast.account.id,
        kind=Kind.STEP_ASSIGNED,
        line=line,
        path=f"/o/{cast.onboarding.ref}",
        about=about,
    )
    db.session.add(row)
    db.session.flush()
    return row


def test_the_digest_holds_the_lines_and_what_is_due(cast):
    step = kit(cast)
    step.due_on = date(2026, 3, 4)
    assert digest.send(cast.ben, [item(cast, "Tomás wrote to you"), item(cast, "Ana gave you a step")])
    letter = one()
    assert letter.subject == "1 item waits for you"
    assert f"- {step.title} (15 min, by Wed 4 March)" in flat(letter.text)
    assert "- Tomás wrote to you" in letter.text
    assert all(row.letter_id == letter.id for row in db.session.scalars(select(DigestItem)))


def test_lines_about_what_is_finished_are_left_out_and_nothing_left_is_no_letter(cast):
    step = handed_to(cast, "prerequisites", cast.ben)
    lines = [item(cast, "Due soon", f"step:{step.id}:before")]
    step.complete(by=cast.ben)
    assert not digest.send(cast.ben, lines)
    assert db.session.scalars(select(DigestItem).where(DigestItem.line == "Due soon")).all() == []
    assert [letter for letter in sent() if letter.kind == "digest"] == []


def test_staff_get_their_digest_without_a_strip_and_with_a_way_to_the_desk(cast):
    row = item(cast, "To review: the kit", user=cast.priya)
    assert digest.send(cast.priya, [row])
    letter = one()
    assert "http://127.0.0.1/staff\n" in letter.text
    assert "Where you are" not in letter.text


# --- Words ----------------------------------------------------------------------------------------


def test_a_long_title_gives_way_and_the_sentence_stays():
    assert fitted(20, lambda t: f"Due: {t}", "Short") == "Due: Short"
    cut = fitted(20, lambda t: f"Due: {t} today", "A title that is far too long")
    assert (cut, len(cut)) == ("Due: A title… today", 19)


def test_a_line_is_made_of_visible_characters_only():
    assert flat("a\r\nBcc: b\u202e\x00\u2028c\u00a0d") == "a Bcc: b c d"


def test_work_hours_stand_in_the_signature(cast):
    cast.priya.work_start, cast.priya.work_end = time(10), time(18)
    assert paper.signature(cast.onboarding) == (
        "Priya Rao",
        "Your onboarding consultant, 10:00 to 18:00 in Chicago",
    )
