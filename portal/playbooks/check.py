"""What makes a well-shaped playbook usable: references that lead somewhere, and roads that can be walked."""

from collections import Counter
from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from portal.playbooks.contents import Finding, contents_of, plan_before, steps_of
from portal.playbooks.document import STAGE_KEYS, ModuleSpec, PlaybookDocument, StepSpec
from portal.playbooks.kit_check import kit_of
from portal.playbooks.rules import steps_for
from portal.playbooks.source import Loc, Problem, Source, where


def check(document: PlaybookDocument, source: Source | None = None) -> list[Problem]:
    """Every reason why this document may not be published; empty when it may. Lines are 0 without its `source`."""
    if source is not None:
        return [source.problem(loc, message) for loc, message in findings(document)]
    data = document.model_dump(by_alias=True)
    return [Problem(document.key, 0, where(loc, data), message) for loc, message in findings(document)]


def findings(document: PlaybookDocument) -> list[Finding]:
    """Place in the document and sentence, each once."""
    found: list[Finding] = []
    for rule in (
        _shares,
        _budgets,
        _doubles,
        _titles,
        _due_rules,
        _cycles,
        _milestones,
        contents_of,
        kit_of,
        _flags,
        _roads,
    ):
        found.extend(rule(document))
    return list(dict.fromkeys(found))


def _shares(document: PlaybookDocument) -> Iterator[Finding]:
    total = sum(document.stage_shares.model_dump().values())
    if total != 100:
        yield ("stage_shares",), _("the shares add up to %(total)s; they must add up to 100", total=total)


def _budgets(document: PlaybookDocument) -> Iterator[Finding]:
    for programme, days in document.stage_budgets.items():
        loc: Loc = ("stage_budgets", programme)
        total = days.expectations + days.training + days.graduation
        if total != programme:
            yield (
                loc,
                _(
                    "expectations, training and graduation add up to %(total)s days; they must add up to %(days)s",
                    total=total,
                    days=programme,
                ),
            )
        if not days.welcome[0] <= 0 <= days.welcome[1]:
            yield (*loc, "welcome"), _("Welcome must begin on day 0 or before and end on day 0 or after")


def _doubles(document: PlaybookDocument) -> Iterator[Finding]:
    yield from _twice(("modules",), [module.key for module in document.modules])
    yield from _twice(("milestones",), [milestone.key for milestone in document.milestones])
    yield from _twice(("programmes",), list(document.programmes))
    yield from _twice(("segments",), list(document.segments))
    seen: set[str] = set()
    for loc, _module, step in steps_of(document):
        if step.key in seen:
            yield (
                (*loc, "key"),
                _("the step key “%(key)s” is used twice; give this step another", key=step.key),
            )
        seen.add(step.key)
        yield from _twice((*loc, "files"), [ref.name for ref in step.files])
        if step.form:
            yield from _twice((*loc, "form", "fields"), [field.key for field in step.form.fields])
        if step.checklist:
            yield from _twice((*loc, "checklist", "items"), [item.key for item in step.checklist.items])
        if step.choose_path:
            yield from _twice(
                (*loc, "choose_path", "options"), [option.key for option in step.choose_path.options]
            )
        if step.picture:
            yield from _twice(
                (*loc, "picture", "callouts"), [callout.letter for callout in step.picture.callouts]
            )


def _twice(loc: Loc, keys: Sequence[str | int]) -> Iterator[Finding]:
    for key, times in Counter(keys).items():
        if times > 1:
            last = len(keys) - 1 - list(reversed(keys)).index(key)
            yield (*loc, last), _("“%(key)s” is used twice; each must differ", key=key)


def _titles(document: PlaybookDocument) -> Iterator[Finding]:
    places: list[tuple[Loc, str]] = [
        (("modules", m), module.title) for m, module in enumerate(document.modules)
    ]
    places += [(loc, step.title) for loc, _module, step in steps_of(document)]
    places += [(("milestones", m), milestone.title) for m, milestone in enumerate(document.milestones)]
    for loc, title in places:
        if title[0].islower():
            yield (*loc, "title"), _("the title “%(title)s” must start with a capital letter", title=title)


def _due_rules(document: PlaybookDocument) -> Iterator[Finding]:
    known = {step.key for _loc, _module, step in steps_of(document)}
    for loc, module, step in steps_of(document):
        due = step.due_rule
        if due.anchor == "after" and due.step not in known:
            yield (*loc, "due"), _missing_step(str(due.step))
        if due.anchor == "start" and due.amount < 0 and module.stage != "welcome" and not step.early_start:
            yield (
                (*loc, "due"),
                _(
                    "only steps of Welcome and early_start steps may be due before the start date; write start+N"
                ),
            )


def _missing_step(key: str) -> str:
    return _("there is no step “%(key)s”; write the key of a step of this playbook", key=key)


def _cycles(document: PlaybookDocument) -> Iterator[Finding]:
    after = {
        step.key: step.due_rule.step
        for _loc, _module, step in steps_of(document)
        if step.due_rule.anchor == "after"
    }
    told: set[str] = set()
    for loc, _module, step in steps_of(document):
        path: list[str] = []
        key: str | None = step.key
        while key is not None and key in after and key not in path:
            path.append(key)
            key = after[key]
        if key == step.key and path and key not in told:
            told.update(path)
            names = " → ".join([*path, step.key])
            yield (
                (*loc, "due"),
                _("these steps wait for each other: %(names)s. Give one another due rule", names=names),
            )


def _milestones(document: PlaybookDocument) -> Iterator[Finding]:
    known = {step.key for _loc, _module, step in steps_of(document)}
    for m, milestone in enumerate(document.milestones):
        loc: Loc = ("milestones", m)
        if not milestone.steps:
            yield (*loc, "steps"), _("the milestone has no steps; name the steps that reach it")
        for s, key in enumerate(milestone.steps):
            if key not in known:
                yield (*loc, "steps", s), _missing_step(key)
        due = milestone.due_rule
        if due is not None and due.step is not None and due.step not in known:
            yield (*loc, "due"), _missing_step(due.step)


def _flags(document: PlaybookDocument) -> Iterator[Finding]:
    for loc, module, step in steps_of(document):
        if step.gate and not step.counts:
            yield (
                (*loc, "gate"),
                _("a gate must be required and visible, or the road would stand still unseen"),
            )
        if step.done_for_you and step.owner_side != "us":
            yield (
                (*loc, "done_for_you"),
                _("only a step of ours (owner_side: us) is done for the customer at the start"),
            )
        if step.records in ("graduation", "first_value") and module.stage != "graduation":
            yield (*loc, "records"), _("%(what)s belongs to the graduation stage", what=step.records)
        if step.kind == "usage":
            yield from _seen(loc, step)
        if step.records == "purchase_reason" and step.kind != "form":
            yield (*loc, "records"), _("the purchase reason is taken from the first field of a form")


def _seen(loc: Loc, step: StepSpec) -> Iterator[Finding]:
    """Nobody presses anything in a step that completes itself."""
    if step.owner_side != "customer":
        yield (*loc, "owner_side"), _("what is seen in their account is theirs; write owner_side: customer")
    if step.review:
        yield (*loc, "review"), _("a step of kind usage completes itself; leave out review")
    if step.records not in (None, "first_value"):
        yield (*loc, "records"), _("of the facts, usage shows first_value alone; leave out records")


def _roads(document: PlaybookDocument) -> Iterator[Finding]:
    for programme in document.programmes:
        for segment in document.segments:
            road = steps_for(document, programme, segment)
            label = _("in the %(days)s-day programme for %(segment)s", days=programme, segment=segment)
            yield from _stages_of(road, label)
            yield from _left_out(document, road, label)
            yield from _milestones_left(document, road, label)


def _stages_of(road: tuple[ModuleSpec, ...], label: str) -> Iterator[Finding]:
    for stage in STAGE_KEYS:
        steps = [step for module in road if module.stage == stage for step in module.steps]
        if not steps:
            yield ("stages", stage), _("the stage is empty %(road)s; add a module with steps", road=label)
        elif not any(step.counts for step in steps):
            yield (
                ("stages", stage),
                _("the stage has no required visible step %(road)s; it needs one", road=label),
            )
        elif stage in ("welcome", "expectations") and not any(step.gate for step in steps):
            yield ("stages", stage), _("the stage has no gate %(road)s; mark a step gate: true", road=label)
        elif stage == "graduation" and not any(step.gate and step.records == "graduation" for step in steps):
            message = _(
                "no step confirms graduation %(road)s; mark one gate: true and records: graduation",
                road=label,
            )
            yield ("stages", stage), message


def _left_out(document: PlaybookDocument, road: tuple[ModuleSpec, ...], label: str) -> Iterator[Finding]:
    """A step may only lean on steps that are on every road it is on itself."""
    on_road = {step.key for module in road for step in module.steps}
    known = {step.key for _loc, _module, step in steps_of(document)}
    for loc, _module, step in steps_of(document):
        if step.key not in on_road:
            continue
        leans_on = [((*loc, "due"), step.due_rule.step)]
        if step.approve:
            leans_on.append(((*loc, "approve", "shows"), step.approve.shows))
        if step.kind == "sign" and (plan := plan_before(one for _l, _m, one in steps_of(document))):
            leans_on.append(((*loc, "kind"), plan.key))
        for place, key in leans_on:
            if key is not None and key in known and key not in on_road:
                yield place, _("the step “%(key)s” is left out %(road)s", key=key, road=label)


def _milestones_left(
    document: PlaybookDocument, road: tuple[ModuleSpec, ...], label: str
) -> Iterator[Finding]:
    """Nor may the date of a milestone lean on a step that a road with this milestone lacks."""
    on_road = {step.key for module in road for step in module.steps}
    known = {step.key for _loc, _module, step in steps_of(document)}
    for m, milestone in enumerate(document.milestones):
        key = milestone.due_rule.step if milestone.due_rule else None
        if key in known - on_road and on_road.intersection(milestone.steps):
            yield (
                ("milestones", m, "due"),
                _("the step “%(key)s” is left out %(road)s", key=key, road=label),
            )
