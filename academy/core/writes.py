"""Prepared writes of single rows, for those that follow from every sale and every lesson.

The ORM puts the SQL of a row together each time anew; here it is made once a model, and parsed and planned once a
connection. Nobody is sent a signal. What the database works out itself is not read back.
"""

from functools import cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model

from academy.core import reads


def insert(row: Model, *, unless_there: bool = False) -> bool:
    """Enter a new row, and say whether it was entered: not where one with its keys is there and that is no error.

    Raises IntegrityError as the ORM does.
    """
    statement, fields = _insert(type(row), unless_there)
    ours = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(getattr(row, field.attname), ours) for field in fields]
    if not reads.rows(statement, values):
        return False
    row._state.adding, row._state.db = False, ours.alias
    return True


def save(row: Model, *names: str) -> None:
    """Write these fields of a row that is there. Raises LookupError where it is not."""
    update(type(row), row.pk, **{name: getattr(row, name) for name in names})


def update(model: type[Model], key: UUID, **values: Any) -> None:
    """Write these values, by the names of their columns, into the row with a key. Raises LookupError without one."""
    statement, fields = _update(model, tuple(values))
    ours = connections[DEFAULT_DB_ALIAS]
    told = [field.get_db_prep_save(value, ours) for field, value in zip(fields, values.values(), strict=True)]
    if not reads.rows(statement, [*told, key]):
        raise LookupError(f"There is no {model._meta.verbose_name} with the key {key}.")


@cache
def _insert(model: type[Model], unless_there: bool) -> "tuple[str, list[Field[Any, Any]]]":
    fields = [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]
    columns, marks = ", ".join(_quoted(field) for field in fields), ", ".join(["%s"] * len(fields))
    twice = " on conflict do nothing" if unless_there else ""
    return f'insert into "{model._meta.db_table}" ({columns}) values ({marks}){twice} returning 1', fields  # noqa: S608


@cache
def _update(model: type[Model], columns: tuple[str, ...]) -> "tuple[str, list[Field[Any, Any]]]":
    known = {field.attname: field for field in model._meta.concrete_fields}
    fields = [known[column] for column in columns]
    assert model._meta.pk is not None
    changes = ", ".join(f"{_quoted(field)} = %s" for field in fields)
    whose = _quoted(model._meta.pk)
    return f'update "{model._meta.db_table}" set {changes} where {whose} = %s returning 1', fields  # noqa: S608


def _quoted(field: "Field[Any, Any]") -> str:
    return f'"{field.column}"'
