"""Firstmile: the portal in which a company and its new customer walk an onboarding together."""

__version__ = "0.1.0"
