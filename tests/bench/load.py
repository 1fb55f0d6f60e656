"""A load of plain HTTP requests from threads that keep their connections, bounded in number."""

import http.client
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import quantiles

Request = tuple[str, str, bytes | None, dict[str, str]]


@dataclass(frozen=True)
class Result:
    """What one load saw: requests per second, the 95th percentile in milliseconds, answers by status."""

    rate: float
    p95: float
    statuses: dict[int, int]


def run(port: int, clients: int, requests: Callable[[int], Iterator[Request]]) -> Result:
    """Send what `requests(client)` yields from each of so many clients, as fast as answers come."""
    times: list[float] = []
    statuses: dict[int, int] = {}
    lock = threading.Lock()
    ready = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.connect()
        ready.wait()
        own: list[float] = []
        seen: dict[int, int] = {}
        for method, path, body, headers in requests(number):
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            own.append(time.perf_counter() - began)
            seen[answer.status] = seen.get(answer.status, 0) + 1
        connection.close()
        with lock:
            times.extend(own)
            for status, count in seen.items():
                statuses[status] = statuses.get(status, 0) + count

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - began
    return Result(len(times) / spent, quantiles(times, n=20)[-1] * 1000, statuses)
