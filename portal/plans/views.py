"""The customer's page of the plan."""

from flask import Blueprint

bp = Blueprint("plans", __name__)
