"""The WSGI entry for any server: `wsgi:app`."""

from portal.app import create_app

app = create_app()
