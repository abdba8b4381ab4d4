"""The JSON API v1 over the same actions and queries as the pages. `urls.py` mounts it; one file a noun."""
