"""Notices in the reader's language: the table of kinds, the letters they make, and who is told when a fact happens."""
