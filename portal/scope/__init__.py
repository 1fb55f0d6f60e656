"""What is in, what is not in and why, and what the customer brings: written by staff, agreed by the customer."""
