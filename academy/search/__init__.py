"""One table of entries that chapters write in their own actions, and the one search over it."""
