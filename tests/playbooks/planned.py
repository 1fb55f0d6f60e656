"""The small playbook with a readiness kit, and a plan to be signed as the last of its Expectations."""

from typing import Any

import yaml

from tests.playbooks.ready import READY

STEPS: list[dict[str, Any]] = [
    {
        "key": "plan",
        "title": "Your plan, written and ready to sign",
        "kind": "plan",
        "owner_side": "us",
        "assignee": "consultant",
        "visible": False,
        "due": "stage 60 %",
        "minutes": 30,
        "why": "To sign it.",
        "done_when": "It is sent.",
        "button": "Send the plan",
    },
    {
        "key": "sign_plan",
        "title": "Sign your plan",
        "kind": "sign",
        "owner_side": "customer",
        "assignee": "admin",
        "gate": True,
        "due": "stage 100 %",
        "minutes": 10,
        "why": "Then Training opens.",
        "you": ["Read it.", "Sign it."],
        "done_when": "Both sides have signed.",
        "button": "Review and sign",
        "sign": {"countersign_for": ["smb"], "sponsors_for": ["enterprise"]},
    },
]


def planned(**changes: dict[str, Any]) -> str:
    """The playbook as text; `changes` by the key of a step, a None takes a line out."""
    data = yaml.safe_load(READY)
    data["key"] = "signing"
    own = [{**step, **changes.get(step["key"], {})} for step in STEPS]
    ready = next(module for module in data["modules"] if module["key"] == "ready")
    ready["steps"] += [{name: one for name, one in step.items() if one is not None} for step in own]
    data["milestones"] = [
        {"key": "plan_signed", "title": "Plan signed", "steps": ["sign_plan"]},
        {"key": "imported", "title": "Partners imported and checked", "steps": ["import_list"]},
        {"key": "graduation", "title": "Graduation", "steps": ["finish"]},
    ]
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
