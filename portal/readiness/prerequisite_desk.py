"""The prerequisites of a road as staff look at them: rows with their forms, and what somebody is asked to decide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, or_

from portal import clock, web
from portal.access import Can, viewer
from portal.onboardings.holds import Hold
from portal.onboardings.models import Onboarding
from portal.onboardings.states import LIVE, RUNNING, OnboardingState
from portal.onboardings.words import facts
from portal.readiness.prerequisite_forms import ChangeForm, OwnForm, PauseForm, WhyForm, WithoutForm
from portal.readiness.prerequisite_rules import Status
from portal.readiness.prerequisites import Prerequisite, all_of, asked_of, wanted_of

KINDS = {
    "data": _l("data"),
    "it": _l("IT"),
    "access": _l("access"),
    "people": _l("people"),
    "legal": _l("legal"),
    "budget": _l("budget"),
    "other": _l("other"),
}
# Forms that were refused, by the ref of what they are about and their name.
Tried = Mapping[tuple[str, str], Any]


@dataclass(frozen=True)
class Gap:
    """What somebody of ours is asked: whether the onboarding pauses for it, or goes on (`resumes`) because it is there.
    `posts` are the addresses by what they do."""

    account: str
    account_url: str
    title: str
    text: str
    resumes: bool
    posts: Mapping[str, str]
    pause_form: PauseForm | None = None
    without_form: WithoutForm | None = None
    opened: str = ""


@dataclass(frozen=True)
class Row:
    """One of them in the table: what stands there, and the forms of those who may."""

    one: Prerequisite
    kind: str
    word: str
    sort: str
    whose: str
    due: str
    late: str
    posts: Mapping[str, str]
    change_form: ChangeForm | None
    why_form: WhyForm | None
    opened: str = ""


# --- What is to be decided ------------------------------------------------------------------------


def gaps_of(onboarding: Onboarding, tried: Tried | None = None, back: str = "overview") -> list[Gap]:
    """What is to be decided in one onboarding; one statement, none where nothing is to be had ready."""
    if not asked_of(onboarding):
        return []
    return _gaps(onboarding, wanted_of(onboarding), tried or {}, back)


def _gaps(onboarding: Onboarding, wanted: Sequence[Prerequisite], tried: Tried, back: str) -> list[Gap]:
    hold = onboarding.hold
    asked = [_proposal(one, tried, back) for one in wanted if one.proposes_hold]
    return asked + [_resume(one, hold, back) for one in wanted if hold and one.ends_hold]


def to_decide() -> ColumnElement[bool]:
    """Which rows, joined to their onboardings, somebody is to decide about; `gaps_from` looks at them once more."""
    latest = clock.now().date() + timedelta(days=1)  # The latest date that any zone has now.
    late = and_(
        Onboarding.state.in_(RUNNING),
        Prerequisite.blocking,
        Prerequisite.status != Status.READY,
        Prerequisite.due_on < latest,
        Prerequisite.without_at.is_(None),
    )
    there = and_(
        Onboarding.state == OnboardingState.ON_HOLD,
        Prerequisite.status == Status.READY,
        Prerequisite.hold_id.is_not(None),
    )
    return and_(Prerequisite.left_out_at.is_(None), or_(late, there))


def gaps_from(rows: Iterable[tuple[Prerequisite, Hold | None]]) -> list[Gap]:
    """What is to be decided, the earliest date first. Each comes with its onboarding, account and playbook version."""
    found = []
    for one, hold in sorted(rows, key=lambda row: (row[0].due_on or date.max, row[0].id)):
        if one.is_ready and hold is not None and hold.ended_on is None:
            found.append(_resume(one, hold, "today"))
        elif one.proposes_hold:
            found.append(_proposal(one, {}, "today"))
    return found


def _proposal(one: Prerequisite, tried: Tried, back: str) -> Gap:
    text = _("“%(title)s”, blocking, %(late)s. Enough is: %(enough)s", late=late_words(one), **_of(one))
    if one.status is Status.NEED_HELP and one.in_the_way:
        text += " " + _("They say: “%(words)s”", words=one.in_the_way)
    may = viewer().may(Can.HOLD)
    pause, without = tried.get((one.ref, "pause")), tried.get((one.ref, "without"))
    return Gap(
        account=one.onboarding.account.name,
        account_url=_page(one.onboarding),
        title=_("Readiness gap: pause for it?"),
        text=text,
        resumes=False,
        posts={
            "hold": _post("prerequisites.hold", one, back),
            "without": _post("prerequisites.go_without", one, back),
        },
        pause_form=(pause or PauseForm.of(one)).called(f"pause-{one.ref}") if may else None,
        without_form=(without or WithoutForm(formdata=None)).called(f"without-{one.ref}") if may else None,
        opened="pause" if pause else "without" if without else "",
    )


def _resume(one: Prerequisite, hold: Hold, back: str) -> Gap:
    who = one.said_by.called if one.said_by else _("They")
    until = web.day(hold.review_on, "dMMMM")
    return Gap(
        account=one.onboarding.account.name,
        account_url=_page(one.onboarding),
        title=_("They are ready: resume?"),
        text=_(
            "%(who)s says “%(title)s” is ready. Paused until %(date)s for it.",
            who=who,
            date=until,
            title=one.title,
        ),
        resumes=True,
        posts={
            "resume": url_for(
                "desk.resume",
                ref=one.onboarding.account.ref,
                o=one.onboarding.ref,
                back="today" if back == "today" else None,
            )
        }
        if viewer().may(Can.HOLD)
        else {},
    )


# --- The table ------------------------------------------------------------------------------------


def staff_part(onboarding: Onboarding, tried: Tried | None = None, back: str = "") -> dict[str, Any]:
    """What `readiness/_prerequisites_staff.html` reads; one statement. `back` is where its forms lead to."""
    tried, every = tried or {}, all_of(onboarding)
    wanted = sorted((one for one in every if one.left_out_at is None), key=lambda one: one.position)
    edits = viewer().may(Can.EDIT_WHOLE_ROAD) and onboarding.state in LIVE
    own = tried.get(("", "own")) or OwnForm(formdata=None)
    return {
        "gaps": _gaps(onboarding, wanted, tried, back),
        "rows": [_row(one, tried, back, edits=edits) for one in wanted],
        "gone": [_row(one, tried, back, edits=edits) for one in every if one.left_out_at is not None],
        "count": _(
            "%(done)s of %(total)s ready", done=sum(one.is_ready for one in wanted), total=len(wanted)
        ),
        "own_form": own.called("own") if edits else None,
        "own_opened": ("", "own") in tried,
        "add_url": url_for(
            "prerequisites.add", ref=onboarding.account.ref, o=onboarding.ref, back=back or None
        ),
    }


def _row(one: Prerequisite, tried: Tried, back: str, *, edits: bool) -> Row:
    words = {
        Status.READY: ("done", _("ready")),
        Status.NOT_READY: ("todo", _("not ready")),
        Status.NEED_HELP: ("with_us" if one.needs_help else "todo", _("needs help")),
    }
    kind, word = words[one.status]
    said = (
        _("%(who)s, %(date)s", who=one.said_by.called, date=web.short_day(one.said_at)) if one.said_by else ""
    )
    change, why = tried.get((one.ref, "change")), tried.get((one.ref, "why"))
    if change:
        change.offer(one.onboarding.account.people)
        change.seen.data = one.seal  # Sent again, what stands there now has been seen.
    owner, state = one.owner, one.onboarding.state
    says = viewer().may(Can.DO_FOR_THEM) and state in LIVE and state is not OnboardingState.DRAFT
    posts = {
        "change": _post("prerequisites.change", one, back),
        "leave_out": _post("prerequisites.leave_out", one, back),
        "bring_back": _post("prerequisites.bring_back", one, back),
        **({"say": _post("prerequisites.say_for_them", one, back)} if says else {}),
    }
    return Row(
        one=one,
        kind="blocked" if one.proposes_hold else kind,
        word=facts([word, said]),
        sort=facts([KINDS[one.kind], _("blocking") if one.blocking else ""]),
        whose=owner.name if owner else _("nobody yet"),
        due=web.day(one.due_on, "EEEdMMM"),
        late=late_words(one) if one.late else "",
        posts=posts,
        change_form=(change or ChangeForm.of(one)).called(f"change-{one.ref}") if edits else None,
        why_form=(why or WhyForm(formdata=None)).called(f"why-{one.ref}") if edits else None,
        opened="change" if change else "why" if why else "",
    )


def late_words(one: Prerequisite) -> str:
    """“3 working days late”."""
    return ngettext("%(num)s working day late", "%(num)s working days late", one.late)


def _of(one: Prerequisite) -> dict[str, str]:
    return {"title": one.title, "enough": one.enough}


def _post(endpoint: str, one: Prerequisite, back: str) -> str:
    road = one.onboarding
    return url_for(endpoint, ref=road.account.ref, prerequisite=one.ref, o=road.ref, back=back or None)


def _page(onboarding: Onboarding) -> str:
    return url_for("prerequisites.desk", ref=onboarding.account.ref, o=onboarding.ref)
