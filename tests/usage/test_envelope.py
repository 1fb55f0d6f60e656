"""P07, P08, I08: requests that can't be read as a whole are refused in a sentence, and nothing is kept of them."""

import gzip
import json
import time
import tracemalloc

import pytest

from tests.usage.sending import basic, counts, reasons, state, track

BATCH = json.dumps({"batch": [track(messageId="a")]}).encode()
MOST = 500 * 1024


def padded(size: int) -> bytes:
    return BATCH + b" " * (size - len(BATCH))


def test_gzip_is_honoured_in_one_member_and_in_several(product) -> None:
    product.send(BATCH, packed=True)
    several = gzip.compress(BATCH[:40]) + gzip.compress(BATCH[40:])
    product.send(several, Content_Encoding="GZIP")
    product.send(BATCH, Content_Encoding="identity")
    assert counts() == {"Report Exported": 1}


@pytest.mark.parametrize("packed", [False, True])
def test_P08_a_batch_may_have_500_kb_and_no_byte_more(product, packed) -> None:
    product.send(padded(MOST), packed=packed)
    assert counts() == {"Report Exported": 1}
    answer = product.send(padded(MOST + 1), packed=packed, status=413)
    assert "Send smaller batches" in answer.json["message"]


BOMBS = {
    "one large member": lambda: gzip.compress(b" " * 300 * 1024 * 1024, 9),
    "many members": lambda: gzip.compress(b" " * 400 * 1024, 9) * 600,
    "empty members": lambda: gzip.compress(b"") * 20_000,
    "a bomb behind a good batch": lambda: gzip.compress(BATCH) + gzip.compress(b" " * 50 * 1024 * 1024, 9),
}


@pytest.mark.parametrize("name", BOMBS)
def test_P07_a_gzip_bomb_is_refused_soon_and_in_little_memory(product, name) -> None:
    bomb = BOMBS[name]()
    tracemalloc.start()
    began = time.process_time()
    answer = product.send(bomb, Content_Encoding="gzip", status=400 if name == "empty members" else 413)
    took, (_now, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.json["success"] is False
    assert peak < len(bomb) * 3 + 12 * 1024 * 1024
    assert took < 3
    assert state()["events"] == []


BROKEN = {
    "nothing": b"",
    "half": BATCH[:-5],
    "a word": b"hello",
    "a form": b"batch=1&writeKey=2",
    "not utf-8": b'{"batch": ["\xff\xfe"]}',
    "a hundred thousand levels": b'{"batch":' + b"[" * 100_000,
    "a batch that is none": b'{"batch": 7}',
    "no batch": b'{"events": []}',
    "a number": b"7",
    "null": b"null",
}


@pytest.mark.parametrize("name", BROKEN)
def test_I08_a_body_that_is_none_is_400(product, name) -> None:
    answer = product.send(BROKEN[name], status=400)
    assert answer.json["success"] is False
    assert answer.json["message"].endswith(".")
    assert (state()["events"], reasons()) == ([], [])


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip"])
def test_I08_a_body_that_isnt_packed_as_it_says_is_400(product, encoding) -> None:
    answer = product.send(BATCH, Content_Encoding=encoding, status=400)
    assert answer.json["success"] is False
    assert (state()["events"], reasons()) == ([], [])


@pytest.mark.parametrize("body", [gzip.compress(BATCH)[:-9], gzip.compress(BATCH) + b"rest"])
def test_I08_a_gzip_that_is_cut_or_goes_on_is_400(product, body) -> None:
    answer = product.send(body, Content_Encoding="gzip", status=400)
    assert answer.json["success"] is False
    assert (state()["events"], reasons()) == ([], [])


def test_I08_deep_and_odd_bodies_never_break_anything(product) -> None:
    """Depths around Python's own limit, numbers that are none, halves of characters: 200 or 400."""
    for depth in (19, 21, 200, 900, 990, 1000, 1100, 5000, 50_000):
        body = b'{"batch": [' + b'{"a":' * depth + b"1" + b"}" * depth + b"]}"
        answer = product.app.test_client().post(
            "/v1/batch", data=body, headers={"Authorization": basic(product.secret)}
        )
        assert answer.status_code in (200, 400), depth
    for odd in (
        b"NaN",
        b"-Infinity",
        b"1e999",
        b'"\\ud800"',
        b"9" * 400,
        b"9" * 5000,
        b'{"\\udc00": 1}',
        b'"\\u0000"',
    ):
        product.send(b'{"batch": [{"type": "track", "event": %s, "userId": %s}, %s]}' % (odd, odd, odd))
        product.send(
            b'{"type": %s, "context": %s, "messageId": %s, "userId": "u"}' % (odd, odd, odd), "track"
        )
        product.send(b'{"writeKey": %s, "sentAt": %s, "batch": []}' % (odd, odd))
    assert counts() == {}


def test_an_empty_batch_is_stored(product) -> None:
    assert product.send({"batch": []}).json == {"success": True}
