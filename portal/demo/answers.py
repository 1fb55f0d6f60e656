"""What people answer on the steps of the shipped playbook: their own words where it matters, else a fitting choice."""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from portal.onboardings.models import Onboarding
from portal.onboardings.steps import Step
from portal.playbooks.kinds import FormField

WORDS: dict[str, tuple[str, ...]] = {
    "impact": (
        "Finance gets two days a month back, and partners stop asking us where their money is.",
        "We can sign partners in countries where nobody of ours sits.",
    ),
    "problem": (
        "Referrals arrive by mail, get lost, and partners are paid late or twice.",
        "Nobody can say what a partner has earned without opening three spreadsheets.",
    ),
    "how_you_would_know": (
        "Payout runs take 2 hours instead of 14.",
        "Nine of ten partners are paid within ten days of the month's end.",
    ),
    "decider": ("Our head of finance", "The managing director"),
    "champion": ("The person filling this in", "Our partner manager"),
    "crm_owner": ("Our CRM administrator", "IT service desk"),
    "crm_name": ("Pipeline One",),
    "partner_tool": ("Reftrack, until the end of the quarter",),
    "sign_on_provider": ("Entra ID",),
    "fixed_date_why": ("The yearly partner day",),
    "first": ("Sales North: they have the most partners and a manager who wants it.",),
    "others": ("Sales South, then Services.",),
    "leads": ("One partner manager in each; names follow by message.",),
    "together_what": ("Rewards change on the first of a month everywhere.",),
    "members": ("Our COO and our head of partnerships",),
    "deputy": ("Our head of finance",),
    "exceptions": ("Two founding partners keep 20 % for life.",),
    "missing": ("A second session for the new colleagues in Finance.",),
    "helped": ("Working through our own cases in the consultation.",),
    "evidence": ("Seen in the activity log of the account.", "Screenshot in the call notes."),
    "amount": ("150 EUR",),
    "it_contact": ("it@customer.example",),
}
CHOICES = {
    "fixed_date": "no",
    "together": "no",
    "has_exceptions": "no",
    "crm": "HubSpot",
    "security_review": "no",
    "ready": "Ready",
}
# What differs between customers, by how often it is said.
MANY: dict[str, tuple[str, ...]] = {
    "partner_data": ("In spreadsheets", "In spreadsheets", "In our CRM", "In another partner tool"),
    "data_quality": (
        "Some doubles and gaps",
        "One row per partner and up to date",
        "Several lists that disagree",
    ),
    "single_sign_on": ("no", "no", "yes"),
    "hours_a_week": ("1 to 2 hours", "1 to 2 hours", "3 hours or more", "Under 1 hour"),
    "experience": (
        "Some process is in place",
        "Some process is in place",
        "We are starting",
    ),
}
LISTS = {
    "user_roles": ["Administrator", "Partner manager", "Finance"],
    "styles": ["Watching", "Trying it out"],
    "regions": ["United States"],
    "other_systems": [],
}
NUMBERS = {"users": 12, "partner_count": 180, "share": 15, "waiting_days": 30}


def answers_for(step: Step, chance: random.Random, own: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the form of `step` holds when it is finished; `own` answers come first."""
    match step.kind:
        case "checklist" if step.spec.checklist:
            return {"checked": [item.key for item in step.spec.checklist.items]}
        case "choose_path" if step.spec.choose_path:
            return {"choice": step.spec.choose_path.options[0].key}
        case "confirm" if step.spec.confirm:
            return _proof(step, chance)
        case "invite" if sum(bool(person.invited_at) for person in step.onboarding.account.people) < 2:
            return {"alone": ["yes"]}
        case "form" if step.spec.form:
            return _filled(step, step.spec.form.fields, chance, own or {})
    return {}


def _proof(step: Step, chance: random.Random) -> dict[str, Any]:
    content, found = step.spec.confirm, {}
    if content and content.with_date:
        found["date"] = step.onboarding.account.today.isoformat()
    if content and content.with_evidence:
        found["evidence"] = chance.choice(WORDS["evidence"])
    return found


def _filled(
    step: Step, fields: tuple[FormField, ...], chance: random.Random, own: Mapping[str, Any]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields:
        if field.show_when and found.get(field.show_when.field) not in field.show_when.values:
            continue
        if field.key in own:
            found[field.key] = own[field.key]
        elif field.required or field.key in WORDS:
            found[field.key] = answer_to(step.onboarding, field, chance)
    return found


def answer_to(road: Onboarding, field: FormField, chance: random.Random) -> Any:
    """A fitting answer to one question; None where this customer leaves it open."""
    match field.type:
        case "number":
            return max(NUMBERS.get(field.key, 10), field.minimum or 0)
        case "date":
            return (road.account.today + timedelta(days=30)).isoformat()
        case "choice" | "yes_no" if field.key in MANY:
            return chance.choice(MANY[field.key])
        case "choice" | "yes_no":
            return CHOICES.get(field.key, field.answers[0])
        case "choices" if field.key in LISTS:
            return LISTS[field.key] or None
        case "choices":
            return list(field.options[:2])
    if not field.required and field.key not in WORDS:
        return None
    return chance.choice(WORDS.get(field.key, ("As discussed in our last call.",)))
