"""The demo's plan, and evidence to hold against it: what tests of the pure rules share. No database."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from academy.programme.evidence.rules import Evidence, Sale, Sales
from academy.programme.outlook.rules import Offer
from academy.programme.plans.rules import Plan, parse_plan

CONTENT = Path(__file__).resolve().parents[2] / "content"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@cache
def _content() -> Any:
    return yaml.safe_load((CONTENT / "plan.yaml").read_text())


def written(**changes: Any) -> dict[str, Any]:
    """The demo's plan as it is written, with other values for some keys."""
    return {**_content()["plan"], **changes}


def the_plan(**changes: Any) -> Plan:
    """The demo's plan, read."""
    return parse_plan(written(**changes), reference="agencies-1", zone="Europe/London")


PLAN = the_plan()
CORE: list[str] = written()["core"]
ADVANCED: list[str] = written()["advanced"]


def tiers(*rungs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tiers above Bronze, from what is said of each: `slug`, `enter`, and what is not as usual."""
    found: list[dict[str, Any]] = [{"slug": "bronze", "name": "Bronze", "multiplier": 1}]
    for rung in rungs:
        usual = {"name": str(rung["slug"]).title(), "multiplier": 1 + len(found) / 10, "stay": rung["enter"]}
        found.append({**usual, **rung})
    return found


def at_least(metric: str, value: Any, **more: Any) -> dict[str, Any]:
    """A comparison, written."""
    return {"metric": metric, "value": value, **more}


def sales(*amounts: int, client: str = "client", days_ago: int = 10) -> Sales:
    """Sales a day apart, each from a client of its own, the last so many days before AT."""
    first = AT - timedelta(days=days_ago + len(amounts) - 1)
    return Sales.of(
        Sale(first + timedelta(days=index), f"{client}-{index}", amount) for index, amount in enumerate(amounts)
    )


def evidence(
    passed: Mapping[str, Iterable[str]] | None = None,
    held: Mapping[str, Mapping[str, datetime | None]] | None = None,
    *,
    members: Iterable[str] = ("ann", "bob"),
    sold: Sales | None = None,
    currency: str = "GBP",
) -> Evidence:
    """What speaks for a partner of Ann and Bob."""
    return Evidence(
        currency=currency,
        members=frozenset(members),
        passed={person: frozenset(modules) for person, modules in (passed or {}).items()},
        held=held or {},
        sales=sold or Sales(),
    )


def offer(
    minutes: Mapping[str, int], credentials: Mapping[str, Iterable[str]] | None = None, *, person: str = "ann"
) -> Offer:
    """What a person can still do; modules sort by their own names."""
    asks = {credential: frozenset(modules) for credential, modules in (credentials or {}).items()}
    return Offer(person, minutes, {module: module for module in minutes}, asks)
