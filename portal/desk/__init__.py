"""Staff pages that show more than one feature. Its views hang on this one blueprint."""

from flask import Blueprint

bp = Blueprint("desk", __name__)
