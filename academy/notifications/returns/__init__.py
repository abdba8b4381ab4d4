"""Addresses whose mail comes back, since when and why."""
