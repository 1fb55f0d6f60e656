"""What the real SDKs were recorded sending, retries included, byte for byte in its content and with its headers."""

import gzip
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from portal import db
from portal.accounts.models import Account
from portal.auth import tokens
from portal.auth.keys import ApiKey
from portal.usage.models import UsageEvent, UsageUser
from tests.usage.sending import counts, reasons, state

FOLDER = Path(__file__).parent / "recorded"
RECORDED = sorted(one.stem for one in FOLDER.glob("*.jsonl"))


def requests(name: str) -> list[dict]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]


@pytest.fixture
def replay(app, product, northwind):
    """Sends a recording to a portal whose key and account are those of the recording."""
    with app.test_request_context():
        db.session.get_one(Account, northwind.id).external_id = "acct-42"
        db.session.scalars(select(ApiKey)).one().digest = tokens.digest("wk_test123")
        db.session.commit()

    def send(name: str) -> None:
        for one in requests(name):
            body = json.dumps(one["body"]).encode()
            kept = ("content-type", "content-encoding", "authorization")
            headers = {key: value for key, value in one["headers"].items() if key.lower() in kept}
            packed = {key.lower() for key in headers} >= {"content-encoding"}
            sent = gzip.compress(body) if packed else body
            answer = product.app.test_client().post(one["path"], data=sent, headers=headers)
            assert answer.status_code == 200, answer.text

    return send


def test_there_are_recordings() -> None:
    assert {"seg_py", "seg_node", "rud_py", "rud_node"} <= set(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_is_taken_and_five_times_counts_once(replay, name) -> None:
    replay(name)
    assert reasons() == []
    once = state()
    assert counts() == {"Report Exported": 1}
    assert db.session.scalars(select(UsageEvent.id).where(UsageEvent.account_id.is_(None))).all() == []
    assert list(map(tuple, db.session.execute(select(UsageUser.key, UsageUser.email)))) == [
        ("u-1", "ann@acme.test")
    ]
    for _again in range(4):
        replay(name)
    assert state() == once
