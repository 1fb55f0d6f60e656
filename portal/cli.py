"""The `portal` command."""

import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask import Flask
from sqlalchemy import func, select

from portal import config, db, doctor, exits, logs, migrating, schedule, serving, worker
from portal.accounts import setting_up, staffing
from portal.accounts.models import Staff, User, provider
from portal.accounts.queries import account_called
from portal.activity import heads
from portal.activity import queries as activity
from portal.activity.models import Audience, Verb, record
from portal.app import create_app
from portal.auth import keys as api_keys
from portal.auth import links
from portal.desk.loads import load_of_each
from portal.errors import Refused
from portal.escalations.plays import shipped
from portal.forms import one_line
from portal.health.facts import FACTS
from portal.onboardings.leaving import leave
from portal.plans import keys, verification
from portal.playbooks import reader
from portal.playbooks.models import PlaybookVersion, publish

PICTURE = click.Path(exists=True, dir_okay=False, path_type=Path)
SCOPE = click.Choice(api_keys.SCOPES)
STAFF_ROLES = ["csm", "consultant", "integration_specialist", "account_executive", "cs_leader", "site_admin"]


def main() -> None:
    """Run the command; what can't be done is one sentence on stderr and exit code 1."""
    with exits.in_words():
        portal(standalone_mode=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def portal() -> None:
    """Firstmile: a customer onboarding portal."""


@contextmanager
def _app() -> Iterator[Flask]:
    """The application with one transaction around whatever the command does."""
    app = create_app()
    migrating.check()
    with app.test_request_context(base_url=app.config["PORTAL"].base_url), db.transaction():
        yield app


def _make_seal_key(app: Flask) -> None:
    """At the worker's first start: it is who seals, and a web process stays small without what that takes. One that
    can't write there still works, and the doctor says why."""
    with app.app_context(), db.reading(), suppress(OSError):
        keys.ensure(app.config["PORTAL"], provider().name)


@portal.command()
@click.option("--host", help="The address to listen on; HOST otherwise.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on; PORT otherwise.")
def serve(host: str | None, port: int | None) -> None:
    """Answer web requests."""
    app = create_app()
    migrating.check()
    settings = app.config["PORTAL"]
    serving.serve(app, host or settings.host, port or settings.port)


@portal.command("worker")
@click.option("--once", is_flag=True, help="Do all work that is due now, then exit.")
def worker_command(once: bool) -> None:
    """Do the work that waits: letters, reminders, whatever the clock brings."""
    app = create_app()
    migrating.check()
    _make_seal_key(app)
    stop = worker.Stop(signal.SIGTERM, signal.SIGINT)
    base_url = app.config["PORTAL"].base_url
    doctor.leave_mark(app.config["PORTAL"])

    def around() -> AbstractContextManager[Any]:
        return app.test_request_context(base_url=base_url)

    def told() -> bool:
        return stop.told

    due = partial(schedule.run_due, stop=told)
    worker.work(once=once, stop=told, schedule=due, wait=stop.wait, around=around)


@portal.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    settings = config.read()
    logs.configure(settings.log)
    db.connect(settings.database_url)
    migrating.upgrade()
    click.echo("The database is up to date.")


@portal.command()
@click.option("--no-serve", is_flag=True, help="Build the data and end.")
def demo(no_serve: bool) -> None:
    """Show the portal with a believable portfolio."""
    from portal.demo import show  # No server has to carry the whole cast.

    show.run(create_app, serve=not no_serve)


@portal.command("signin-link")
@click.argument("email")
def signin_link(email: str) -> None:
    """Print one link that signs this person in, once, within ten minutes."""
    with _app():
        user = User.by_email(email)
        if user is None:
            raise Refused(f"Nobody here has the address {email}. Check it, or add them first.")
        click.echo(links.link_for(user))


@portal.group()
def staff() -> None:
    """The provider's people."""


@staff.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Their full name.")
@click.option(
    "--role", "roles", required=True, multiple=True, type=click.Choice(STAFF_ROLES), help="Repeatable."
)
def staff_add(email: str, name: str, roles: tuple[str, ...]) -> None:
    """Add somebody who works here, and print a link to sign in."""
    with _app():
        person = staffing.add(name, email, list(roles))
        link = links.link_for(person)
    click.echo(f"{person.name} is in. This link works once, for ten minutes:")
    click.echo(link)


@staff.command("set")
@click.argument("email")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(STAFF_ROLES), help="Repeatable; these and no others."
)
@click.option("--away-until", help="Their last day away, like 2026-03-31; they are away from now on.")
@click.option("--stand-in", help="The e-mail of whoever answers while they are away.")
@click.option("--back", is_flag=True, help="They are back: not away, and nobody stands in.")
@click.option("--capacity", type=click.IntRange(1, 500), help="How many onboardings they can be on.")
@click.option("--hours", help="When they can be met, on their own clock, like 9-17.")
@click.option("--zone", "time_zone", help="Their time zone, like Europe/Lisbon.")
@click.option("--country", help="Two letters, for their public holidays; the company's, when not set.")
@click.option("--city", help="Where they work, for customers to read.")
@click.option("--phone", help="Their number, for customers to call.")
@click.option("--bio", help="One line about them, for customers to read.")
@click.option("--language", "languages", multiple=True, help="One they speak, like pt; repeatable.")
@click.option("--photo", type=PICTURE, help="A png or jpg file.")
@click.option("--left", is_flag=True, help="They work here no longer: nothing open, and out at once.")
def staff_set(email: str, **given: Any) -> None:
    """Say what somebody may do, when they work, what customers read of them, who answers while they are away."""
    said = {name: value for name, value in given.items() if value}
    with _app() as app:
        person = staffing.called(email)
        if said.pop("left", False):
            if said:
                raise Refused("Leave --left alone: nothing else is changed of somebody who goes.")
            leave(person, by=None)
            click.echo(f"{person.name} has left. They are signed out, and no link of theirs works.")
            return
        staffing.change(person, said, app.config["PORTAL"].data_dir)
        click.echo("  ".join(filter(None, staffing.told_of(person, load_of_each().get(person.id, 0)))))
        if person.is_away and person.stand_in is None:
            click.echo(
                "Nobody stands in: what comes meanwhile waits for them. Name somebody with --stand-in."
            )


@staff.command("list")
def staff_list() -> None:
    """List who works here: roles, load, hours, and who is away."""
    with _app():
        load = load_of_each()
        everybody = db.session.scalars(select(Staff).where(Staff.left_at.is_(None)).order_by(Staff.name))
        rows = [staffing.told_of(person, load.get(person.id, 0)) for person in everybody]
    if not rows:
        raise Refused("Nobody works here yet. Add the first with: portal staff add")
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(map(str.ljust, row, widths)).rstrip())


@portal.command("provider")
@click.option("--name", help="The company's name.")
@click.option("--logo", type=PICTURE, help="A png or jpg file.")
@click.option("--accent", help="The brand colour, like #0b6152.")
@click.option("--time-zone", help="Like Europe/Lisbon.")
@click.option("--country", help="Two letters; public holidays follow it.")
@click.option("--product-base-url", help="Where the product is; links to its settings begin with it.")
@click.option(
    "--reply-hours", type=click.IntRange(1, 80), help="Within how many working hours the team answers."
)
def provider_command(**given: Any) -> None:
    """Show or change the company that runs this install."""
    with _app() as app:
        row = setting_up.change(
            app.config["PORTAL"].data_dir, {k: v for k, v in given.items() if v is not None}
        )
        for field in setting_up.SHOWN:
            click.echo(f"{field}: {getattr(row, field) or '-'}")


@portal.group()
def key() -> None:
    """Keys with which other programs send usage events."""


@key.command("add")
@click.argument("name")
@click.option("--scope", "scopes", required=True, multiple=True, type=SCOPE, help="Repeatable.")
@click.option("--account", help="The only account that it may speak of: its name or short name.")
def key_add(name: str, scopes: tuple[str, ...], account: str | None) -> None:
    """Make a key for the source NAME and print its secret, this once."""
    with _app():
        bound_to = account_called(account) if account else None
        secret = api_keys.make(one_line(name)[:80], scopes, by=None, bound_to=bound_to)[1]
    click.echo(f"The secret is on the next line, this once and nowhere else:\n{secret}")


@portal.group()
def playbook() -> None:
    """Playbooks: the written procedure that onboardings are started from."""


@playbook.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def playbook_check(file: Path) -> None:
    """Say whether a playbook file, or one of triggers, can be used, and where not."""
    triggers = reader.holds_triggers(file)
    document = reader.read_checked_triggers(file, FACTS, shipped()) if triggers else reader.read_checked(file)
    click.echo(f"{document.name}: no problem found.")


@playbook.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def playbook_import(file: Path) -> None:
    """Publish a playbook file as a new version; running onboardings keep theirs."""
    document = reader.read_checked(file)
    with _app():
        newest = db.session.scalar(select(func.max(PlaybookVersion.id))) or 0
        version = publish(document)
        if version.id <= newest:
            click.echo(f"{document.name} is version {version.n} already; nothing was changed.")
            return
        called = {"what": document.name}
        record(version, Verb.PLAYBOOK_IMPORTED, by=None, audience=Audience.STAFF, personal=called)
    click.echo(f"{document.name} is version {version.n} now.")


@portal.group()
def audit() -> None:
    """The record of what happened."""


@audit.command("verify")
def audit_verify() -> None:
    """Find whatever was changed, removed or moved in the record after it was written."""
    with _app():
        problems = activity.verify(heads.noted())
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    click.echo("The record is whole.")


@portal.group()
def seal() -> None:
    """The key that seals signed plans."""


@seal.command("renew")
def seal_renew() -> None:
    """Make a new key and certificate to seal with; files sealed before go on verifying."""
    with _app() as app:
        ends = keys.renew(app.config["PORTAL"], provider().name)
        new = {"certificate": keys.current(app.config["PORTAL"]).fingerprint}
        record(provider(), Verb.SEAL_RENEWED, by=None, audience=Audience.STAFF, after=new)
    click.echo(f"Plans are sealed with a new certificate from now on, until {ends:%Y-%m-%d}.")


@portal.command("verify")
@click.argument("file", type=click.File("rb"))
def verify_command(file: BinaryIO) -> None:
    """Say whether a PDF is a plan that was sealed here, unchanged: 0 if it is, else 1 and why not."""
    content = file.read(verification.MOST_BYTES + 1)
    with _app():
        verdict = verification.verify(content)
        click.echo(verification.in_words(verdict))
    sys.exit(0 if verdict.verified else 1)


@portal.command("doctor")
def doctor_command() -> None:
    """Check that everything the portal needs is there and works."""
    app = create_app()
    with app.app_context():
        findings = doctor.examine(app.config["PORTAL"])
    for finding in findings:
        click.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.what}: {finding.text}", err=not finding.ok)
    sys.exit(0 if all(finding.ok for finding in findings) else 1)
