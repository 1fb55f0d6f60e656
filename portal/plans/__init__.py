"""The onboarding plan: written from what was agreed, frozen when it is sent, signed by both sides, sealed once."""
