"""Lock files, README, CI and vendored files say what is so."""

import hashlib
import re
import tomllib

import pytest

from tests.architecture.tree import ROOT, names, text

LOCKS = ("requirements.lock", "requirements-dev.lock")
SETTING = re.compile(r"\bPORTAL_[A-Z_]+[A-Z]\b")
PICTURES = ("home-desktop", "home-phone", "home-dark", "step", "messages", "staff-list")
PACKAGES = (
    "chromium",
    "postgresql",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "poppler-utils",
)


def locked(lock: str) -> dict[str, str]:
    """Each package of a lock file with its version. Raises AssertionError for a line that is not one."""
    found = {}
    for entry in lock.replace("\\\n", " ").strip().splitlines():
        match = re.fullmatch(r"([a-z0-9.-]+)==(\S+)( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*", entry)
        assert match, f"not a hashed pin: {entry[:100]}"
        found[match[1]] = match[2]
    return found


def normal(requirement: str) -> str:
    """The name in a requirement, as lock files write it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


@pytest.mark.parametrize("name", LOCKS)
def test_locks_are_hashed_and_name_no_address(name):
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", text(name))
    assert len(locked(text(name))) > 20


def test_locks_hold_what_pyproject_asks_for():
    project = tomllib.loads(text("pyproject.toml"))
    runtime, development = (locked(text(name)) for name in LOCKS)
    asked = {
        normal(one) for one in project["project"]["dependencies"] + project["dependency-groups"]["build"]
    }
    assert asked - set(runtime) == set()
    assert {normal(one) for one in project["dependency-groups"]["dev"]} - set(development) == set()
    assert {name: version for name, version in runtime.items() if development.get(name) != version} == {}


@pytest.mark.parametrize(
    "planted",
    ["flask==3.1", "flask==3.1 --hash=sha256:12", "flask>=3 --hash=sha256:" + "0" * 64, "--index-url x"],
)
def test_a_weak_pin_is_found(planted):
    with pytest.raises(AssertionError, match="not a hashed pin"):
        locked(planted)


def test_readme_explains_exactly_the_settings_that_there_are():
    settings = set(SETTING.findall(text("portal/config.py"))) | {"HOST", "PORT"}
    rows = {match[1] for match in re.finditer(r"^\| `([A-Z_]+)` \|", text("README.md"), re.MULTILINE)}
    assert rows == settings


def test_readme_points_at_files_that_exist():
    targets = re.findall(r"\]\((?!https?://|#)([^)]+)\)", text("README.md"))
    assert [target for target in targets if not (ROOT / target).exists()] == []
    assert {f"docs/pictures/{name}.png" for name in PICTURES} <= set(targets)


def test_ci_installs_what_the_tests_need():
    assert [package for package in PACKAGES if package not in text(".ci/run")] == []
    assert "make --no-print-directory check" in text(".ci/run")
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
    assert (ROOT / ".ci/packages").stat().st_mode & 0o111


def test_the_licence_is_whole_and_named():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in text("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in text("LICENSE")


def test_the_version_is_the_same_everywhere():
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert f'__version__ = "{version}"' in text("portal/__init__.py")
    assert f"## {version}" in text("CHANGELOG.md")


def test_vendored_files_are_the_ones_that_were_vendored():
    sums = [name for name in names() if name.endswith("/SHA256SUMS")]
    assert sums, "vendored folders carry SHA256SUMS"
    for name in sums:
        for row in text(name).split("\n")[:-1]:
            digest, file = row.split(maxsplit=1)
            path = (ROOT / name).parent / file.lstrip("*")
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, path
