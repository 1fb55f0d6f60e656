"""B8: the customer home in Chromium as a phone on slow 4G sees it, first and second visit."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench.roads import Road
from tests.infra import chromium

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
PAINTS = """() => new Promise(done => {
  const seen = {lcp: 0, cls: 0};
  const watch = (type, note) =>
    new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true});
  watch('largest-contentful-paint', entry => { seen.lcp = entry.startTime; });
  watch('layout-shift', entry => { if (!entry.hadRecentInput) seen.cls += entry.value; });
  setTimeout(() => done(seen), 500);
})"""


def measure(port: int, road: Road, say: Callable[..., None]) -> None:
    """Visit the home twice in one fresh profile and say what came over the wire and when it was painted."""
    path = chromium.find()
    if path is None:
        say("NOT RUN", of="B8", why=chromium.ABSENT)
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.switches())
        context = browser.new_context(viewport={"width": 360, "height": 740})
        context.add_cookies([{"name": "session", "value": road.session, "url": f"http://127.0.0.1:{port}"}])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", SLOW_4G)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        first, scripts = _visit(page, wire, port, road)
        paints = page.evaluate(PAINTS)
        second, _scripts = _visit(page, wire, port, road)
        browser.close()
    say(
        "B8",
        first_kb=round(first / 1000, 1),
        bar_first=120,
        second_kb=round(second / 1000, 1),
        bar_second=20,
        script_kb=round(scripts / 1000, 1),
        bar_script=40,
        lcp_s=round(paints["lcp"] / 1000, 2),
        bar_lcp=1.8,
        cls=round(paints["cls"], 3),
        bar_cls=0.02,
    )


def _visit(page: Any, wire: Any, port: int, road: Road) -> tuple[float, float]:
    """Bytes over the wire of one visit, all and scripts only."""
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    page.goto(f"http://127.0.0.1:{port}{road.home}", wait_until="networkidle")
    return sum(sizes.values()), sum(size for request, size in sizes.items() if kinds.get(request) == "Script")
