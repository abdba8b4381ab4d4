"""One append-only table of facts, what follows from them, and the order in which everybody sees them."""
