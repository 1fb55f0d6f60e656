"""Stands between an SDK and the portal, and loses answers: what was stored is said not to be."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Doorman:
    """What passed: the portal's own answers, and how many of them were kept back."""

    port: int
    answers: list[int] = field(default_factory=list)
    kept_back: int = 0


@contextmanager
def doorman(portal: int, keeps_back: int) -> Iterator[Doorman]:
    """Passes requests on to the port `portal`. The first answers, so many, are 503 to the client whatever they were."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = _passed_on(portal, self.path, body, dict(self.headers))
            with lock:
                made.answers.append(status)
                if made.kept_back < keeps_back:
                    made.kept_back += 1
                    status, answer = 503, b"busy"
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if status == 503:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            """Nothing: the test says what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Doorman(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _passed_on(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
