"""The demo's triggers: what they opened counts as fired, three and more of them did in 90 days, and nothing of the past
waits for an answer."""
