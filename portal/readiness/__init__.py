"""The readiness kit as the customer answers it: one question at a time, sent once, editable afterwards."""
