"""`make bench`: the benchmarks, one JSON line per figure. Ratios are of runs that alternate in this one call."""

import json
import re
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from tests.bench import account, events, first_visit, health, load, plans, portfolio, roads, servers, workers
from tests.bench.load import Request, Result
from tests.bench.roads import Road
from tests.infra import cluster

CLIENTS = 16
ROUNDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="fm-bench-") as name:
        folder = Path(name)
        for kind in ("sqlite", "postgresql"):
            _measure(kind, folder / kind)
        plans.measure(folder / "plans", say)
        _start_and_memory(folder / "start")


def say(figure: str, **values: Any) -> None:
    print(json.dumps({"figure": figure, **values}), flush=True)


def _measure(kind: str, folder: Path) -> None:
    folder.mkdir()
    if kind == "postgresql":
        # An unprivileged user runs the server, so its folder can't lie inside one that only we may enter.
        postgres = Path(tempfile.mkdtemp(prefix="fm-bench-pg-"))
        postgres.chmod(0o755)
        try:
            cluster.start(postgres, durable=True)
            _with_database(kind, folder, cluster.create(postgres, "bench"))
            lists = cluster.create(postgres, "few"), cluster.create(postgres, "many")
            portfolio.measure(kind, folder, lists, say)
            account.measure(kind, folder / "account", cluster.create(postgres, "account"), say)
            health.measure(kind, folder / "health", cluster.create(postgres, "health"), say)
            events.measure(kind, folder / "events", cluster.create(postgres, "events"), say)
            workers.measure(folder / "workers", cluster.create(postgres, "workers"), say)
        except cluster.Unavailable as missing:
            say("NOT RUN", database=kind, why=str(missing))
        finally:
            cluster.stop(postgres)
            shutil.rmtree(postgres, ignore_errors=True)
        return
    _with_database(kind, folder, f"sqlite:///{folder}/bench.sqlite3")
    portfolio.measure(
        kind, folder, (f"sqlite:///{folder}/few.sqlite3", f"sqlite:///{folder}/many.sqlite3"), say
    )
    account.measure(kind, folder / "account", f"sqlite:///{folder}/account.sqlite3", say)
    health.measure(kind, folder / "health", f"sqlite:///{folder}/health.sqlite3", say)
    events.measure(kind, folder / "events", f"sqlite:///{folder}/events.sqlite3", say)


def _with_database(kind: str, folder: Path, url: str) -> None:
    environ = roads.settings(folder, url)
    made = roads.build(environ, [43, 200, *[60] * (CLIENTS + 1)])
    port = servers.free_port()
    with servers.running(["tests.bench.site", str(port)], environ, port):
        _home(kind, port, made[0], made[1])
        _completing(kind, port, made[2:], made[1])
        if kind == "sqlite":
            first_visit.measure(port, made[0], say)


# --- B1 -------------------------------------------------------------------------------------------


def _home(kind: str, port: int, short: Road, long: Road) -> None:
    size = len(_get(port, short.home, short.session))
    runs: dict[str, list[Result]] = {"floor": [], "home": [], "long": []}
    for _round in range(ROUNDS):
        runs["floor"].append(load.run(port, CLIENTS, lambda _n: _same(f"/floor?bytes={size}", short, 15)))
        runs["home"].append(load.run(port, CLIENTS, lambda _n: _same(short.home, short, 15)))
        runs["long"].append(load.run(port, CLIENTS, lambda _n: _same(long.home, long, 10)))
    rate = {name: median(result.rate for result in results) for name, results in runs.items()}
    p95 = {name: round(median(result.p95 for result in results), 1) for name, results in runs.items()}
    say(
        "B1",
        database=kind,
        home_to_floor=round(rate["home"] / rate["floor"], 2),
        bar=0.5,
        time_200_to_40=round(rate["home"] / rate["long"], 2),
        bar_200=1.3,
        bytes=size,
        per_second={name: round(value, 1) for name, value in rate.items()},
        p95_ms=p95,
        statuses=[sorted(result.statuses) for result in runs["home"]],
    )


def _same(path: str, road: Road, count: int) -> Iterator[Request]:
    for _n in range(count):
        yield "GET", path, None, {"Cookie": f"session={road.session}"}


# --- B4 -------------------------------------------------------------------------------------------


def _completing(kind: str, port: int, made: list[Road], long: Road) -> None:
    """By 16 clients, each on its own road of 60 steps, against a bare update; and by one on 60 and on 200 steps."""
    keys = [_form_key(port, road) for road in made]
    long_key = _form_key(port, long)
    each = 4
    ratios, lengths, lost, statuses = [], [], 0, {}
    for round_ in range(ROUNDS):
        bare = load.run(port, CLIENTS, lambda n: _bare(n, each))
        steps = slice(round_ * each, (round_ + 1) * each)
        done = load.run(port, CLIENTS, lambda n, steps=steps: _complete(made[n], keys[n], steps))  # type: ignore[misc]
        ratios.append(bare.rate / done.rate)
        short_one = load.run(port, 1, lambda _n, steps=steps: _complete(made[-1], keys[-1], steps))  # type: ignore[misc]
        long_one = load.run(port, 1, lambda _n, steps=steps: _complete(long, long_key, steps))  # type: ignore[misc]
        lengths.append(short_one.rate / long_one.rate)
        statuses = done.statuses
        lost += sum(count for status, count in done.statuses.items() if status != 303)
    finished = [_done_count(port, road) for road in made]
    wanted = ROUNDS * each
    lost += sum(max(0, wanted + 2 - count) for count in finished)
    say(
        "B4",
        database=kind,
        complete_to_bare_time=round(median(ratios), 2),
        bar=3,
        time_200_to_60=round(median(lengths), 2),
        lost=lost,
        statuses=statuses,
    )


def _bare(client: int, count: int) -> Iterator[Request]:
    return islice(iter(lambda: ("POST", f"/bare/{client + 1}", b"", {}), None), count)  # type: ignore[arg-type]


def _complete(road: Road, key: tuple[str, str], steps: slice) -> Iterator[Request]:
    token, cookie = key
    body = urlencode({"csrf_token": token, "version": "0"}).encode()
    headers = {
        "Cookie": f"session={road.session}; form={cookie}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    for step in road.steps[steps]:
        yield "POST", f"{road.home}/steps/{step}/complete", body, headers


def _form_key(port: int, road: Road) -> tuple[str, str]:
    """The token of one page's forms, and the cookie that goes with it."""
    request = _request(port, f"{road.home}/steps/{road.steps[0]}", road.session)
    with urllib.request.urlopen(request) as answer:
        page = answer.read().decode()
        cookie = re.search(r"form=([^;]+)", answer.headers["Set-Cookie"])
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if token is None or cookie is None:
        raise RuntimeError("the step page has no form")
    return token[1], cookie[1]


def _done_count(port: int, road: Road) -> int:
    found = re.search(r"(\d+) of \d+ items", _get(port, road.home, road.session).decode())
    return int(found[1]) if found else 0


def _get(port: int, path: str, session: str) -> bytes:
    with urllib.request.urlopen(_request(port, path, session)) as answer:
        content: bytes = answer.read()
    return content


def _request(port: int, path: str, session: str) -> urllib.request.Request:
    return urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": f"session={session}"})


# --- B9 -------------------------------------------------------------------------------------------


def _start_and_memory(folder: Path) -> None:
    folder.mkdir()
    environ = roads.settings(folder, f"sqlite:///{folder}/start.sqlite3")
    made = roads.build(environ, [43])
    environ["PYTHONPATH"] = str(servers.without_developers_packages(folder / "hidden"))
    seconds, megabytes = [], []
    for _round in range(ROUNDS):
        port = servers.free_port()
        with servers.running(["portal", "serve", "--port", str(port)], environ, port) as (process, took):
            _get(port, made[0].home, made[0].session)
            seconds.append(took)
            megabytes.append(servers.memory(process))
    say(
        "B9",
        start_seconds=round(median(seconds), 2),
        bar=2.5,
        idle_megabytes=round(median(megabytes)),
        bar_mb=110,
    )


if __name__ == "__main__":
    main()
