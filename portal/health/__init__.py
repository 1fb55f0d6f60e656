"""One label for each onboarding with its reasons, and the facts of every evening."""
