"""What we hold of a person: handed out as one file, and erased for good."""

import json

from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.core.errors import Refused
from academy.people.privacy.actions import erase_person
from academy.people.privacy.queries import export_person
from academy.web.middleware import signed_in
from academy.web.partner.profile.proof import proved
from academy.web.requests import PersonRequest
from academy.web.templates import render


@signed_in
@never_cache
@require_safe
@proved
def export(request: PersonRequest) -> HttpResponse:
    """Everything we hold of whoever asks, as a JSON file."""
    held = export_person(request.actor, request.person.pk)
    text = json.dumps(held, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    day = request.now.date().isoformat()
    answer["Content-Disposition"] = f'attachment; filename="siso-academy-my-data-{day}.json"'
    return answer


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proved
def erase(request: PersonRequest) -> HttpResponse:
    """Erase one's account, after typing one's address."""
    if request.method != "POST":
        return _form(request)
    request.on_refusal = lambda refused: _form(request, refused)
    if request.POST.get("email", "").strip().lower() != request.person.email.lower():
        sentence = _("Write %(email)s, so that it does not happen by accident.") % {"email": request.person.email}
        raise Refused(sentence, fields={"email": sentence})
    erase_person(request.person.pk, by=request.actor, now=request.now)
    logout(request)
    return render(request, "partner/profile/erased.html")


def _form(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    typed = request.POST.get("email", "")
    return render(request, "partner/profile/erase.html", refused=refused, typed=typed)
