"""Deals from other systems' tables: mapping files say how a table is read; `import_deals` takes it in."""

from academy.integrations.deals.actions import import_deals
from academy.integrations.deals.finding import holds_deals

__all__ = ["holds_deals", "import_deals"]
