"""What a customer says and brings before the work begins: the kit's answers, what they do, and the prerequisites."""
