"""The web server itself, over a real socket: what is far too large is answered on a page all the same."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import serving
from tests.bench import roads, servers
from tests.infra.html import read
from tests.infra.judge import page_problems

MEGABYTE = 1024 * 1024
PART = b"x" * MEGABYTE


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("serving")
    environ = roads.settings(folder, f"sqlite:///{folder}/served.sqlite3")
    roads.build(environ, [])
    number = servers.free_port()
    with servers.running(["portal", "serve", "--host", "127.0.0.1", "--port", str(number)], environ, number):
        yield number


def posted(port: int, length: str, parts: list[bytes]) -> tuple[int, str]:
    """Status and text of the answer to a form of these bytes: sent whole before anything is read, as browsers do."""
    head = (
        f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{length}\r\n"
        "Content-Type: multipart/form-data; boundary=limit\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(head.encode())
        for part in parts:
            connection.sendall(part)
        answer = b""
        while received := connection.recv(65536):
            answer += received
    top, _blank, text = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), text.decode()


def chunk(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)


@pytest.mark.parametrize("megabytes", [70, 300])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunked"])
def test_a_file_far_too_large_is_refused_on_a_page(port, megabytes, is_chunked):
    if is_chunked:
        status, text = posted(port, "Transfer-Encoding: chunked", [chunk(PART)] * megabytes + [b"0\r\n\r\n"])
    else:
        status, text = posted(port, f"Content-Length: {megabytes * MEGABYTE}", [PART] * megabytes)
    assert status == 413
    assert page_problems(text) == []
    assert "Send a file under 25 MB, or share a link." in read(text).root.text()


def test_what_fits_arrives_to_the_byte(port):
    """A form that is refused for its words, not for its size: its token, in the last bytes, was read."""
    field = b'--limit\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    body = (
        field % (b"file", b'; filename="a"', PART * 60)
        + field % (b"csrf_token", b"", b"made up")
        + b"--limit--"
    )
    status, text = posted(port, f"Content-Length: {len(body)}", [body])
    assert status == 400
    assert "Open it again and send it" in text


def test_the_server_keeps_what_the_application_takes(shared_app):
    assert shared_app.config["MAX_CONTENT_LENGTH"] == serving.MOST_KEPT < serving.MOST_READ


def test_the_rest_of_a_large_body_takes_no_room():
    body = serving._Body(MEGABYTE)
    for _time in range(70):
        body.append(PART)
    assert len(body) == 70 * MEGABYTE
    assert len(body.getfile().read()) == serving.MOST_KEPT
    body.close()
