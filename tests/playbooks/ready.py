"""A small playbook with a readiness kit, rules of every effect, and the steps on which both sides agree."""

from pathlib import Path

READY = (Path(__file__).parent / "ready.yaml").read_text()
