"""The readiness kit's pages: start, one question each, check, send."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from portal.access import Can, allow, viewer
from portal.errors import Conflict, NotYours, Refused
from portal.forms import EmptyForm
from portal.onboardings.queries import onboarding_or_404
from portal.playbooks.kit import KitQuestion
from portal.readiness.forms import UNSURE, AskForm, QuestionForm, SubmitForm, question_form
from portal.readiness.kits import closed_words
from portal.readiness.models import ReadinessAnswer, ReadinessSubmission
from portal.readiness.page import Readiness
from portal.readiness.states import Source
from portal.readiness.words import answer_text

bp = Blueprint("readiness", __name__)


def kit_or_404(oid: str, *, lock: bool = False) -> Readiness:
    """The kit of the viewer's onboarding, else 404."""
    onboarding = onboarding_or_404(oid, lock=lock)
    visible = any(step.kind == "kit" and step.visible for step in onboarding.steps)
    if not visible or onboarding.playbook_version.document.kit is None:
        abort(404)
    return Readiness(onboarding, viewer())


def question_or_404(kit: Readiness, key: str) -> KitQuestion:
    """The question with this key, asked now or not, else 404."""
    return kit.kit.question(key) or abort(404)


# --- Start ----------------------------------------------------------------------------------------


@bp.get("/o/<oid>/readiness")
@allow(Can.SEE_ROAD)
def start(oid: str) -> Any:
    return _start(kit_or_404(oid))


def _start(kit: Readiness, problems: Any = (), status: int = 200) -> Any:
    return render_template(
        "readiness/start.html", onboarding=kit.onboarding, kit=kit, problems=list(problems)
    ), status


@bp.post("/o/<oid>/readiness/start")
@allow(Can.ANSWER_KIT)
def begin(oid: str) -> Any:
    """Say that somebody is on it, and open the first question that waits."""
    kit, form = kit_or_404(oid, lock=True), EmptyForm()
    if not form.validate():
        return _start(kit, form.problems, 422)
    try:
        if not kit.mine:
            raise NotYours(not_yours(kit))
        ReadinessSubmission.begin(kit.onboarding).start(by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        return _start(kit_or_404(oid), form.problems, status)
    where = kit.where_left
    return redirect(kit.url(where) if where else kit.check_url, 303)


def not_yours(kit: Readiness) -> str:
    """Who answers instead."""
    who = kit.step.assignee.called if kit.step.assignee else _("an admin of your company")
    return _("This is answered by %(who)s. Ask them to send you the question.", who=who)


# --- One question ---------------------------------------------------------------------------------


@bp.get("/o/<oid>/readiness/<q>")
@allow(Can.SEE_ROAD)
def question(oid: str, q: str) -> Any:
    kit = kit_or_404(oid)
    return question_page(kit, question_or_404(kit, q))


def question_page(
    kit: Readiness,
    spec: KitQuestion,
    form: QuestionForm | None = None,
    ask_form: AskForm | None = None,
    status: int = 200,
    conflict: dict[str, Any] | None = None,
    problems: Any = None,
) -> Any:
    """The page of one question. `conflict` is what somebody else answered meanwhile, and what was sent now."""
    refused = form or ask_form
    return render_template(
        "readiness/question.html",
        onboarding=kit.onboarding,
        kit=kit,
        question=spec,
        is_asked=kit.number(spec) > 0,
        may_answer=kit.is_open and spec.key in kit.mine,
        closed=closed_words(kit.kit, spec.key),
        form=form or _fresh(kit, spec),
        sent=kit.asks.get(spec.key),
        aside=_aside(kit, spec),
        ask_form=offered(kit, ask_form or AskForm(formdata=None)),
        asking=ask_form is not None,
        conflict=conflict,
        back=request.args.get("back") == "check",
        problems=problems if problems is not None else refused.problems if refused else [],
    ), status


def _fresh(kit: Readiness, spec: KitQuestion) -> QuestionForm:
    """The form with what stands there; until anything does with what they told sales, and with a colleague's other
    answer where the page is asked for that."""
    kept = kit.submission.by_question.get(spec.key) if kit.submission else None
    filled = None
    if not kit.answers.get(spec.key) and (words := kit.told_of(spec)):
        filled = {spec.key: words}
    ask = kit.asks.get(spec.key)
    if ask and ask.aside and request.args.get("use") == ask.ref:
        filled = {**ask.aside["more"], spec.key: ask.aside["value"], UNSURE: ask.aside["unknown"]}
    return question_form(spec, kit.fields(spec), kept, filled, fresh=True)


def _aside(kit: Readiness, spec: KitQuestion) -> str:
    """What a colleague answered differently, through the link, as text; empty once somebody has answered since."""
    ask, row = kit.asks.get(spec.key), kit.answers.get(spec.key)
    if ask is None or ask.aside is None or (row and row.version != ask.aside["beside"]):
        return ""
    return answer_text(spec, ask.aside["value"], ask.aside["more"], ask.aside["unknown"])


def offered(kit: Readiness, form: AskForm) -> AskForm:
    """The form with the colleagues to choose from."""
    me = viewer()
    people = [one for one in kit.onboarding.account.people if one.may_enter and one.id != me.id]
    form.offer(people)
    return form


@bp.post("/o/<oid>/readiness/<q>")
@allow(Can.ANSWER_KIT)
def answer(oid: str, q: str) -> Any:
    """Keep the answer and open the next question that waits."""
    kit = kit_or_404(oid, lock=True)
    spec = question_or_404(kit, q)
    kept = kit.submission.by_question.get(q) if kit.submission else None
    form = question_form(spec, kit.fields(spec), kept)
    try:
        check_yours(kit, spec)
        if not form.validate():
            return question_page(kit, spec, form, status=422)
        source = _source(kit, spec, kept, form)
        submission = ReadinessSubmission.begin(kit.onboarding)
        changed = submission.answer(
            q, form.value, form.more, form.is_unsure, by=viewer(), seen=form.asked_version, source=source
        )
    except Refused as refusal:
        status = form.refuse(refusal, **{q: f"a_{q}"})
        return _refused(kit_or_404(oid), spec, form, refusal, status)
    return _onwards(Readiness(kit.onboarding, viewer()), spec, changed)


def check_yours(kit: Readiness, spec: KitQuestion) -> None:
    """Refuse a question that isn't asked, or that somebody else answers."""
    if not kit.number(spec):
        raise Refused(closed_words(kit.kit, spec.key))
    if spec.key not in kit.mine:
        raise NotYours(not_yours(kit))


def _source(kit: Readiness, spec: KitQuestion, kept: ReadinessAnswer | None, form: QuestionForm) -> Source:
    """What they told sales and left as it was came from there."""
    words = kit.told_of(spec)
    same = bool(words) and str(form.value or "").split() == words.split()
    return Source.HANDOFF if same and (kept is None or kept.source is Source.HANDOFF) else Source.PERSON


def _refused(kit: Readiness, spec: KitQuestion, form: QuestionForm, refusal: Refused, status: int) -> Any:
    """The page as it is now, with what was typed in its place."""
    if not isinstance(refusal, Conflict):
        return question_page(kit, spec, form, status=status)
    row, yours = refusal.theirs, refusal.yours
    form.version.data = str(row.version)  # Sent again, theirs has been seen.
    stands = kit.submission.by_question[spec.key] if kit.submission else row
    own = stands.by_id == viewer().id
    both = {
        "mine": answer_text(spec, yours["value"], yours["more"], yours["unknown"]),
        "theirs": kit.text(spec),
        "who": _("You") if own else stands.author,
        "own": own,
        "at": stands.at,
    }
    return question_page(kit, spec, form, status=status, conflict=both)


def _onwards(kit: Readiness, spec: KitQuestion, changed: bool) -> Any:
    if kit.submission and kit.submission.is_handed_in and changed:
        owner = kit.onboarding.owner
        flash(_("Changed. %(name)s sees it.", name=owner.called if owner else _("Your team")), "done")
        return redirect(kit.check_url, 303)
    following = kit.after(spec)
    if request.args.get("back") == "check" or (following is None and kit.leads):
        return redirect(kit.check_url, 303)
    if following is None:
        flash(_("Saved, thank you. There is nothing else for you to answer here."), "done")
        return redirect(kit.start_url, 303)
    return redirect(kit.url(following), 303)


# --- Check and send -------------------------------------------------------------------------------


@bp.get("/o/<oid>/readiness/check")
@allow(Can.SEE_ROAD)
def check(oid: str) -> Any:
    return _check(kit_or_404(oid))


def _check(kit: Readiness, form: SubmitForm | None = None, status: int = 200, problems: Any = None) -> Any:
    shown = form or SubmitForm(formdata=None, data={"choice": "later" if kit.asked.missing else "complete"})
    return render_template(
        "readiness/check.html",
        onboarding=kit.onboarding,
        kit=kit,
        form=shown,
        unsure=[
            one for one in kit.asked.questions if one.key in kit.answers and kit.answers[one.key].unknown
        ],
        problems=problems if problems is not None else form.problems if form else [],
    ), status


@bp.post("/o/<oid>/readiness/submit")
@allow(Can.ANSWER_KIT)
def submit(oid: str) -> Any:
    """Send the answers, once; or keep them for later."""
    kit, form = kit_or_404(oid, lock=True), SubmitForm()
    try:
        if not kit.leads:
            raise NotYours(_("An admin of your company sends the answers. Yours are kept."))
        if not form.validate():
            return _check(kit, form, 422)
        if form.choice.data == "later":
            flash(_("Kept. You can come back any time; it goes on where you stopped."), "done")
            return redirect(url_for("road.home", oid=oid), 303)
        if kit.submission and kit.submission.is_handed_in:
            flash(_("These answers are sent already. You can still change them."), "info")
            return redirect(kit.check_url, 303)
        ReadinessSubmission.begin(kit.onboarding).submit(by=viewer())
    except Refused as refusal:
        status = form.refuse(refusal)
        kit = kit_or_404(oid)
        named = [(f"q-{one.key}", _("Answer “%(what)s”", what=one.text)) for one in kit.asked.missing]
        return _check(
            kit, form, status, named if kit.submission and kit.is_open and kit.leads and named else None
        )
    owner = kit.onboarding.owner
    flash(
        _(
            "Sent. %(name)s looks at your answers within two working days.",
            name=owner.called if owner else _("Your team"),
        ),
        "done",
    )
    return redirect(url_for("readiness_result.show", oid=oid), 303)
