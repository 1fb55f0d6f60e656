"""A PDF as poppler reads it, which is not what made it."""

import shutil
import subprocess
from pathlib import Path

from tests.infra.missing import missing


def _poppler(
    tool: str, pdf: bytes, folder: Path, *, before: tuple[str, ...] = (), after: tuple[str, ...] = ()
) -> str:
    if shutil.which(tool) is None:
        missing(f"{tool} (Debian: apt-get install poppler-utils)")
    file = folder / "read.pdf"
    file.write_bytes(pdf)
    done = subprocess.run([tool, *before, str(file), *after], capture_output=True, check=True)
    return done.stdout.decode()


def words(pdf: bytes, folder: Path) -> str:
    """Its text as it stands on the pages, one space between two words."""
    return " ".join(_poppler("pdftotext", pdf, folder, before=("-raw",), after=("-",)).split())


def facts(pdf: bytes, folder: Path) -> dict[str, str]:
    """Title, pages, whether it is tagged and the like."""
    lines = _poppler("pdfinfo", pdf, folder).splitlines()
    return {name.strip(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}


def fonts(pdf: bytes, folder: Path) -> dict[str, bool]:
    """Each font by name, and whether it is embedded."""
    lines = _poppler("pdffonts", pdf, folder).splitlines()[2:]
    return {line.split()[0]: line.split()[-5] == "yes" for line in lines}


def attached(pdf: bytes, folder: Path) -> dict[str, bytes]:
    """The files in the file."""
    out = folder / "attached"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    _poppler("pdfdetach", pdf, folder, before=("-saveall", "-o", str(out)))
    return {one.name: one.read_bytes() for one in out.iterdir()}


def pages(pdf: bytes, folder: Path) -> int:
    return int(facts(pdf, folder)["Pages"])
