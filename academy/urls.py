"""Every address of the house."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("academy.web.partner.home.page")),
    path("", include("academy.web.partner.what_if.page")),
    path("", include("academy.web.partner.activity.page")),
    path("api/v1/", include("academy.api.urls")),
    path("style/", include("academy.web.public.style.page")),
]

handler400 = "academy.web.refusals.bad_request"
handler403 = "academy.web.refusals.forbidden"
handler404 = "academy.web.refusals.not_found"
handler500 = "academy.web.refusals.failed"
