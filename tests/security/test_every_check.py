"""Every check that security.md lists for what is built stands as a test that carries its name."""

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent

NAMED = {
    *(f"A{n:02}" for n in range(1, 11)), "S01", "S03", "S07", "S10", *(f"T{n:02}" for n in range(1, 7)),
    "I01", "I03", "I04", "I05", "I08", "F01", "F02", "L01", "L02", "L04",
}  # fmt: skip


def test_every_check_has_a_test_of_its_name():
    code = "\n".join(path.read_text() for path in TESTS.glob("*/test_*.py"))
    names = re.findall(r"def test_((?:[a-z]\d\d_)+)", code, re.IGNORECASE)
    found = {one for name in names for one in name.upper().split("_")}
    assert NAMED - found == set()
