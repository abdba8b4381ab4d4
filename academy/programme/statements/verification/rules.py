"""Whether a statement follows: from its own inputs, and from the lines, terms and payees that the journal held then."""

from dataclasses import dataclass, field
from datetime import date

from academy.programme.closes.rules import last_day
from academy.programme.commissions.verification.rules import LINES
from academy.programme.plans.rules import Plan
from academy.programme.statements.rules import Found, Outcome, outcome
from academy.programme.verification.rules import FactRow


def why_statement_differs(plan: Plan, fact: FactRow) -> str | None:
    """Why a statement does not follow from its stored inputs; None when it does."""
    found, numbers = Found.from_json(fact.inputs or {}), fact.numbers
    if found.amount != numbers["amount"]:
        return f"its inputs come to {found.amount}, not {numbers['amount']}"
    if (minimum := plan.minimum.get(numbers["currency"], 0)) != found.minimum:
        return f"the minimum of its plan is {minimum}, not {found.minimum}"
    concluded = outcome(found)
    return None if concluded == numbers["outcome"] else f"its inputs conclude {concluded}, not {numbers['outcome']}"


@dataclass(frozen=True, slots=True)
class _Line:
    amount: int
    currency: str
    payable_on: date


@dataclass(slots=True)
class Books:
    """What the facts so far say about one partner's lines: the open ones, and which statement names the others."""

    open: dict[str, _Line] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    accepted: list[tuple[int, str]] = field(default_factory=list)
    payees: list[tuple[int, int, bool]] = field(default_factory=list)
    to_payee: dict[str, int] = field(default_factory=dict)

    def apply(self, fact: FactRow) -> None:
        """Take in one fact of the partner."""
        if fact.kind in LINES and fact.thing:
            numbers = fact.numbers
            payable = date.fromisoformat(numbers["payable_on"])
            self.open[fact.thing] = _Line(numbers["amount"], numbers["currency"], payable)
        elif fact.kind == "terms.accepted" and fact.thing:
            self.accepted.append((fact.pos, fact.thing))
        elif fact.kind in ("payee.changed", "payee.checked"):
            self.payees.append((fact.pos, fact.numbers["number"], fact.kind == "payee.checked"))
        elif fact.kind == "statement.made" and fact.thing and fact.numbers["outcome"] == Outcome.PAY:
            self.to_payee[fact.thing] = Found.from_json(fact.inputs or {}).payee
            for line in self._looked_at(fact):
                self.named[line] = fact.thing
                del self.open[line]

    def _looked_at(self, fact: FactRow) -> list[str]:
        until = last_day(date.fromisoformat(f"{fact.numbers['month']}-01"))
        return [
            key
            for key, line in self.open.items()
            if line.payable_on <= until and line.currency == fact.numbers["currency"]
        ]

    def why_paid_wrongly(self, fact: FactRow) -> str | None:
        """Why a payment went to nobody whom finance had checked before it; None when it did not.

        Before it was told whom a payment was for, all were for the payee that their statement names.
        """
        approved = self.to_payee.get(fact.thing or "", 0)
        payee = fact.numbers.get("payee", approved)
        if not any(checked and number == payee for _pos, number, checked in self.payees):
            return f"it was paid to payee {payee}, whom nobody had checked"
        return f"it was paid to payee {payee}, though it was approved with {approved}" if payee < approved else None

    def why_differs(self, fact: FactRow) -> str | None:
        """Why a statement's inputs are not what the facts before it say; None when they are."""
        found = Found.from_json(fact.inputs or {})
        lines = [self.open[key] for key in self._looked_at(fact)]
        if (amount := sum(line.amount for line in lines)) != found.amount or len(lines) != found.lines:
            return f"the facts before it hold {len(lines)} lines of {amount}, not {found.lines} of {found.amount}"
        accepted = bool(found.terms) and any(terms == found.terms for pos, terms in self.accepted if pos <= found.seen)
        if accepted != found.accepted:
            return f"the facts before it say accepted: {accepted}, not {found.accepted}"
        payee = self._payee(found.seen)
        return None if payee == found.payee else f"the checked payee before it was {payee}, not {found.payee}"

    def _payee(self, seen: int) -> int:
        """The number of the latest payee profile, if it was checked; else 0."""
        known = [(number, checked) for pos, number, checked in self.payees if pos <= seen]
        latest = max((number for number, _ in known), default=0)
        return latest if (latest, True) in known else 0
