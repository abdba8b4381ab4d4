"""Catalogues in other forms: a folder for each format. `import_catalogue` finds out which one it is."""

from academy.integrations.catalogue.actions import export_catalogue, holds_catalogue, import_catalogue
from academy.integrations.catalogue.listing import LISTED, listed

__all__ = ["LISTED", "export_catalogue", "holds_catalogue", "import_catalogue", "listed"]
