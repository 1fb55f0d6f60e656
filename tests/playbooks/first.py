"""The first edition of the shipped playbook, whose Expectations are forms, a checklist and approvals. Every kind of
step that is done on its own page of the road is on it, and roads that began on it go on."""

from functools import cache
from pathlib import Path

from portal.playbooks.document import PlaybookDocument
from portal.playbooks.reader import read_checked, shipped
from portal.playbooks.source import parse

EXPECTATIONS = Path(__file__).parent / "first_expectations.yaml"
GRADUATION = Path(__file__).parent / "first_graduation.yaml"


@cache
def first_edition() -> PlaybookDocument:
    """As it was published, without a kit and so without modules that answers ask for."""
    now = next(read_checked(path) for path in shipped() if path.stem == "partner-programme")
    was = parse(EXPECTATIONS.read_text(), "first").data["modules"]
    modules = [module for module in now.model_dump(mode="json")["modules"] if module["include"] != "by_rule"]
    at = next(n for n, module in enumerate(modules) if module["stage"] == "expectations")
    confirmed = {step["key"]: step for step in parse(GRADUATION.read_text(), "first").data["steps"]}
    for module in modules:
        module["steps"] = [confirmed.get(step["key"], step) for step in module["steps"]]
    others = [module for module in modules if module["stage"] != "expectations"]
    as_it_was = {"modules": [*others[:at], *was, *others[at:]], "kit": None}
    whole = now.model_dump(mode="json") | as_it_was
    whole["stages"]["training"]["opens_when"] = "when your plan is agreed"
    agreed = {"key": "plan_agreed", "title": "Plan agreed", "steps": ["plan_agreed"]}
    whole["milestones"] = [agreed if one["key"] == "plan_signed" else one for one in whole["milestones"]]
    return PlaybookDocument.model_validate(whole)
