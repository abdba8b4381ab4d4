"""In which zone days are told: on pages about deals and money in that of the programme, whoever reads them."""

from datetime import tzinfo

from django.utils import timezone

from academy.programme.standing.queries import Stands


def programme_zone(standing: Stands | None) -> tzinfo:
    """The zone in which a partner's days are told; the reader's own outside of every programme."""
    return standing.plan.zone if standing else timezone.get_current_timezone()
