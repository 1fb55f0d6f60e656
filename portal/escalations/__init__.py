"""A person is called in: triggers, and the cases they open, each with a clock and a play."""

from flask import Blueprint

bp = Blueprint("escalations", __name__)
