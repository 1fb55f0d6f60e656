"""Signing in: links, codes, passwords, sessions, and the brake on those who guess."""

from portal.auth.sessions import init_app

__all__ = ["init_app"]
