"""I01, I03, I04: what people write is shown to others as text: not as markup, a template or a header."""

import io
import re
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from sqlalchemy import delete, select

from portal import db, mail
from portal.accounts.models import Account, Provider, Staff, User
from portal.notifications.models import DailyLetter, DigestItem
from portal.onboardings.models import Onboarding
from portal.onboardings.rollout import WaveTerms, add_wave
from portal.onboardings.steps import Step
from portal.onboardings.wave_dates import usual
from tests.infra.html import Node, read
from tests.security.asking import told
from tests.security.routes import NEW_STEP
from tests.security.world import JUNE, OWN, PDF, World, call_is_over

ATTACK = "\"'><img src=x onerror=boom()>{{7*7}}"
BREAKS = "\r\nBcc: evil@evil.example"


class Marks:
    """Hostile text of which each is known again, and where it was written."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}

    def __call__(self, where: str) -> str:
        mark = f"m{len(self.written):02}"
        self.written[mark + ATTACK] = where
        return mark + ATTACK


def write_everywhere(world: World, caller) -> Marks:
    """Put hostile text into every field that a person can write, through the pages where there is one."""
    marks, refs = Marks(), world.sides[OWN].refs
    ana, ben, priya = caller("ana"), caller("ben"), caller("priya")
    road, desk = f"/o/{refs['road']}", f"/staff/accounts/{refs['account']}"
    call_is_over(world.sides[OWN])
    roll_out(world, marks)
    preferences = {
        "locale": "en", "time_zone": "", "work_start": "09:00", "work_end": "17:00", "cadence": "as_it_happens",
        "channel": "email_calendar", "letters": ["call", "message", "step_returned"],
    }  # fmt: skip
    ours = {**preferences, "letters": ["call", "message", "help_asked", "review_asked"]}
    acts = [
        (ana, "/preferences", {**preferences, "called": marks("called, a customer")}),
        (priya, "/preferences", {**ours, "called": marks("called, staff")}),
        (ana, f"{road}/people/invite", {"name": marks("name of who is invited"), "email": "eva@northwind.example",
                                        "job_title": marks("job title"), "portal_role": "teammate"}),
        (ben, f"{road}/people/suggest", {"name": marks("name of who is suggested"), "email": "s@northwind.example"}),
        (ana, f"{road}/messages", {"body": marks("message")}),
        (priya, f"{desk}/messages", {"body": marks("message of staff")}),
        (ana, f"{road}/steps/{refs['read']}/help", {"body": marks("question")}),
        (ana, f"{road}/steps/{refs['form']}/save", {"a_reason": marks("answer"), "version": "0"}),
        (ana, f"{road}/steps/{refs['watch']}/block", {"reason": "other", "detail": marks("what is in the way"),
                                                      "unblocker": marks("who can clear it")}),
        (ana, f"{road}/steps/{refs['list']}/not-for-us", {"reason": marks("why not for us")}),
        (ana, f"{road}/steps/{refs['approve']}/decline", {"reason": marks("what to change")}),
        (priya, f"{desk}/notes", {"body": marks("a note"), "step": refs["read"]}),
        (priya, f"{desk}/notes/{refs['note']}/correct", {"body": marks("a note that was corrected")}),
        (priya, f"{desk}/signals", {"kind": "blocker", "text": marks("a signal"), "person": "", "step": ""}),
        (priya, f"{desk}/signals/{refs['signal']}/settle", {"outcome": marks("what came of a signal")}),
        (priya, f"{desk}/steps/{refs['submitted']}/return", {"reason": marks("what a review found")}),
        (priya, f"{desk}/steps/{refs['done']}/reopen", {"reason": marks("why reopened")}),
        (priya, f"{desk}/steps/{refs['other_form']}/skip", {"reason": marks("why left out")}),
        (priya, f"/staff/calls/{refs['call']}/held", {"notes": marks("notes"), "text_1": marks("next step"),
                                                      "who_1": refs["mate"]}),
        (priya, f"{desk}/road/add", {**NEW_STEP(world.sides[OWN]), "title": marks("title of an item"), "kind": "read",
                                     "reason": marks("why added"), "done_when": marks("done when"),
                                     "text": marks("what there is to read")}),
        (priya, f"{desk}/documents/upload", {"audience": "staff",
                                             "file": (io.BytesIO(PDF), "m98<img src=x onerror=boom()>{{7*7}}.pdf")}),
        (priya, "/staff/accounts/views", {"name": marks("name of a view")}),
        (priya, f"/staff/team/{JUNE}/hand-over", {"pick": refs["road"], "to": world.sides[OWN].staff["another csm"],
                                                  "know": marks("what the next must know")}),
        (priya, f"{desk}/hold", {"reason": marks("why paused"), "review_on": "2026-04-01"}),
        (priya, f"{desk}/resume", {}),
        (ana, f"{road}/documents/upload", {"file": (io.BytesIO(PDF), "m99<img src=x onerror=boom()>{{7*7}}.pdf")}),
    ]  # fmt: skip
    db.session.execute(delete(DigestItem))
    db.session.commit()
    for who, path, data in acts:
        answer = who.send("POST", path, data)
        assert answer.status_code == 303, f"{path}: {answer.status_code} {told(answer)}"
        db.session.execute(
            delete(DailyLetter)
        )  # Everybody may have a letter of their own about the next one.
        db.session.commit()
    return marks


def roll_out(world: World, marks: Marks) -> None:
    """Two waves, of which the second is called and explained so."""
    onboarding = db.session.get_one(Onboarding, world.sides[OWN].road_id)
    for department, why in (("Sales", "One by one"), (marks("department"), marks("why a wave"))):
        terms = WaveTerms(department, [], *usual(onboarding))
        add_wave(onboarding, terms, why, by=onboarding.team[0].staff)
    db.session.commit()


def rename_everybody(marks: Marks) -> None:
    """What no page writes yet: names of companies, people and staff."""
    for user in db.session.scalars(select(User)):
        user.name = marks(f"name of {user.email}")
    for staff in db.session.scalars(select(Staff)):
        staff.bio, staff.city, staff.phone = marks("bio"), marks("city"), marks("phone")[:40]
    db.session.get_one(Provider, 1).name = marks("name of the provider")
    for account in db.session.scalars(select(Account)):
        account.name = marks("name of a customer")
    db.session.commit()


def pages(world: World, caller, name: str) -> Iterator[tuple[str, str]]:
    """Every page that shows what somebody wrote."""
    refs = world.sides[OWN].refs
    road, desk = f"/o/{refs['road']}", f"/staff/accounts/{refs['account']}"
    steps = ("read", "form", "watch", "list", "approve", "submitted", "done", "other_form", "blocked", "book")
    if name == "priya":
        found = [desk, "/staff/accounts?who=all", f"/staff/calls/{refs['call']}", "/staff/onboardings/new"]
        found += [f"{desk}/road/{page}" for page in ("waves", "waves/2", "edit", "modules", "dates")]
        found += [
            f"{desk}/{tab}"
            for tab in ("road", "people", "calls", "usage", "messages", "documents", "history")
        ]
        found += [f"{desk}/steps/{refs[step]}" for step in steps]
    else:
        found = [road, f"{road}?wave=2", f"{road}/stages/training?wave=2", f"{road}/calls/{refs['call']}"]
        found += [f"{road}/{tab}" for tab in ("mine", "people", "team", "documents", "messages", "calls")]
        found += [f"{road}/stages/{key}" for key in ("welcome", "training")]
        found += [f"{road}/steps/{refs[step]}" for step in steps]
    added = db.session.scalars(select(Step.ref).where(Step.own.is_not(None)))
    found += [f"{desk if name == 'priya' else road}/steps/{step}" for step in added]
    for path in [*found, "/preferences"]:
        answer = caller(name).send("GET", path)
        if answer.status_code != 403:
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            yield path, answer.text


def smuggled(root: Node) -> list[str]:
    """Elements and attributes that only hostile text could have made."""
    found = [f"<{node.tag} src={node.get('src')}>" for node in root.all("img") if node.get("src") == "x"]
    found += [
        f"<{node.tag} {name}>"
        for node in root.below
        for name, value in node.attrs.items()
        if name.startswith("on") or value.strip().lower().startswith("javascript:")
    ]
    own = ("/static/",)
    return found + [
        "<script>"
        for node in root.all("script")
        if not node.get("src").startswith(own) or "".join(map(str, node.children)).strip()
    ]


def letters(settings) -> Iterator[tuple[mail.Letter, EmailMessage]]:
    mail.configure(settings())
    for row in db.session.scalars(select(mail.Letter).order_by(mail.Letter.id)):
        yield row, mail.compose(row, {"link": "https://our.link", "code": "123 456", "until": "noon"})


@pytest.fixture
def hostile(world, caller) -> Marks:
    marks = write_everywhere(world, caller)
    rename_everybody(marks)
    return marks


def test_I01_I03_what_is_written_is_read_as_text_by_everybody_else(world, caller, hostile):
    seen: set[str] = set()
    for name in ("ben", "priya", "ana"):
        for path, source in pages(world, caller, name):
            root = read(source).root
            assert smuggled(root) == [], f"{name}: {path}"
            shown = f"{root.text()} {' '.join(v for node in root.below for v in node.attrs.values())}"
            assert not re.search(r"m\d\d[^{}]{0,40}49", shown), f"{name}: {path}: a template was run"
            seen |= {text for text in hostile.written if text in shown}
    # Staff who are on no team here, and people of other customers, stand on none of these pages.
    strangers = {
        text for text, where in hostile.written.items() if text not in seen and "name of" not in where
    }
    assert {hostile.written[text] for text in strangers} <= {"bio", "city", "phone"}
    assert len(seen) > 25


def test_I01_I03_letters_carry_it_as_text_too(world, caller, hostile, settings):
    seen: set[str] = set()
    count = 0
    for row, letter in letters(settings):
        count += 1
        html, text = (letter.get_body((kind,)).get_content() for kind in ("html", "plain"))
        assert [one for one in smuggled(read(html).root) if one != "<script>"] == [], row.kind
        folded = " ".join(f"{text} {read(html).root.text()}".split())
        assert not re.search(r"m\d\d[^{}]{0,40}49", folded), f"{row.kind}: a template was run"
        seen |= {mark for mark in hostile.written if mark in folded}
    assert count > 10
    # Some wait as a line of the next digest; these leave at once.
    assert {"message", "question", "notes", "next step"} <= {hostile.written[mark] for mark in seen}


@pytest.mark.parametrize(
    "name", ["{{link}}", "{{code}} {{until}}", "{{ config }}", "${link}", "%(name)s {0}"]
)
def test_I03_a_placeholder_of_ours_in_a_name_stays_a_name(world, caller, settings, name):
    """Whoever is called like a placeholder of the letter does not get the link printed where their name stands."""
    db.session.get_one(User, world.users["ana"]).name = name
    db.session.get_one(User, world.users["ana"]).called = name
    db.session.commit()
    road = world.sides[OWN].refs["road"]
    sent = {"name": name, "email": "eva@northwind.example", "portal_role": "teammate"}
    assert caller("ana").send("POST", f"/o/{road}/people/invite", sent).status_code == 303
    from portal.auth.letters import fill

    row = db.session.scalars(select(mail.Letter).where(mail.Letter.address == sent["email"])).one()
    with caller("ana").client.application.app_context():
        filled = fill(**row.fill[1])
    mail.configure(settings())
    letter = mail.compose(row, filled)
    text = letter.get_body(("plain",)).get_content()
    assert f"{name} invites you" in " ".join(text.split())
    assert text.count("/login/") == 1
    assert letter.get_body(("html",)).get_content().count(name) >= 2
    assert "/login/" not in f"{letter['Subject']} {letter['From']}"


@pytest.mark.parametrize(
    "end", [BREAKS, "\nSubject: gone", "\x0bx", "\u2028Bcc: evil", "\x85Bcc: evil", "\x00"]
)
def test_I04_a_line_break_in_a_name_starts_no_header(world, caller, settings, end):
    """Names written on a page, and names that came into the database in another way."""
    ana, refs = caller("ana"), world.sides[OWN].refs
    for name in ("ana", "priya"):
        user = db.session.get_one(User, world.users[name])
        user.name = user.called = f"Eve{end}".replace("\x00", "")
    db.session.get_one(Account, world.sides[OWN].account_id).name = f"North{end}".replace("\x00", "")
    db.session.commit()
    road = f"/o/{refs['road']}"
    for path, data in (
        (
            f"{road}/people/invite",
            {"name": f"Eva{end}", "email": "eva@northwind.example", "portal_role": "admin"},
        ),
        (f"{road}/messages", {"body": f"hello{end}"}),
        (f"{road}/calls/{refs['call']}/cancel", {"reason": f"ill{end}"}),
        (f"{road}/steps/{refs['read']}/assign", {"person": refs["mate"]}),
        (
            f"{road}/steps/{refs['watch']}/block",
            {"reason": "time", "detail": f"x{end}", "unblocker": f"y{end}"},
        ),
    ):
        answer = ana.send("POST", path, data)
        assert answer.status_code in (303, 422), f"{path}: {answer.status_code}"
    sent = ana.send("POST", f"{road}/people/invite", {
        "name": "Eva", "email": f"ok@northwind.example{end or 'x'}Bcc:e@evil.example", "portal_role": "admin",
    })  # fmt: skip
    assert sent.status_code == 422
    count = 0
    for _row, letter in letters(settings):
        count += 1
        raw = letter.as_bytes().partition(b"\r\n\r\n")[0]
        names = [line.partition(b":")[0].lower() for line in raw.split(b"\r\n") if line[:1] not in b" \t"]
        assert len(names) == len(set(names)), names
        assert b"bcc" not in names
        assert set(names) <= ALLOWED, set(names) - ALLOWED
    assert count > 8


ALLOWED = {
    b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"auto-submitted", b"mime-version",
    b"content-type", b"content-transfer-encoding", b"list-unsubscribe", b"list-unsubscribe-post", b"precedence",
}  # fmt: skip


def test_I04_a_calendar_file_takes_no_line_from_a_name(world, caller):
    refs = world.sides[OWN].refs
    db.session.get_one(Provider, 1).name = "Part\r\nATTENDEE:mailto:evil@evil.example"
    db.session.get_one(User, world.users["priya"]).name = 'Pri"ya\r\nATTENDEE:mailto:evil@evil.example'
    db.session.commit()
    text = caller("ana").send("GET", f"/o/{refs['road']}/calls/{refs['call']}.ics").text
    assert not [line for line in text.splitlines() if line.startswith("ATTENDEE")]
