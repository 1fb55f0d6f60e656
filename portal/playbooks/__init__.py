"""Playbooks: the written road an onboarding is started from."""
