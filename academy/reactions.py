"""What follows from what, on one page. Read it from top to bottom: lesson, module, course, certificate, standing."""

from academy.journal.actions import Reactions
from academy.learning.completions.actions import complete_course, complete_module
from academy.programme.commissions.actions import add_commission, adjust, correct, take_back
from academy.programme.sales.actions import enter_sale
from academy.programme.standing.actions import judge, settle
from academy.recognition.certificates.actions import issue_due
from academy.web.notices.reactions import (
    tell_of_answer,
    tell_of_approval,
    tell_of_certificate,
    tell_of_change,
    tell_of_line,
    tell_of_line_answer,
    tell_of_member,
    tell_of_payee,
    tell_of_question,
    tell_of_return,
    tell_of_warning,
)

REACTIONS = Reactions(
    # Before an action looks at a partner, what time alone has changed is applied.
    before=settle,
    at_once={
        "lesson.completed": (complete_module,),
        "quiz.passed": (complete_module, issue_due),
        "module.completed": (complete_course, issue_due),
        "deal.won": (enter_sale, add_commission),
        "deal.refunded": (enter_sale, take_back),
        "deal.changed": (enter_sale, adjust),
        "correction.made": (correct,),
        # Who is told.
        "deal.accepted": (tell_of_answer,),
        "deal.refused": (tell_of_answer,),
        "deal.explained": (tell_of_answer,),
        "commission.added": (tell_of_line,),
        "commission.reversed": (tell_of_line,),
        "commission.adjusted": (tell_of_line,),
        "line.questioned": (tell_of_question,),
        "line.answered": (tell_of_line_answer,),
        "tier.warned": (tell_of_warning,),
        "tier.changed": (tell_of_change,),
        "rate.changed": (tell_of_change,),
        "promotion.approved": (tell_of_approval,),
        "certificate.issued": (tell_of_certificate,),
        "certificate.expired": (tell_of_certificate,),
        "certificate.revoked": (tell_of_certificate,),
        "member.joined": (tell_of_member,),
        "payee.changed": (tell_of_payee,),
        "statement.returned": (tell_of_return,),
    },
    # After everything that follows at once, a partner is judged, once.
    afterwards=(
        (
            frozenset(
                {
                    "partner.enrolled",
                    "member.joined",
                    "member.left",
                    "module.completed",
                    "certificate.issued",
                    "certificate.revoked",
                    "certificate.expired",
                    "deal.won",
                    "deal.refunded",
                    "deal.changed",
                    "promotion.approved",
                    "tier.pinned",
                    "tier.unpinned",
                }
            ),
            judge,
        ),
    ),
)
