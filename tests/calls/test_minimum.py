"""The calls every road has: held, booked or missing, each with its way."""

from datetime import timedelta

from portal import db
from portal.calls.minimum import minimum_of
from portal.calls.models import Call
from tests.calls.cast import FRIDAY, MONDAY, NEXT, begin, in_app, playbook, step_of


def test_each_says_where_it_stands(book, cast, clock) -> None:
    kickoff = book()
    clock.at(FRIDAY + timedelta(hours=1))
    kickoff.hold(notes="x", next_steps=NEXT, by=cast.priya)
    scope = book(
        MONDAY, kind="integration_scope", step=step_of(cast.onboarding, "attend_call", "integration_scope")
    )
    found = minimum_of(cast.onboarding, [kickoff, scope])
    assert [one.said for one in found] == ["held on 6 Mar", "booked for 9 Mar", "missing"]
    assert [one.is_missing for one in found] == [False, False, True]
    assert found[0].url == f"/staff/calls/{kickoff.ref}"
    assert found[2].url.endswith("/call")


def test_priya_reads_them_on_the_account_and_leads_on(app, cast, enter) -> None:
    priya = enter(cast.priya)
    page = priya.get(f"/staff/accounts/{cast.northwind.ref}/calls")
    assert "The calls every road has" in page.text
    link = next(a for a in page.all("a") if a.text() == "Meet for kickoff")
    assert "not booked" in priya.get(link["href"]).text
    enter(cast.ana).get(f"/staff/accounts/{cast.northwind.ref}/calls", 404)
    with in_app(app):
        assert db.session.query(Call).count() == 0


def about(step, kinds) -> bool:
    return bool(step.call and step.call.kind in kinds)


def without(*kinds: str, offered: bool = False):
    """The shipped playbook without the items about these calls, or with them in modules that are only offered."""
    document = playbook()
    modules = []
    for module in document.modules:
        kept = tuple(step for step in module.steps if not about(step, kinds))
        gone = tuple(step for step in module.steps if about(step, kinds))
        if kept:
            modules.append(module.model_copy(update={"steps": kept}))
        if gone and offered:
            more = {"key": f"{module.key}_more", "include": "offered", "steps": gone}
            modules.append(module.model_copy(update=more))
    return changed(document, modules)


def changed(document, modules):
    """Another playbook with these modules, and the milestones whose items they have."""
    here = {step.key for module in modules for step in module.steps}
    milestones = tuple(one for one in document.milestones if set(one.steps) <= here)
    return document.model_copy(update={"key": "other", "modules": tuple(modules), "milestones": milestones})


def test_a_playbook_without_an_item_for_one_leaves_it_missing(cast, context) -> None:
    road = begin(cast.northwind, cast, without("kickoff", "integration_scope", "module_discussion"))
    found = minimum_of(road, [])
    assert [(one.title, one.said, one.url, one.is_missing) for one in found] == [
        (title, "missing; no item asks for it", "", True)
        for title in ("Kickoff", "Integration scope", "Module discussion")
    ]


def test_without_an_integration_no_scope_of_one_is_missed(cast, context) -> None:
    document = without("integration_scope")
    plain = [one for one in document.modules if one.owner_role != "integration_specialist"]
    road = begin(cast.northwind, cast, changed(document, plain))
    assert "Integration scope" not in [one.title for one in minimum_of(road, [])]
    assert len(minimum_of(road, [])) == 2


def test_where_a_module_would_bring_it_the_way_leads_there(cast, context) -> None:
    road = begin(cast.northwind, cast, without("module_discussion", offered=True))
    last = minimum_of(road, [])[-1]
    assert (last.said, last.is_missing) == ("missing; a module brings it", True)
    assert last.url == f"/staff/accounts/{cast.northwind.ref}/road/modules?o={road.ref}"


def test_one_that_was_left_out_is_missing_still(cast, context) -> None:
    scope = step_of(cast.onboarding, "attend_call", "integration_scope")
    scope.skip("They integrate later.", by=cast.priya)
    found = minimum_of(cast.onboarding, [])[1]
    assert (found.title, found.said, found.url, found.is_missing) == (scope.title, "left out", "", True)
