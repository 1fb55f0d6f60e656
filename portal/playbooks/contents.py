"""What the steps of a playbook hold: files that are there, questions that can be asked, things that can be shown."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from flask_babel import gettext as _

from portal.playbooks.document import STAGE_KEYS, FileRef, ModuleSpec, PlaybookDocument, StepSpec
from portal.playbooks.kinds import FormField, ShowWhen
from portal.playbooks.source import Loc

FILES = Path(__file__).parent / "shipped" / "files"
STATIC = Path(__file__).resolve().parents[2] / "static"

# Pages and buttons of the portal take these names (product.md 2.7, 3.1).
TAKEN_QUESTIONS = ("check", "result", "start", "submit")

Finding = tuple[Loc, str]


def steps_of(document: PlaybookDocument) -> Iterator[tuple[Loc, ModuleSpec, StepSpec]]:
    """Every step in the order of the file, with its place."""
    for m, module in enumerate(document.modules):
        for s, step in enumerate(module.steps):
            yield ("modules", m, "steps", s), module, step


def contents_of(document: PlaybookDocument) -> Iterator[Finding]:
    earlier: dict[str, StepSpec] = {}
    in_order = sorted(steps_of(document), key=lambda found: STAGE_KEYS.index(found[1].stage))
    for loc, _module, step in in_order:
        yield from _files(loc, step)
        if step.form:
            yield from _fields((*loc, "form", "fields"), step.form.fields)
            yield from _prefills((*loc, "form", "fields"), step)
        if step.approve and step.approve.shows:
            shown = earlier.get(step.approve.shows)
            if shown is None or shown.kind not in ("form", "upload"):
                yield (
                    (*loc, "approve", "shows"),
                    _("“%(key)s” is not an earlier step of kind form or upload", key=step.approve.shows),
                )
        if step.kind == "sign" and plan_before(earlier.values()) is None:
            yield (*loc, "kind"), _("nothing is there to sign yet; put a step of kind plan before this one")
        earlier[step.key] = step


def plan_before(earlier: Iterable[StepSpec]) -> StepSpec | None:
    """The step among these that brings the plan."""
    return next((step for step in earlier if step.kind == "plan"), None)


def _files(loc: Loc, step: StepSpec) -> Iterator[Finding]:
    for f, ref in enumerate(step.files):
        if not (FILES / ref.name).is_file():
            there = ", ".join(sorted(path.name for path in FILES.iterdir()))
            yield (
                (*loc, "files", f, "name"),
                _("there is no file “%(name)s”; there are: %(there)s", name=ref.name, there=there),
            )
    if step.upload and step.upload.template:
        yield from _own_file((*loc, "upload", "template"), step.upload.template, step.files)
    for i, item in enumerate(step.checklist.items if step.checklist else ()):
        if item.file:
            yield from _own_file((*loc, "checklist", "items", i, "file"), item.file, step.files)
    pictures = {"picture": step.picture, "narrow": step.picture.narrow} if step.picture else {}
    for name, picture in pictures.items():
        if picture and not (STATIC / picture.src).is_file():
            at = ("picture",) if name == "picture" else ("picture", "narrow")
            yield (*loc, *at, "src"), _("there is no picture “%(name)s” under static/", name=picture.src)


def _own_file(loc: Loc, name: str, files: Iterable[FileRef]) -> Iterator[Finding]:
    if name not in {ref.name for ref in files}:
        yield loc, _("“%(name)s” is not among the files of this step; list it under files", name=name)


def _fields(loc: Loc, fields: tuple[FormField, ...]) -> Iterator[Finding]:
    earlier: dict[str, FormField] = {}
    for f, field in enumerate(fields):
        if field.key in TAKEN_QUESTIONS:
            yield (
                (*loc, f, "key"),
                _("“%(key)s” is the name of a page; give this question another key", key=field.key),
            )
        yield from asked_after((*loc, f, "show_when"), field.show_when, earlier)
        earlier[field.key] = field


def asked_after(loc: Loc, condition: ShowWhen | None, earlier: Mapping[str, FormField]) -> Iterator[Finding]:
    """What is wrong with asking something only after an earlier answer."""
    if condition is None:
        return
    asked = earlier.get(condition.field)
    if asked is None:
        yield (*loc, "field"), _("“%(key)s” is not a question before this one", key=condition.field)
    elif not asked.answers:
        message = _("“%(key)s” has no fixed answers; ask after a choice or a yes_no", key=asked.key)
        yield (*loc, "field"), message
    else:
        yield from among((*loc, "is"), condition.values, asked)


def among(loc: Loc, values: Iterable[str], field: FormField) -> Iterator[Finding]:
    """Those of these answers that the question doesn't have."""
    for value in values:
        if value not in field.answers:
            allowed = ", ".join(field.answers)
            yield (
                loc,
                _("“%(value)s” is no answer there. Write one of: %(allowed)s", value=value, allowed=allowed),
            )


def _prefills(loc: Loc, step: StepSpec) -> Iterator[Finding]:
    """Nothing is filled in twice, and the quote where its correction becomes the quote."""
    seen: set[str] = set()
    for f, field in enumerate(step.form.fields if step.form else ()):
        if field.prefill in seen:
            message = _("“%(key)s” fills in two fields; leave it at one of them", key=field.prefill)
            yield (*loc, f, "prefill"), message
        elif field.prefill == "quote" and (f or step.records != "purchase_reason"):
            yield (
                (*loc, f, "prefill"),
                _("the quote fills in the first field of a step with records: purchase_reason"),
            )
        if field.prefill:
            seen.add(field.prefill)
