"""Says in one line which system libraries are missing for PDFs, and how to get them. Always exits 0."""

import ctypes.util
import sys

NEEDED = {
    "pango-1.0": "libpango-1.0-0",
    "pangoft2-1.0": "libpangoft2-1.0-0",
    "harfbuzz-subset": "libharfbuzz-subset0",
}


def present(name: str) -> bool:
    """Whether the dynamic linker finds the library, by its Linux name or by search."""
    try:
        ctypes.CDLL(f"lib{name}.so.0")
    except OSError:
        return ctypes.util.find_library(name) is not None
    return True


missing = [package for name, package in NEEDED.items() if not present(name)]
if missing:
    print(
        f"PDFs need libraries that are not here (Debian: apt-get install {' '.join(missing)})",
        file=sys.stderr,
    )
