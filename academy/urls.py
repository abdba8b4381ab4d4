"""Every address of the house."""

from django.urls import URLPattern, URLResolver, include, path

from academy.demo import pages as demo
from academy.web.public.sign_in import page as sign_in

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("academy.web.partner.home.page")),
    path("", include("academy.web.partner.what_if.page")),
    path("", include("academy.web.partner.deals.page")),
    path("", include("academy.web.partner.deals.register")),
    path("", include("academy.web.partner.comparison.page")),
    path("", include("academy.web.partner.activity.page")),
    path("training/", include("academy.web.partner.training.page")),
    path("training/", include("academy.web.partner.catalogue.page")),
    path("training/", include("academy.web.partner.history.page")),
    path("training/", include("academy.web.partner.course.page")),
    path("training/", include("academy.web.partner.path.page")),
    path("training/", include("academy.web.partner.resource.page")),
    path("training/", include("academy.web.partner.lesson.page")),
    path("training/", include("academy.web.partner.quiz.page")),
    path("training/", include("academy.web.partner.finish.page")),
    path("", include("academy.web.partner.search.page")),
    path("api/v1/", include("academy.api.urls")),
    path("", include("academy.web.partner.statements.page")),
    path("", include("academy.web.partner.payee.page")),
    path("", include("academy.web.partner.terms.page")),
    path("", include("academy.web.partner.team.page")),
    path("", include("academy.web.public.unsubscribe.page")),
    path("", include("academy.web.partner.notices.page")),
    path("", include("academy.web.partner.profile.page")),
    path("", include("academy.web.partner.welcome.page")),
    path("", include("academy.web.public.invitation.page")),
    path("", include(sign_in.addresses(demo.moments))),
    path("demo/", include("academy.demo.pages")),
    path("", include("academy.web.partner.certificates.page")),
    path("", include("academy.web.partner.earnings.page")),
    path("", include("academy.web.partner.line.page")),
    path("", include("academy.web.public.certificate.page")),
    path("", include("academy.web.public.offline.page")),
    path("", include("academy.web.studio.today.page")),
    path("", include("academy.web.studio.partners.page")),
    path("", include("academy.web.studio.matching.page")),
    path("", include("academy.web.studio.deals.page")),
    path("", include("academy.web.studio.deal.page")),
    path("", include("academy.web.studio.line.page")),
    path("", include("academy.web.studio.partner.page")),
    path("", include("academy.web.studio.certificate.page")),
    path("", include("academy.web.studio.close.page")),
    path("", include("academy.web.studio.payees.page")),
    path("", include("academy.web.studio.terms.page")),
    path("", include("academy.web.studio.mail.page")),
    path("", include("academy.web.studio.staff.page")),
    path("style/", include("academy.web.public.style.page")),
]

handler400 = "academy.web.refusals.bad_request"
handler403 = "academy.web.refusals.forbidden"
handler404 = "academy.web.refusals.not_found"
handler429 = "academy.web.refusals.too_fast"  # allauth's
handler500 = "academy.web.refusals.failed"
