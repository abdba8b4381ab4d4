"""People of partners as tables: who they are, where they belong, in which role."""

from academy.integrations.people.actions import COLUMNS, export_people, import_people

__all__ = ["COLUMNS", "export_people", "import_people"]
