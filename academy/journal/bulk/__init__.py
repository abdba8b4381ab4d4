"""Entering many facts at once."""
