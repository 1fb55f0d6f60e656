"""Every setting that can't be is named, with what would be right; nothing starts with it."""

import dataclasses
from pathlib import Path

import pytest

from portal.config import Config, SettingError, read

GOOD = {"PORTAL_SECRET_KEY": "only-for-tests-" * 3, "PORTAL_SEAL_PASSPHRASE": "only-for-tests"}
WRONG = {
    "PORTAL_DATABASE_URL": (
        "postgresql+psycopg://portal@localhost/portal",
        ["mysql://localhost/portal", "portal.sqlite3", "sqlite://", "sqlite:///", "sqlite:///:memory:", "postgresql://localhost/portal",
         "postgresql+psycopg://localhost", "postgresql+psycopg://localhost:port/portal", "postgresql+psycopg://[/portal"],
    ),
    "PORTAL_SECRET_KEY": ("secrets.token_hex(32)", ["", "short", "x" * 31, " " * 64]),
    "PORTAL_BASE_URL": (
        "https://",
        ["onboarding.example", "ftp://onboarding.example", "https://", "https://onboarding.example/portal", "http://onboarding.example",
         "https://onboarding.example?x=1", "https://onboarding.example#x", "https://[", "https://onboarding.example:0",
         "https://onboarding.example:99999", "https://ana:hunter2@onboarding.example", "javascript:alert(1)"],
    ),
    "PORTAL_DATA_DIR": ("a directory", ["/dev/null", "/dev/null/portal"]),
    "PORTAL_SMTP_URL": (
        "smtps://user:password@host:465",
        ["localhost:25", "http://localhost", "smtp://", "smtp://host:port", "smtp://host:99999", "smtp://host:0", "smtp://["],
    ),
    "PORTAL_MAIL_FROM": (
        "onboarding@company.example",
        ["onboarding", "@company.example", "onboarding@", "a@b@c", "a b@company.example",
         "a@company.example\nBcc: x@y.example",
         "Onboarding <a@company.example>", "a@b.example,c@d.example"],
    ),
    "PORTAL_SEAL_PASSPHRASE": ("secrets.token_urlsafe(24)", ["", "short", "x" * 11, " " * 40]),
    "PORTAL_TSA_URL": (
        "https://tsa.example/stamp",
        ["tsa.example", "ftp://tsa.example", "https://", "https://tsa.example:0", "https://tsa.example:99999", "http://[",
         "https://user:hunter2@tsa.example", "https://tsa.example/#x",
         "https://tsa.example/a b", "https://tsa.example/\r\nX: y"],
    ),
    "PORTAL_TRUSTED_PROXIES": ("from 0 to 10", ["-1", "11", "one", "1.5", "١", "9" * 5000]),
    "PORTAL_EVENT_DAYS": ("from 1 to 3650", ["0", "-1", "3651", "for ever", "1.5"]),
    "PORTAL_LOG": ("text, json", ["xml", "JSON", "1"]),
    "PORTAL_DEMO": ("1 or 0", ["yes", "true", "2"]),
    "PORT": ("from 1 to 65535", ["0", "65536", "http", "80a", "9" * 5000]),
}  # fmt: skip
RIGHT = {
    "PORTAL_DATABASE_URL": [
        "sqlite:////var/lib/portal.sqlite3", "postgresql+psycopg://portal:secret@db:5432/portal",
        "postgresql+psycopg:///portal", "postgresql+psycopg://portal@/portal?host=/run/postgresql",
    ],
    "PORTAL_BASE_URL": [
        "https://onboarding.example", "https://onboarding.example/", "https://onboarding.example:8443",
        "http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000",
    ],
    "PORTAL_SMTP_URL": ["smtp://localhost", "smtp://localhost:2525", "smtps://user:pa%40ss@mail.example:465", ""],
    "PORTAL_MAIL_FROM": ["onboarding@company.example", "onboarding@localhost", "o'neil+x@company.example"],
    "PORTAL_SEAL_PASSPHRASE": ["x" * 12, "four words make one"],
    "PORTAL_TSA_URL": ["http://tsa.example", "https://tsa.example:8443/rfc3161?plan=1", "http://10.0.0.7/tsa", ""],
    "PORTAL_TRUSTED_PROXIES": ["0", "10"],
    "PORTAL_EVENT_DAYS": ["1", "3650"],
    "PORTAL_LOG": ["text", "json"],
    "PORTAL_DEMO": ["0", "1"],
    "PORT": ["1", "65535"],
}  # fmt: skip


def pairs(table: dict) -> list[tuple[str, str]]:
    return [(name, value) for name, (_right, values) in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), pairs(WRONG), ids=lambda text: text[:40])
def test_what_cannot_be_is_named_with_what_would_be_right(name, value):
    with pytest.raises(SettingError) as refusal:
        read({**GOOD, name: value})
    assert str(refusal.value).startswith(f"{name} must ")
    assert WRONG[name][0] in str(refusal.value)
    assert "\n" not in str(refusal.value).replace("\\n", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in RIGHT.items() for value in values],
    ids=lambda text: text[:40],
)
def test_what_can_be_is_taken(name, value):
    assert read({**GOOD, name: value})


def test_every_setting_is_tried_with_something_wrong():
    """A new setting needs a line above. Any text is a host; whether it can be listened on shows when it is tried."""
    fields = {field.name for field in dataclasses.fields(Config)}
    tried = {name.removeprefix("PORTAL_").lower() for name in WRONG}
    assert fields - tried == {"host"}


def test_a_missing_secret_key_is_named():
    with pytest.raises(SettingError, match=r"^PORTAL_SECRET_KEY must be"):
        read({})


def test_a_missing_seal_passphrase_is_named():
    with pytest.raises(SettingError, match=r"^PORTAL_SEAL_PASSPHRASE must be"):
        read({"PORTAL_SECRET_KEY": "only-for-tests-" * 3})


@pytest.mark.parametrize(
    "name", ["PORTAL_SECRET_KEY", "PORTAL_SMTP_URL", "PORTAL_DATABASE_URL", "PORTAL_TSA_URL"]
)
def test_a_refusal_does_not_repeat_what_may_be_secret(name):
    with pytest.raises(SettingError) as refusal:
        read({**GOOD, name: "nonsense://:hunter2@"})
    assert "hunter2" not in str(refusal.value)


def test_an_install_without_settings_is_on_this_machine_only():
    plain = read(GOOD)
    assert (plain.host, plain.port, plain.base_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert plain.database_url == "sqlite:///var/portal.sqlite3"
    assert plain.data_dir == Path("var").absolute()
    assert plain.smtp_url is None
    assert (plain.trusted_proxies, plain.log, plain.demo, plain.secure) == (0, "text", False, False)
    assert plain.event_days == 400


def test_plain_http_elsewhere_is_for_the_demo_only():
    elsewhere = {**GOOD, "PORTAL_BASE_URL": "http://demo.partnerly.example:8000"}
    with pytest.raises(SettingError, match="plain http is for the demo and loopback only"):
        read(elsewhere)
    assert read({**elsewhere, "PORTAL_DEMO": "1"}).base_url == "http://demo.partnerly.example:8000"


def test_the_default_address_has_the_port_in_it():
    assert read({**GOOD, "PORT": "9000"}).base_url == "http://127.0.0.1:9000"


def test_settings_stand_still():
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(GOOD).demo = True
