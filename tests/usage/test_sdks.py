"""The SDKs that customers have already, each in a process of its own, against the portal as it is served."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import config, db
from portal.app import create_app
from portal.auth import keys
from portal.auth.keys import USAGE_WRITE
from portal.usage import jobs
from tests import make
from tests.bench import roads, servers
from tests.infra.missing import missing
from tests.usage.doorman import doorman
from tests.usage.sending import counts, reasons, state

HERE = Path(__file__).parent
SECONDS = 60  # For one SDK to send eight events, retries included.
NEEDS_NODE = "Node and npm, for the SDKs of Segment and RudderStack (Debian: apt-get install nodejs npm)"


@pytest.fixture(scope="session")
def node() -> list[str]:
    """The command that runs a script of tests/usage/node with its SDKs, which are installed once for each lock file
    into a folder outside the checkout."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        missing(NEEDS_NODE)
    lock = (HERE / "node" / "package-lock.json").read_bytes()
    folder = Path(tempfile.gettempdir()) / f"fm-node-{os.getuid()}-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        made = Path(tempfile.mkdtemp(prefix="fm-node-"))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, made)
        install = [npm, "ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=made, capture_output=True, text=True, timeout=300)
        if done.returncode:
            missing(f"the SDKs for Node, which npm could not install: {done.stderr.strip()[-200:]}")
        try:
            made.rename(folder)
        except OSError:  # Another worker was quicker.
            shutil.rmtree(made)
    for script in ("segment.mjs", "rudder.mjs"):
        shutil.copy(HERE / "node" / script, folder)
    return [program, str(folder)]


@pytest.fixture
def served(real_database: str, tmp_path: Path) -> Iterator[tuple[int, str]]:
    """The port of a portal that is served, and the secret of a key."""
    environ = roads.settings(tmp_path, real_database)
    app = create_app(config.read(environ))
    with app.test_request_context(), db.transaction():
        make.provider()
        make.person(make.account(external_id="nw-7"))
        secret = keys.make("Product", [USAGE_WRITE], by=None)[1]
    port = servers.free_port()
    with servers.running(["portal", "serve", "--port", str(port)], environ, port):
        yield port, secret
    with app.test_request_context():
        jobs.resolve()


SDKS = {
    "segment-analytics-python": [sys.executable, HERE / "python" / "segment_sdk.py"],
    "rudder-sdk-python": [sys.executable, HERE / "python" / "rudder_sdk.py"],
    "@segment/analytics-node": ["segment.mjs"],
    "@rudderstack/rudder-sdk-node": ["rudder.mjs"],
}


@pytest.mark.parametrize("sdk", SDKS)
def test_an_sdk_sends_by_another_host_and_once_more_what_it_believes_lost(request, served, sdk) -> None:
    """Its first request is stored and answered 503 all the same: what comes again must count no second time."""
    port, secret = served
    command = SDKS[sdk]
    if len(command) == 1:
        program, folder = request.getfixturevalue("node")
        command = [program, f"{folder}/{command[0]}"]
    with doorman(port, keeps_back=1) as between:
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{between.port}", secret],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    assert between.kept_back == 1
    assert len(between.answers) > 1
    assert set(between.answers) == {200}
    with db.reading():
        assert counts() == {"Report Exported": 2, "Order Completed": 1, "Page viewed": 1, "Screen viewed": 1}
        assert reasons() == []
        assert len(state()["events"]) == 8
        users = {
            key: (email, name, person is not None)
            for _at, key, email, name, person, *_seen in state()["users"]
        }
    assert users == {"u-1": ("ana@northwind.example", "Ana", True), "u-2": (None, None, False)}
