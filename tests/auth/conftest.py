"""The people who sign in here, their letterbox, and the portal in other settings."""

import email
import email.policy
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from flask import Flask

from portal import config, db, mail, worker
from portal.accounts.kinds import PortalRole, Segment
from portal.accounts.models import Account, Person, Provider, Staff
from portal.app import create_app
from tests.infra.visit import Page, Visitor

SECRET_KEY = "only-for-tests-" * 3


def make_people() -> SimpleNamespace:
    """Partnerly with Priya, its customer Northwind with Ana and Ben, and a rival customer's Fay; committed."""
    db.session.add(Provider(id=1, name="Partnerly", locale="en", time_zone="UTC", reply_hours=4))
    northwind = Account(
        name="Northwind", slug="northwind", segment=Segment.MID_MARKET, time_zone="Europe/Lisbon"
    )
    fabrikam = Account(name="Fabrikam", slug="fabrikam", segment=Segment.SMB)
    db.session.add_all([northwind, fabrikam])
    db.session.flush()

    def person(name: str, role: PortalRole, account: Account) -> Person:
        called = name.split()[0]
        address = f"{called.lower()}@{account.slug}.example"
        return Person(name=name, called=called, email=address, portal_role=role, account=account)

    cast = SimpleNamespace(
        ana=person("Ana Silva", PortalRole.ADMIN, northwind),
        ben=person("Ben Okafor", PortalRole.TEAMMATE, northwind),
        fay=person("Fay Lind", PortalRole.ADMIN, fabrikam),
        priya=Staff(
            name="Priya Nair", called="Priya", email="priya@partnerly.example", staff_roles=["consultant"]
        ),
    )
    db.session.add_all(vars(cast).values())
    db.session.commit()
    return cast


@pytest.fixture
def people(session):
    return make_people()


@dataclass
class Post:
    """What the worker delivers."""

    app: Flask
    letters: list[EmailMessage]

    def deliver(self) -> list[EmailMessage]:
        """Let everything leave that is due; returns the letters of this round."""
        db.session.commit()
        before = len(self.letters)
        worker.work(once=True, around=self.app.app_context)
        return self.letters[before:]

    def one(self, address: str) -> EmailMessage:
        """Deliver, and expect exactly one letter, for `address`."""
        (letter,) = self.deliver()
        assert letter["To"] == address
        return letter


@pytest.fixture
def post(app, settings, monkeypatch) -> Post:
    letters: list[EmailMessage] = []

    def keep(message: EmailMessage, _letter_id: int) -> None:
        letters.append(email.message_from_bytes(message.as_bytes(), policy=email.policy.default))

    mail.configure(settings())
    monkeypatch.setattr(mail, "_deliver", keep)
    return Post(app, letters)


def words(letter: EmailMessage, kind: str = "plain") -> str:
    """One of the two bodies of a letter."""
    return letter.get_body((kind,)).get_content()


def link_in(letter: EmailMessage) -> str:
    """The path of the link in a letter, which must stand in both bodies alike."""
    found = set(re.findall(r"https?://[^\s\"<]+/login/[\w-]{20,}", words(letter) + words(letter, "html")))
    (address,) = found
    return "/login/" + address.rpartition("/")[2]


def code_in(letter: EmailMessage) -> str:
    return re.search(r"\b(\d{3} \d{3})\b", words(letter)).group(1)


def viewer_of(visitor: Visitor) -> bool:
    """Whether this browser is signed in: the password page is for those who are, and leads the others away."""
    response = visitor.client.get("/password")
    return response.status_code != 303


@pytest.fixture
def ask(visitor, post) -> Callable[[str], tuple[Visitor, EmailMessage]]:
    """Ask for a link as somebody would, and read their letter."""

    def asked(address: str) -> tuple[Visitor, EmailMessage]:
        browser = visitor()
        browser.get("/login")
        browser.submit("/login", {"email": address}, status=200)
        return browser, post.one(address)

    return asked


@pytest.fixture
def enter(app, visitor) -> Callable[..., Visitor]:
    """A browser in which this user is signed in, through a link."""

    def entered(user, browser: Visitor | None = None, **options) -> Visitor:
        from portal.auth.links import link_for

        browser = browser or visitor()
        db.session.commit()
        with app.app_context(), db.transaction():
            path = link_for(db.session.get(type(user), user.id)).removeprefix("http://127.0.0.1")
        browser.get(path)
        browser.submit(path, **options)
        browser.get(
            path, status=410
        )  # A page with a form, so that the next one sent carries a token that counts.
        return browser

    return entered


def _install(tmp_path_factory, **changes: str) -> Flask:
    folder = tmp_path_factory.mktemp("install")
    plain = {
        "PORTAL_DATABASE_URL": f"sqlite:///{folder}/unused.sqlite3",
        "PORTAL_SECRET_KEY": SECRET_KEY,
        "PORTAL_SEAL_PASSPHRASE": "only-for-tests",
        "PORTAL_BASE_URL": "http://127.0.0.1",
        "PORTAL_DATA_DIR": str(folder),
    }
    made = create_app(config.read({**plain, **changes}))
    made.testing = True
    return made


@pytest.fixture(scope="session")
def secure_app(tmp_path_factory) -> Flask:
    """An install that people reach over https."""
    return _install(tmp_path_factory, PORTAL_BASE_URL="https://onboarding.example")


@pytest.fixture(scope="session")
def proxied_app(tmp_path_factory) -> Flask:
    """An install behind one proxy."""
    return _install(tmp_path_factory, PORTAL_TRUSTED_PROXIES="1")


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory) -> Flask:
    return _install(tmp_path_factory, PORTAL_DEMO="1")


def plainly(page: Page) -> str:
    """A page's bytes without what is new on every page: tokens against forgery."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page.source)
