"""B7: a plan of four pages printed, against WeasyPrint alone with the same page; sealed, against printed; and what the
pages of others notice while ten are printed."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from portal import bounded, config, db, pdf
from portal.app import create_app
from portal.plans import keys, printing, sealing
from tests.bench import load, roads, servers
from tests.bench.load import Request
from tests.bench.roads import Road
from tests.plans import papers

ROUNDS, PLANS = 7, 10
CLIENTS, REQUESTS = 4, 60


def measure(folder: Path, say: Callable[..., None]) -> None:
    """Say the three ratios, each of runs that alternate."""
    folder.mkdir(exist_ok=True)
    environ = roads.settings(folder, f"sqlite:///{folder}/plans.sqlite3")
    made = roads.build(environ, [43])
    app = create_app(config.read(environ))
    with app.app_context():
        with db.reading():
            page = papers.page("final")
        keys.ensure(app.config["PORTAL"], "Partnerly")
        _printing(page, say)
    _pages(environ, made[0], page, say)


def _printing(page: str, say: Callable[..., None]) -> None:
    took: dict[str, list[float]] = {"bare": [], "printed": [], "sealed": []}
    with ExitStack() as stack:
        alone = bounded.Child()
        stack.callback(alone.close)
        stack.callback(pdf.child.close)
        for round_ in range(ROUNDS + 1):
            bare = alone.run("tests.bench.plans:bare", {"html": page, "styles": list(printing.STYLES)})
            began = time.perf_counter()
            made = pdf.render(page, styles=printing.STYLES, attachments=[("plan.json", b"{}", "The plan")])
            printed = time.perf_counter()
            sealing.seal(made, sealing.about("0" * 64))
            if round_:  # The first is the cold one.
                took["bare"].append(bare)
                took["printed"].append(printed - began)
                took["sealed"].append(time.perf_counter() - printed)
    middle = {name: median(times) for name, times in took.items()}
    say(
        "B7",
        printed_to_bare=round(middle["printed"] / middle["bare"], 2),
        bar=1.25,
        sealed_to_printed=round(middle["sealed"] / middle["printed"], 2),
        bar_sealed=0.5,
        milliseconds={name: round(1000 * value) for name, value in middle.items()},
    )


def bare(html: str, styles: list[str]) -> float:
    """In a child like ours: WeasyPrint alone, warm, without what surrounds it; in seconds."""
    import weasyprint

    modified = tuple((pdf.STATIC / one).stat().st_mtime for one in styles)
    style, fonts = pdf._style(tuple(styles), modified), pdf._fonts()
    began = time.perf_counter()
    printer = weasyprint.HTML(string=html, base_url=pdf.HOST, url_fetcher=pdf._fetcher({}))
    printer.write_pdf(stylesheets=[style], font_config=fonts, pdf_tags=True)
    return time.perf_counter() - began


def _pages(environ: dict[str, str], road: Road, page: str, say: Callable[..., None]) -> None:
    """The home's p95 alone, and while ten plans are printed one after another as a worker does."""
    port = servers.free_port()
    idle, busy, printed = [], [], 0
    with servers.running(["tests.bench.site", str(port)], environ, port):
        load.run(port, CLIENTS, lambda _n: _home(road))
        pdf.render(page, styles=printing.STYLES)
        for _round in range(3):
            idle.append(load.run(port, CLIENTS, lambda _n: _home(road)).p95)
            done = threading.Event()
            counted: list[int] = []
            thread = threading.Thread(target=_print, args=(page, done, counted))
            thread.start()
            busy.append(load.run(port, CLIENTS, lambda _n: _home(road)).p95)
            done.set()
            thread.join()
            printed += len(counted)
    pdf.child.close()
    say(
        "B7",
        p95_printing_to_idle=round(median(busy) / median(idle), 2),
        bar=1.5,
        p95_ms={"idle": round(median(idle), 1), "printing": round(median(busy), 1)},
        plans=printed,
    )


def _print(page: str, done: threading.Event, counted: list[int]) -> None:
    """Ten plans, and more as long as anybody looks."""
    while len(counted) < PLANS or not done.is_set():
        counted.append(len(pdf.render(page, styles=printing.STYLES)))


def _home(road: Road) -> Iterator[Request]:
    headers: Any = {"Cookie": f"session={road.session}"}
    for _n in range(REQUESTS):
        yield "GET", road.home, None, headers
