"""Pages are compressed with a random length, so that how long one is tells nothing about a secret in it."""

import gzip

import pytest

from portal import compress


@pytest.fixture
def fetch(planted):
    visitor = planted()

    def get(times: int = 500, accepted: str = "gzip", method: str = "GET"):
        path = f"/planted/text?times={times}"
        return visitor.client.open(path, method=method, headers={"Accept-Encoding": accepted})

    return get


def test_a_page_is_the_same_compressed_and_plain(fetch):
    plain, packed = fetch(accepted=""), fetch()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == b"<p>word</p>" * 500
    assert len(packed.data) < len(plain.data) / 10
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_its_length_is_another_each_time(fetch):
    lengths = {len(fetch().data) for _ in range(60)}
    assert len(lengths) > 20
    assert max(lengths) - min(lengths) < compress.LONGEST_NAME


def test_what_is_short_stays_as_it_is(fetch):
    assert "Content-Encoding" not in fetch(times=5).headers
    at_least = compress.WORTHWHILE // len("<p>word</p>") + 1
    assert "Content-Encoding" not in fetch(times=at_least - 1).headers
    assert "Content-Encoding" in fetch(times=at_least).headers


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0", "x-gzipped"])
def test_who_does_not_take_it_gets_it_plain(fetch, accepted):
    answer = fetch(accepted=accepted)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == b"<p>word</p>" * 500


def test_an_error_page_is_compressed_like_any_other(planted):
    answer = planted().client.get("/nowhere", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 404
    assert b"<h1" in gzip.decompress(answer.data)


def test_head_has_no_body(fetch):
    answer = fetch(method="HEAD")
    assert answer.data == b""
    assert answer.status_code == 200
