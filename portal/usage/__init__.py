"""What customers do in the product itself: events in, what they add up to, and what follows from them."""
