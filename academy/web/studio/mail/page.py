"""Mail that does not arrive: to whom, since when, and what the server said. For those of the house who see partners."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from academy.notifications.returns.queries import failing
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.templates import page


@staff
@require_safe
def mail(request: PersonRequest) -> HttpResponse:
    """The list, what comes back for good first."""
    return page(request, "studio/mail/page.html", lambda: {"lines": failing(request.actor)}, parts={})


urlpatterns = [path("studio/mail/", mail, name="studio-mail")]
