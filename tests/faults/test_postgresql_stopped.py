"""FT05: PostgreSQL is stopped as by a power cut while usage events come in, and started again: the web process goes
on by itself, what was acknowledged is there once, and what was not may be sent again."""

import base64
import http.client
import json
import shutil
import tempfile
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal import db
from portal.auth import keys
from portal.usage.models import UsageDay, UsageEvent
from tests.bench import roads, servers
from tests.faults.journal import Answer, Journal
from tests.infra import cluster
from tests.infra.missing import missing

pytestmark = pytest.mark.fault

EACH = 10  # Events in a batch.
BETWEEN = 15  # Batches acknowledged before the next stop.


@pytest.fixture
def postgres():
    folder = Path(tempfile.mkdtemp(prefix="fm-ft05-"))
    try:
        cluster.start(folder, durable=True)
    except cluster.Unavailable as error:
        missing(str(error))
    yield folder
    cluster.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def served(postgres, tmp_path):
    """A portal on that cluster, with the headers of a source that may write."""
    environ = roads.settings(tmp_path, cluster.create(postgres, "portal"))
    roads.build(environ, [20])
    with db.transaction():
        _key, secret = keys.make("Backend", [keys.USAGE_WRITE], by=None)
    port = servers.free_port()
    headers = {"Authorization": "Basic " + base64.b64encode(f"{secret}:".encode()).decode()}
    with servers.running(["portal", "serve", "--port", str(port)], environ, port):
        yield port, headers
    db.disconnect()


def batch(key):
    events = [
        {
            "type": "track",
            "event": "Reward Earned",
            "userId": f"u-{n}",
            "messageId": f"{key}-{n}",
            "context": {"groupId": "customer-0"},
        }
        for n in range(EACH)
    ]
    return json.dumps({"batch": events})


def send(journal, served, key):
    """One batch, as an SDK sends it; says in the journal what it came to."""
    port, headers = served
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    journal.ask(key)
    try:
        connection.request("POST", "/v1/batch", batch(key), headers)
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return Answer.UNKNOWN
    finally:
        connection.close()
    assert answer.status in (200, 503), answer.status
    assert answer.status == 200 or answer.headers["Retry-After"]
    told = Answer.ACK if answer.status == 200 else Answer.NO
    journal.answer(key, told)
    return told


def test_FT05_events_survive_a_postgresql_that_is_stopped(postgres, served, tmp_path, sized):
    stops = max(2, sized(5))
    journal = Journal(tmp_path / "journal")
    acknowledged, over = threading.Semaphore(0), threading.Event()
    again = []

    def sender():
        n = 0
        while not over.is_set():
            told = send(journal, served, f"b{n}")
            if told is Answer.ACK:
                acknowledged.release()
            else:
                again.append(f"b{n}")
            n += 1

    thread = threading.Thread(target=sender)
    thread.start()
    try:
        for _stop in range(stops):
            for _batch in range(BETWEEN):
                assert acknowledged.acquire(timeout=60), "the web process did not come back by itself"
            cluster.halt(postgres)
            cluster.resume(postgres)
    finally:
        over.set()
        thread.join()
    for key in again:  # What was refused or had no answer is sent again, under the same ids.
        assert send(journal, served, key) is Answer.ACK
    with db.transaction():
        found = db.session.scalars(select(UsageEvent.message_id)).all()
        counted = db.session.scalar(select(func.sum(UsageDay.count)))
    told = journal.read()
    assert sorted(found) == sorted(f"{key}-{n}" for key in told for n in range(EACH))
    assert counted == len(found)
    assert again, "no stop met a request on its way"
    print(f"FT05: {stops} stops, {len(told)} batches, {len(again)} sent again, 0 lost, 0 twice")
