"""Follow-ups to a customer who went quiet: what they told us, how close they are, one action, a human way out."""
