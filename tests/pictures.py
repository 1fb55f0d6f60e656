"""Takes every screenshot of README and docs anew, from a demo that it starts and ends: `make pictures`."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.infra import chromium

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs/pictures"
LONGEST_START = 120

ANA, LOU = "ana@northwind.example", "lou@litware.example"
PRIYA, JUNE, LENA = "priya@partnerly.example", "june@partnerly.example", "lena@partnerly.example"
DESKTOP, PHONE = (1280, 900), (360, 740)

# File, who looks, where to (an address, which link leads there from home, or an address and which link leads on), size,
# scheme.
PICTURES = [
    ("home-desktop", ANA, "/", DESKTOP, "light"),
    ("home-phone", ANA, "/", PHONE, "light"),
    ("home-dark", ANA, "/", DESKTOP, "dark"),
    ("step", ANA, ".stages a:has-text('Agree what success')", DESKTOP, "light"),
    ("goals", ANA, "a[href$='/success']", DESKTOP, "light"),
    ("answers-changed", ANA, "a[href$='/readiness/result']", DESKTOP, "light"),
    ("messages", ANA, "a[href$='/messages']", DESKTOP, "light"),
    ("plan", LOU, "a[href$='/plan']", DESKTOP, "light"),
    ("staff-list", PRIYA, "/staff/accounts", DESKTOP, "light"),
    ("staff-day", PRIYA, "/staff", DESKTOP, "light"),
    ("cases", JUNE, "/staff/escalations", DESKTOP, "light"),
    ("case", JUNE, "/staff/escalations a:has-text('Fabrikam')", DESKTOP, "light"),
    ("trigger", LENA, "/staff/triggers a:has-text('Low adoption')", DESKTOP, "light"),
]


def main() -> None:
    path = chromium.find()
    if path is None:
        sys.exit(chromium.ABSENT)
    with demo() as (url, environment), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.switches())
        for name, who, where, size, scheme in PICTURES:
            page = signed_in(browser, environment, who, size, scheme)
            show(page, url, where)
            page.screenshot(path=FOLDER / f"{name}.png", full_page=size == PHONE)
            print(f"docs/pictures/{name}.png")
            page.context.close()
        sealed_pages(signed_in(browser, environment, LOU, DESKTOP, "light"), url)
        browser.close()


def sealed_pages(page: Page, url: str) -> None:
    """The first and the last page of Litware's sealed plan."""
    if shutil.which("pdftoppm") is None:
        sys.exit("pdftoppm is needed for the pages of the PDF (Debian: apt-get install poppler-utils)")
    show(page, url, "a[href$='/plan']")
    sealed = page.locator("a[href*='/plan/v'][href$='.pdf']").first.get_attribute("href") or ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.pdf"
        file.write_bytes(page.request.get(url + sealed).body())
        told = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
        pages = re.search(r"^Pages:\s+(\d+)", told, re.MULTILINE)
        assert pages is not None
        for name, n in (("plan-pdf", "1"), ("plan-certificate", pages[1])):
            out = str(FOLDER / name)
            command = ["pdftoppm", "-r", "90", "-png", "-singlefile", "-f", n, "-l", n, str(file), out]
            subprocess.run(command, check=True)
            print(f"docs/pictures/{name}.png")


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, str]]]:
    """Run the demo on a free port; yields its address and the environment in which commands reach it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environment = {**plain, "HOST": "127.0.0.1", "PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "portal", "demo"], cwd=ROOT, env=environment)
    try:
        wait_for(f"{url}/healthz", process)
        kept = (ROOT / "var/demo/portal.env").read_text().splitlines()
        yield url, environment | dict(line.split("=", 1) for line in kept if "=" in line)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once `url` answers. Exits when the process ends first or the time is up."""
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    sys.exit("the demo did not start")


def signed_in(
    browser: Browser, environment: dict[str, str], who: str, size: tuple[int, int], scheme: str
) -> Page:
    """A window of `who`, signed in by a link that the demo's own command made."""
    command = [sys.executable, "-m", "portal", "signin-link", who]
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        device_scale_factor=2 if size == PHONE else 1,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(printed.stdout.split()[-1])
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.wait_for_url(lambda address: "/login" not in address)
    return page


def show(page: Page, url: str, where: str) -> None:
    """Go to an address, or follow the first link that `where` selects, or both."""
    address, _space, link = where.partition(" ") if where.startswith("/") else ("", "", where)
    if address:
        page.goto(url + address)
    if link:
        page.goto(url + (page.locator(link).first.get_attribute("href") or "/"))
    page.evaluate("() => document.fonts.ready.then(() => true)")


if __name__ == "__main__":
    main()
