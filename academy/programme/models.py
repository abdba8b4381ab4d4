"""The chapter's tables, where Django looks for them."""

from academy.programme.plans.models import PlanVersion, Programme
from academy.programme.sales.models import Sale
from academy.programme.standing.models import Standing

__all__ = ["PlanVersion", "Programme", "Sale", "Standing"]
