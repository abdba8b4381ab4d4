"""Deals: what a partner registers, wins and loses; claims on the same client; reports that are not understood yet."""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.programme.clients.models import Client
from academy.programme.deals.rules import DealKind, NameKind, Outcome, Stage


def _choices(known: type[StrEnum]) -> list[tuple[str, str]]:
    """A field's choices; their words are those of the pages."""
    return [(one.value, one.value) for one in known]


class Deal(models.Model):
    """One deal of one partner with one client, known by its source and that source's id.

    What is won, changed and refunded is the projection of the journal's facts about it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="deals")
    client = models.ForeignKey(Client, models.PROTECT, related_name="deals")
    client_name = models.CharField(max_length=160, help_text="as whoever told of this deal spells it")
    product = models.CharField(max_length=60)
    industry = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=6, choices=_choices(DealKind), default=DealKind.SALE)
    amount = models.BigIntegerField(help_text="minor units of the partner's currency; negative for a credit")
    currency = models.CharField(max_length=3)
    original_amount = models.BigIntegerField(null=True, help_text="minor units, where it was not in that currency")
    original_currency = models.CharField(max_length=3, blank=True)
    refunded = models.BigIntegerField(default=0, help_text="minor units taken back since it was won")
    stage = models.CharField(max_length=10, choices=_choices(Stage))
    expected_on = models.DateField(null=True, help_text="the month in which the partner expects to win it")
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    answer_by = models.DateTimeField(null=True)
    protected_until = models.DateTimeField(null=True)
    won_at = models.DateTimeField(null=True, help_text="from which it counts")
    closed_at = models.DateTimeField(null=True, help_text="when it was lost or refused")
    reason = models.CharField(max_length=500, blank=True, help_text="why it was refused or lost")
    last_report = models.JSONField(null=True, help_text="what its source last told by a program: deals.rules.Telling")
    last_line = models.JSONField(null=True, help_text="the same by a line of a file; both by the source's own clock")
    moved_at = models.GeneratedField(
        expression=Coalesce("won_at", "closed_at", "registered_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
        help_text="when it last moved; every list is in this order",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="one_deal_an_external_id"),
            models.CheckConstraint(condition=Q(stage__in=list(Stage)), name="deal_stage_is_known"),
            models.CheckConstraint(
                condition=Q(stage=Stage.WON, won_at__isnull=False) | ~Q(stage=Stage.WON) & Q(won_at__isnull=True),
                name="deal_won_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(kind=DealKind.SALE, amount__gte=0) | Q(kind=DealKind.CREDIT, amount__lt=0),
                name="deal_amount_fits_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(refunded=0) | Q(kind=DealKind.SALE, refunded__gt=0, refunded__lte=F("amount")),
                name="deal_refunded_at_most_all",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "stage", "-registered_at"], name="deals_of_partner"),
            models.Index(fields=["partner", "-moved_at", "-id"], name="deals_by_move"),
            models.Index(fields=["-moved_at", "-id"], name="all_deals_by_move"),
            models.Index(fields=["client", "stage"], name="deals_of_client"),
            models.Index("answer_by", condition=Q(stage=Stage.REGISTERED), name="deals_to_answer"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.external_id}"


class Refund(models.Model):
    """A part of a won deal that the client took back, under its source's id. The journal holds the fact."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="refunds")
    external_id = models.CharField(max_length=200)
    amount = models.BigIntegerField(help_text="minor units, more than nothing")
    effective_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal", "external_id"], name="one_refund_an_external_id"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.deal_id}"


class Claim(models.Model):
    """A second claim on a client for whom another partner's deal is open. A person decides; until then it waits.

    While a case is open its later deal is registered and nothing else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="claims", help_text="the later one")
    against = models.ForeignKey(Deal, models.PROTECT, related_name="claims_against", help_text="the earlier one")
    opened_at = models.DateTimeField()
    decide_by = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=8, choices=_choices(Outcome), blank=True, help_text="empty while it is open")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, outcome="")
                | Q(decided_at__isnull=False, outcome__in=list(Outcome)),
                name="claim_ends_one_way",
            ),
            models.UniqueConstraint("deal", condition=Q(decided_at__isnull=True), name="one_open_claim_a_deal"),
        ]
        indexes = [models.Index("decide_by", condition=Q(decided_at__isnull=True), name="claims_to_decide")]

    def __str__(self) -> str:
        return f"claim of {self.deal_id}"


class KnownName(models.Model):
    """What a source's word for a partner or product means here: matched once by a person, then remembered."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=7, choices=_choices(NameKind))
    name = models.CharField(max_length=200)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    product = models.CharField(max_length=60, blank=True)
    matched_at = models.DateTimeField()
    matched_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "name"], name="one_meaning_a_name"),
            models.CheckConstraint(
                condition=Q(kind=NameKind.PARTNER, partner__isnull=False, product="")
                | Q(kind=NameKind.PRODUCT, partner__isnull=True) & ~Q(product=""),
                name="name_means_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.name}"


class KeptReport(models.Model):
    """What a source told of a deal whose partner or product is not known here: kept until a person matches it."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200)
    told = models.JSONField(help_text="deals.reports.Told as it arrived")
    partner_name = models.CharField(max_length=200, blank=True, help_text="a word not known; else empty")
    product_name = models.CharField(max_length=200, blank=True)
    problem = models.CharField(max_length=500, blank=True, help_text="why it could not be entered though it is matched")
    received_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True, help_text="when it was matched and became a deal")
    dropped_at = models.DateTimeField(null=True, help_text="when a person said that it is not ours")

    class Meta:
        indexes = [
            models.Index(
                "received_at",
                condition=Q(entered_at__isnull=True, dropped_at__isnull=True),
                name="reports_to_match",
            ),
            models.Index(fields=["source", "external_id"], name="reports_of_deal"),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.external_id}"


class KeptRefund(models.Model):
    """A refund of a deal that is itself kept, or not won before what is kept of it is entered: it waits with that."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=200, help_text="of the deal")
    refund = models.CharField(max_length=200, help_text="the source's id of the refund")
    amount = models.CharField(max_length=40, help_text="a decimal in major units, as it arrived")
    occurred_at = models.DateTimeField()
    problem = models.CharField(max_length=500, blank=True, help_text="why it could not be entered though its deal was")
    received_at = models.DateTimeField()
    entered_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True, help_text="when a person said that it is not ours")

    class Meta:
        indexes = [
            models.Index(
                "source",
                "external_id",
                condition=Q(entered_at__isnull=True, dropped_at__isnull=True),
                name="refunds_that_wait",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.refund} of {self.source}/{self.external_id}"
