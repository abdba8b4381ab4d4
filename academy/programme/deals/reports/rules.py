"""What another system tells of a deal, in its own words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ToldRefund:
    """A refund as it arrived: of which deal, under which id of its own, and a decimal in the partner's currency."""

    source: str
    external_id: str
    refund: str
    amount: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A report as it arrived: texts, since partner and product may not be known yet.

    `partner` is an id, a slug or the source's own word; amounts are decimals in major units; `occurred_at` is RFC 3339.
    `settled_amount` is what the deal is worth in the partner's currency, where `currency` is another one.
    `is_credit`: the amount is negative and takes money back without naming a sale. Only our own import says so, by a
    mapping that a person wrote; to everybody else a negative amount is refused.
    `reason` says why, where the stage is that the deal was refused or lost.
    """

    source: str
    external_id: str
    partner: str
    product: str
    client: str
    amount: str
    currency: str
    stage: str
    occurred_at: str
    settled_amount: str = ""
    settled_currency: str = ""
    industry: str = ""
    is_credit: bool = False
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be kept. No credit and no reason are left out, as in what was kept before there were any."""
        written = asdict(self)
        if not self.is_credit:
            del written["is_credit"]
        if not self.reason:
            del written["reason"]
        return written

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Told":
        """The inverse of `as_json`."""
        return cls(**written)
