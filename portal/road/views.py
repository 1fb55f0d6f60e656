"""Home and stage pages, and the way from the front door to them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from portal import web
from portal.access import DELIVERY, Can, allow, viewer
from portal.activity.models import Activity, Verb
from portal.activity.queries import timeline
from portal.activity.sentences import sentence
from portal.calls.cards import Calls
from portal.criteria.queries import promised
from portal.nudges.models import Nudge
from portal.nudges.queries import on_home
from portal.onboardings import queries
from portal.onboardings.meter import road_of
from portal.onboardings.models import Onboarding
from portal.onboardings.next_steps import next_for
from portal.onboardings.promised import dated
from portal.onboardings.timetable import in_order, item_of
from portal.onboardings.wave_choice import chosen_wave, ways
from portal.onboardings.words import STAGE_LINES, STAGE_TITLES
from portal.road import bp, date_answers
from portal.road.change_words import changed
from portal.road.forms import DateChoiceForm
from portal.road.home import home_of, quiet_days


@bp.get("/")
@allow(Can.SET_PREFERENCES)
def front() -> Any:
    """Staff go to their desk, a customer to the onboarding, or to the list when there are several."""
    if current_user.is_staff:
        return redirect(url_for(_desk_of(current_user)), 303)
    found = queries.onboardings_of_viewer()
    if len(found) == 1:
        return redirect(_landing(found[0]), 303)
    return render_template("road/several.html", onboardings=found, landing=_landing)


def _desk_of(staff: Any) -> str:
    """Who works with customers begins with what waits for them, who looks after others with the list. Whoever only
    looks after the install has no desk; their page says what they can do."""
    if not staff.may(Can.SEE_DESK):
        return "road.preferences"
    return "desk.today" if staff.roles & DELIVERY else "desk.accounts"


def _landing(onboarding: Onboarding) -> str:
    """Admins and sponsors land on the road, teammates on their own part of it."""
    teammate = current_user.portal_role == "teammate"
    return url_for("road.mine" if teammate else "road.home", oid=onboarding.ref)


@bp.get("/o/<oid>")
@allow(Can.SEE_ROAD)
def home(oid: str) -> Any:
    return _home(queries.onboarding_and_people_or_404(oid))


def _home(onboarding: Onboarding, sent: DateChoiceForm | None = None) -> Any:
    """The page; `sent` is an answer about the date that was refused."""
    calls = Calls(onboarding)
    wave = chosen_wave(onboarding, request.args.get("wave"))
    shown = home_of(onboarding, viewer(), calls, sent, wave)
    return render_template(
        "road/home.html",
        onboarding=onboarding,
        home=shown,
        waves=ways(onboarding, wave),
        stage_lines=STAGE_LINES,
        call=calls.next_card,
        gains=promised(onboarding),
        lately=_lately(onboarding, calls),
        problems=sent.problems if sent and shown.ways else [],
        told_by_us=_told(onboarding, shown.state),
    )


def _told(onboarding: Onboarding, state: str) -> Nudge | None:
    """What we wrote to the reader last. Nobody was followed up who moved a day ago, or has only begun: nothing is read
    then."""
    quiet = state in ("going", "quiet") and quiet_days(onboarding) > 1
    return on_home(onboarding, viewer()) if quiet else None


@bp.post("/o/<oid>/date")
@allow(Can.SEE_ROAD)
def answer_date(oid: str) -> Any:
    """Keep the date, ask for another one, or say that a pause can end: once, until it is asked again."""
    onboarding = queries.onboarding_and_people_or_404(oid, lock=True)
    shown, form = home_of(onboarding, viewer(), Calls(onboarding)), DateChoiceForm()
    if shown.answered:
        flash(shown.answered, "info")
    elif not form.validate() and shown.ways:
        return _home(onboarding, form), 422
    else:
        form.demand()
        date_answers.answer(onboarding, form.choice.data, form.until.data, by=current_user)
        kept = form.choice.data == "keep"
        flash(
            _("Noted. The date stays.") if kept else _("Sent to your team. They answer in the messages."),
            "done",
        )
    return redirect(url_for("road.home", oid=oid), 303)


def _lately(onboarding: Onboarding, calls: Calls) -> list[dict[str, Any]]:
    past = timeline(onboarding.id, onboarding.account_id, limit=3)
    return [
        {
            "date": web.short_day(one.at),
            "text": sentence(one, current_user.id),
            "iso": one.at.isoformat(),
            "link": _where(one, onboarding, calls),
        }
        for one in past
    ]


def _where(one: Activity, onboarding: Onboarding, calls: Calls) -> dict[str, str] | None:
    """Where what was written can be read."""
    if one.verb is Verb.MESSAGE_WRITTEN:
        return {"text": _("Read it"), "url": url_for("messages.thread", oid=onboarding.ref)}
    if one.verb in (Verb.CALL_HELD, Verb.CALL_NOTED) and (address := calls.address_of(one.subject_id)):
        return {"text": _("Read the notes"), "url": address}
    return None


@bp.get("/o/<oid>/mine")
@allow(Can.SEE_ROAD)
def mine(oid: str) -> Any:
    onboarding = queries.onboarding_or_404(oid)
    step, calls = next_for(onboarding, viewer()), Calls(onboarding)
    own = [s for s in onboarding.steps if s.assignee_id == current_user.id and s.visible]
    meetings = calls.meetings(own)
    own = in_order(own, meetings)
    return render_template(
        "road/mine.html",
        onboarding=onboarding,
        home=home_of(onboarding, viewer(), calls),
        own=[item_of(s, viewer(), step, meetings) for s in own if not s.is_closed],
        done=[item_of(s, viewer(), step, meetings) for s in own if s.is_done],
        minutes=sum(s.minutes for s in own if not s.is_closed),
    )


@bp.get("/o/<oid>/stages/<any(welcome, expectations, training, graduation):key>")
@allow(Can.SEE_ROAD)
def stage(oid: str, key: str) -> Any:
    onboarding = queries.onboarding_or_404(oid)
    step = next_for(onboarding, viewer())
    chosen = onboarding.stage_called(key)
    meetings = Calls(onboarding).meetings(chosen.steps)
    wave = chosen_wave(onboarding, request.args.get("wave"))
    theirs = [m for m in chosen.modules if wave is None or m.wave_n in (None, wave.n)]
    modules = [
        (m, [item_of(s, viewer(), step, meetings) for s in in_order(m.steps, meetings) if s.visible])
        for m in theirs
    ]
    return render_template(
        "road/stage.html",
        onboarding=onboarding,
        stage=chosen,
        title=STAGE_TITLES[key],
        text=onboarding.playbook_version.document.stage_text(key),  # type: ignore[arg-type]
        road=road_of(onboarding, step, tag=_("Next") if step and step.stage is chosen else "", wave=wave),
        waves=ways(onboarding, wave),
        changed=changed(onboarding, stage=key),
        modules=[(module, items) for module, items in modules if items],
        dates=dated(chosen, wave),
    )
