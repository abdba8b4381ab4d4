"""Deals from other systems' tables: mapping files say how a table is read; `import_deals` takes it in."""

from academy.integrations.deals.actions import import_deals

__all__ = ["import_deals"]
