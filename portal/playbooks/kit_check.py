"""What makes a readiness kit usable: questions that can be asked, and rules that decide something."""

from collections import Counter
from collections.abc import Iterator

from flask_babel import gettext as _

from portal.playbooks.contents import FILES, TAKEN_QUESTIONS, Finding, among, asked_after, steps_of
from portal.playbooks.document import ModuleSpec, PlaybookDocument
from portal.playbooks.kinds import OWN_PAGE, FormField
from portal.playbooks.kit import Condition, Effect, Kit
from portal.playbooks.rules import steps_for
from portal.playbooks.source import Loc


def kit_of(document: PlaybookDocument) -> Iterator[Finding]:
    """Everything that is wrong with the kit, and with the steps that need one."""
    yield from _steps(document)
    kit = document.kit
    if kit is None:
        return
    yield from _sections(kit)
    yield from _questions(kit)
    yield from _prerequisites(kit)
    yield from _rules(document, kit)
    yield from _packs(document, kit)
    yield from _never_asked_for(document, kit)


def _steps(document: PlaybookDocument) -> Iterator[Finding]:
    seen: set[str] = set()
    for loc, _module, step in steps_of(document):
        if step.kind in ("kit", "prerequisites") and document.kit is None:
            yield (*loc, "kind"), _("there is no kit; add “kit:” to the playbook")
        if step.kind == "prerequisites" and document.kit and not document.kit.prerequisites:
            yield (*loc, "kind"), _("the kit has no prerequisites; add “prerequisites:” to it")
        if step.kind in OWN_PAGE:
            if step.kind in seen:
                yield (
                    (*loc, "kind"),
                    _("there is a step of kind %(kind)s already; one is enough", kind=step.kind),
                )
            if step.owner_side != ("us" if step.kind == "plan" else "customer"):
                message = (
                    _("the plan is ours to write; write owner_side: us")
                    if step.kind == "plan"
                    else _("a step of kind %(kind)s is the customer's", kind=step.kind)
                )
                yield (*loc, "owner_side"), message
            if step.review != (step.kind == "kit"):
                message = (
                    _("the kit is confirmed by a person; write review: true")
                    if step.kind == "kit"
                    else _("both sides act on its page, so there is no review; leave out review")
                )
                yield (*loc, "review"), message
        seen.add(step.kind)
    if document.kit and "kit" not in seen:
        yield ("kit",), _("no step asks for the kit; add one of kind kit")


def _sections(kit: Kit) -> Iterator[Finding]:
    known = [section.key for section in kit.sections]
    for key, times in Counter(known).items():
        if times > 1:
            yield ("kit", "sections"), _("“%(key)s” is used twice; each must differ", key=key)
    asked = {question.section for question in kit.questions}
    for s, key in enumerate(known):
        if key not in asked:
            yield ("kit", "sections", s), _("the section “%(key)s” has no question", key=key)
    order = [known.index(question.section) for question in kit.questions if question.section in known]
    if order != sorted(order):
        yield ("kit", "questions"), _("questions of one section stand together, in the order of the sections")


def _questions(kit: Kit) -> Iterator[Finding]:
    earlier: dict[str, FormField] = {}
    sections = {section.key for section in kit.sections}
    for q, question in enumerate(kit.questions):
        loc: Loc = ("kit", "questions", q)
        if question.section not in sections:
            yield (*loc, "section"), _("there is no section “%(key)s”", key=question.section)
        yield from asked_after((*loc, "show_when"), question.show_when, earlier)
        for f, field in enumerate(question.fields):
            place: Loc = (*loc, "more", f - 1) if f else loc
            if field.key in TAKEN_QUESTIONS:
                yield (
                    (*place, "key"),
                    _("“%(key)s” is the name of a page; give this question another key", key=field.key),
                )
            if field.key in earlier:
                yield (*place, "key"), _("“%(key)s” is used twice; each must differ", key=field.key)
            yield from asked_after((*place, "show_when"), field.show_when if f else None, earlier)
            earlier[field.key] = field


def _prerequisites(kit: Kit) -> Iterator[Finding]:
    for key, times in Counter(one.key for one in kit.prerequisites).items():
        if times > 1:
            yield ("kit", "prerequisites"), _("“%(key)s” is used twice; each must differ", key=key)
    for p, one in enumerate(kit.prerequisites):
        if one.file and not (FILES / one.file).is_file():
            there = ", ".join(sorted(path.name for path in FILES.iterdir()))
            yield (
                ("kit", "prerequisites", p, "file"),
                _("there is no file “%(name)s”; there are: %(there)s", name=one.file, there=there),
            )


# --- Rules --------------------------------------------------------------------------------------


def _rules(document: PlaybookDocument, kit: Kit) -> Iterator[Finding]:
    fields = {field.key: field for question in kit.questions for field in question.fields}
    unsure = {question.key for question in kit.questions if not question.factual}
    seen: set[str] = set()
    for r, rule in enumerate(kit.rules):
        loc: Loc = ("kit", "rules", r)
        if rule.key in seen:
            yield (*loc, "key"), _("“%(key)s” is used twice; each must differ", key=rule.key)
        seen.add(rule.key)
        for c, condition in enumerate(rule.when):
            yield from _condition((*loc, "when", c), condition, fields, unsure)
        for e, effect in enumerate(rule.then):
            yield from _effect((*loc, "then", e), effect, document, kit)


def _condition(
    loc: Loc, condition: Condition, fields: dict[str, FormField], unsure: set[str]
) -> Iterator[Finding]:
    asked = fields.get(condition.question)
    if asked is None:
        yield (*loc, "question"), _("there is no question “%(key)s”", key=condition.question)
        return
    if condition.unknown and asked.key not in unsure:
        yield (
            (*loc, "unknown"),
            _("nobody can be unsure of “%(key)s”; it offers no “Not sure yet”", key=asked.key),
        )
    elif condition.at_least is not None and asked.type != "number":
        yield (*loc, "at_least"), _("“%(key)s” is not a number", key=asked.key)
    elif condition.includes is not None and asked.type != "choices":
        yield (*loc, "includes"), _("“%(key)s” has one answer; write is", key=asked.key)
    elif condition.is_not and not asked.answers:
        yield (*loc, "is_not"), _("“%(key)s” has no fixed answers; is_not needs them", key=asked.key)
    elif condition.equals and asked.type not in ("choice", "yes_no"):
        yield (*loc, "is"), _("“%(key)s” has no fixed single answer; write includes", key=asked.key)
    else:
        yield from among(loc, condition.values, asked)


def _effect(loc: Loc, effect: Effect, document: PlaybookDocument, kit: Kit) -> Iterator[Finding]:
    kind, value = effect.kind, effect.value
    module = value if kind in ("include", "exclude", "offer", "put_first") else effect.module
    if module is not None:
        yield from _module(
            (*loc, kind if kind not in ("depth", "assign") else "module"), kind, module, document
        )
    if kind == "prerequisite":
        yield from _by_rule((*loc, kind), value, kit)
    if kind == "compliance" and value not in {pack.key for pack in kit.packs}:
        yield (*loc, kind), _("there is no pack “%(key)s”", key=value)
    if kind == "agenda" and effect.call:
        calls = {step.call.kind for _loc, _module, step in steps_of(document) if step.call}
        if effect.call not in calls:
            yield (*loc, "call"), _("no step of this playbook is a %(call)s", call=effect.call)


def _module(loc: Loc, kind: str, key: str, document: PlaybookDocument) -> Iterator[Finding]:
    spec = next((module for module in document.modules if module.key == key), None)
    if spec is None:
        there = ", ".join(module.key for module in document.modules)
        yield loc, _("there is no module “%(key)s”; there are: %(there)s", key=key, there=there)
        return
    if kind in ("include", "offer") and spec.include == "always" and _is_everywhere(spec, document):
        yield loc, _("“%(key)s” is on every road already", key=key)
    if kind == "exclude":
        if gate := next((step for step in spec.steps if step.gate), None):
            yield (
                loc,
                _(
                    "“%(key)s” holds the gate “%(gate)s”, so no answer may leave it out",
                    key=key,
                    gate=gate.key,
                ),
            )
        yield from _only_one(loc, key, document)
    if kind == "depth" and not any(step.depths for step in spec.steps):
        yield loc, _("“%(key)s” is as deep as it is; give some of its steps “depths:”", key=key)


def _is_everywhere(spec: ModuleSpec, document: PlaybookDocument) -> bool:
    roads = (steps_for(document, days, size) for days in document.programmes for size in document.segments)
    return all(spec.key in {module.key for module in road} for road in roads)


def _only_one(loc: Loc, key: str, document: PlaybookDocument) -> Iterator[Finding]:
    """A stage always holds a required visible step (product.md 2.6.4)."""
    for programme in document.programmes:
        for segment in document.segments:
            road = steps_for(document, programme, segment)
            stage = next((module.stage for module in road if module.key == key), None)
            rest = [s for m in road if m.stage == stage and m.key != key for s in m.steps if s.counts]
            if stage and not rest:
                yield (
                    loc,
                    _("without “%(key)s” a stage would be empty, so no answer may leave it out", key=key),
                )
                return


def _by_rule(loc: Loc, key: str, kit: Kit) -> Iterator[Finding]:
    spec = kit.prerequisite(key)
    if spec is None:
        yield loc, _("there is no prerequisite “%(key)s”", key=key)
    elif spec.include == "always":
        yield loc, _("“%(key)s” is asked of everybody already; write include: by_rule", key=key)


def _packs(document: PlaybookDocument, kit: Kit) -> Iterator[Finding]:
    for p, pack in enumerate(kit.packs):
        for key in pack.modules:
            yield from _module(("kit", "packs", p, "modules"), "include", key, document)
        for key in pack.prerequisites:
            yield from _by_rule(("kit", "packs", p, "prerequisites"), key, kit)


def _never_asked_for(document: PlaybookDocument, kit: Kit) -> Iterator[Finding]:
    effects = [effect for rule in kit.rules for effect in rule.then]
    packs = {effect.compliance for effect in effects}
    taken = {effect.include or effect.offer for effect in effects}
    taken |= {key for pack in kit.packs if pack.key in packs for key in pack.modules}
    for m, module in enumerate(document.modules):
        if module.include == "by_rule" and module.key not in taken:
            yield ("modules", m, "include"), _("no rule includes or offers “%(key)s”", key=module.key)
