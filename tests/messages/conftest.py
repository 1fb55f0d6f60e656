"""The cast, an app context for what is no request, and browsers in which they are signed in."""

from tests.auth.conftest import enter  # noqa: F401
from tests.calls.conftest import cast, context  # noqa: F401
