"""Looking at a month's statements before it is approved."""
