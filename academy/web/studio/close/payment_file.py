"""The payment file of a month: handed out to the payment provider, and read back when it has paid."""

from datetime import datetime

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import Refused
from academy.people.permissions.access import allow
from academy.programme.closes.models import Close
from academy.programme.payouts.actions import enter_file
from academy.programme.payouts.queries import payment_file
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.studio.close.run import address, found, on_refusal, show

LARGEST_FILE = 1_000_000


@staff
@require_safe
def fetch(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """What was handed over and is not paid, for the payment provider."""
    allow(request.actor, "payout.record")
    return download(found(request, programme, month), request.now)


def download(close: Close, at: datetime) -> HttpResponse:
    """The payment file of a month; the mark at its beginning lets spreadsheets read its letters rightly."""
    answer = HttpResponse("\ufeff" + payment_file(close, at), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{close.programme.slug}-{close.month:%Y-%m}-payments.csv"'
    return answer


@staff
@require_POST
def read_back(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """Read a payment file back. Right lines are entered, wrong ones are shown; the same file again changes nothing."""
    allow(request.actor, "payout.record")
    close = found(request, programme, month)
    on_refusal(request, close)
    done = enter_file(request.actor, close.pk, _text(request), now=request.now)
    said = ngettext("%(count)d payment entered.", "%(count)d payments entered.", done.entered) % {"count": done.entered}
    if done.known:
        known = ngettext("%(count)d was known already.", "%(count)d were known already.", done.known)
        said = f"{said} {known % {'count': done.known}}"
    if not done.refused:
        messages.success(request, said)
        return HttpResponseRedirect(address(close))
    messages.warning(request, said)
    close.refresh_from_db()
    return show(request, close, done)


def _text(request: PersonRequest) -> str:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused(_("Choose the file that the payment provider sent."), fields={"file": _("Choose a file.")})
    if file.size is not None and file.size > LARGEST_FILE:
        raise Refused(_("That file is larger than 1 MB. Split it."), fields={"file": _("At most 1 MB.")})
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError:
        sentence = _("This file is not text in UTF-8. Save it as CSV (UTF-8).")
        raise Refused(sentence, fields={"file": sentence}) from None
