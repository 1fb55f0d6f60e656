"""Success criteria: the two to five results that both sides agreed to be judged by, and how far they have come."""
