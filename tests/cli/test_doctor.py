"""`doctor` names everything that is missing, and what would help; `/readyz` says the same to machines."""

import socket
from datetime import timedelta

import pytest

from portal import clock, doctor, pdf


@pytest.fixture
def lines(portal):
    """Run the doctor; gives each thing with its verdict and words, and how the command ended."""

    def examine(**changes: str) -> tuple[dict[str, tuple[bool, str]], int]:
        ran = portal("doctor", **changes)
        found = {}
        for text in (ran.out + ran.err).splitlines():
            verdict, _space, rest = text.partition("  ")
            what, _colon, words = rest.partition(": ")
            found[what.strip()] = (verdict.strip() == "ok", words)
        assert all(text.startswith("ok") for text in ran.out.splitlines())
        assert all(text.startswith("BAD") for text in ran.err.splitlines()), ran.err
        assert ran.code == (1 if ran.err else 0)
        return found, ran.code

    return examine


def bad(found: dict[str, tuple[bool, str]]) -> set[str]:
    return {what for what, (well, _words) in found.items() if not well}


def test_all_is_well_once_a_worker_ran(portal, install, lines):
    portal("worker", "--once").worked()
    found, code = lines()
    assert bad(found) == set()
    assert code == 0
    assert set(found) == {
        "database",
        "schema",
        "worker",
        "mail",
        "clock",
        "disk",
        "data directory",
        "seal",
        "PDF libraries",
    }


def test_without_a_worker(install, lines):
    found, code = lines()
    assert bad(found) == {"worker", "seal"}  # A worker also makes the seal's key as it starts.
    assert found["seal"][1].endswith("portal seal renew")
    assert found["worker"][1] == "never seen; start one with: portal worker"
    assert code == 1


def test_with_a_worker_that_stopped(portal, install, lines, sql):
    portal("worker", "--once").worked()
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        found, _code = lines()
    # On PostgreSQL the database's own clock stands three minutes behind the one that was moved.
    assert bad(found) - {"clock"} == {"worker"}
    assert "last seen 18" in found["worker"][1]
    assert ("clock" in bad(found)) == install.startswith("postgresql")


def test_with_an_unmigrated_database(lines):
    found, _code = lines()
    assert bad(found) == {"schema", "worker", "data directory", "seal"}
    assert "portal migrate" in found["schema"][1]


def test_with_a_database_that_does_not_answer(lines, tmp_path):
    url = f"postgresql+psycopg://portal@/nothing?host={tmp_path}"
    found, _code = lines(PORTAL_DATABASE_URL=url)
    assert {"database", "schema", "worker", "clock", "data directory", "seal"} == bad(found)
    assert "PORTAL_DATABASE_URL" in found["database"][1]


def test_with_a_data_directory_that_cannot_be_written(install, lines):
    found, _code = lines(PORTAL_DATA_DIR="/proc/portal")
    assert {"disk", "data directory", "seal"} <= bad(found)
    assert "PORTAL_DATA_DIR" in found["disk"][1]
    assert "PORTAL_DATA_DIR" in found["data directory"][1]


def test_with_two_data_directories(portal, install, lines, tmp_path):
    """The worker writes letters where the web process will not find them."""
    portal("worker", "--once").worked()
    found, _code = lines(PORTAL_DATA_DIR=str(tmp_path / "other"))
    assert bad(found) == {"data directory", "seal"}
    assert socket.gethostname() in found["data directory"][1]
    assert "share PORTAL_DATA_DIR" in found["data directory"][1]


@pytest.mark.parametrize("mark", [b"elsewhere:17", b"", b"\xff\xfe"])
def test_with_a_foreign_marker(portal, install, lines, tmp_path, mark):
    portal("worker", "--once").worked()
    (tmp_path / "data" / doctor.MARKS / socket.gethostname()).write_bytes(mark)
    found, _code = lines()
    assert bad(found) == {"data directory"}


def test_a_restarted_worker_leaves_one_mark(portal, install, lines, tmp_path):
    for _ in range(2):
        portal("worker", "--once").worked()
    assert len(list((tmp_path / "data" / doctor.MARKS).iterdir())) == 1
    assert bad(lines()[0]) == set()


def test_with_a_mail_server(install, lines, letterbox):
    found, _code = lines(PORTAL_SMTP_URL=letterbox.url)
    assert found["mail"] == (True, "127.0.0.1 answers"), found


def test_with_a_mail_server_that_is_away(install, lines, port):
    found, _code = lines(PORTAL_SMTP_URL=f"smtp://ana:hunter2@127.0.0.1:{port}")
    assert "mail" in bad(found)
    assert "PORTAL_SMTP_URL" in found["mail"][1]
    assert "hunter2" not in str(found)


def test_with_a_full_disk(install, lines, monkeypatch):
    monkeypatch.setattr(doctor, "DISK_FREE", 2**62)
    found, _code = lines()
    assert "disk" in bad(found)
    assert "MB are free" in found["disk"][1]


def test_a_seal_whose_certificate_ends_soon_or_has_ended(portal, install, lines):
    portal("worker", "--once").worked()
    with clock.frozen(clock.now() + timedelta(days=5 * 365 - 58)):
        found, code = lines()
    assert code == 1
    assert "its certificate ends in 58 days" in found["seal"][1]
    assert found["seal"][1].endswith("renew it: portal seal renew")
    with clock.frozen(clock.now() + timedelta(days=5 * 365 + 2)):
        assert "certificate has ended" in lines()[0]["seal"][1]
        assert portal("seal", "renew").worked().startswith("Plans are sealed with a new certificate")
        assert "seal" not in bad(lines()[0])


def test_e11_a_renewed_seal_stands_in_the_record(portal, install, sql):
    portal("worker", "--once").worked()
    portal("seal", "renew").worked()
    portal("seal", "renew").worked()
    rows = sql("SELECT chain, audience FROM activity WHERE verb = 'seal_renewed'")
    assert [tuple(row) for row in rows] == [(0, "staff")] * 2
    portal("audit", "verify").worked()


def test_a_seal_that_the_passphrase_does_not_open(portal, install, lines):
    portal("worker", "--once").worked()
    found, code = lines(PORTAL_SEAL_PASSPHRASE="something else")
    assert code == 1
    assert bad(found) == {"seal"}
    assert "PORTAL_SEAL_PASSPHRASE is not the one" in found["seal"][1]


def test_a_machine_without_what_pdfs_need(monkeypatch):
    monkeypatch.setattr(pdf, "LIBRARIES", {"not-there": "libnot-there0"})
    found = doctor._pdf()
    assert not found.ok
    assert found.text.endswith("(Debian: apt-get install libnot-there0).")
