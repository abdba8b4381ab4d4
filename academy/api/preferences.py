"""/me/preferences: how one wants to be told, and when not."""

from datetime import time

from django.http import HttpRequest
from ninja import Router

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.operations import READING, WRITING, says
from academy.api.schemas.preferences import Cadence, Choosing, Preference, Preferences, QuietHours
from academy.core.errors import Refused, Text
from academy.notifications.preferences.actions import cannot_be_off, choose
from academy.notifications.preferences.queries import Wishes, chosen_wishes, wishes_of

router = Router(tags=["Me"], auth=signed_in)


@router.get(
    "/me/preferences",
    response=Preferences,
    operation_id="my_preferences",
    summary="How I am told",
    openapi_extra=says("notice.see", *READING),
)
def my_preferences(request: HttpRequest) -> Preferences:
    """How one is mailed about each kind of notice that can reach one, and one's quiet hours."""
    return _shape(wishes_of(caller_of(request).actor))


@router.put(
    "/me/preferences",
    response=Preferences,
    operation_id="choose_preferences",
    summary="Choose how I am told",
    openapi_extra=says("notice.choose", *WRITING),
)
def choose_preferences(request: HttpRequest, body: Choosing) -> Preferences:
    """Set how one is mailed about these kinds, and one's quiet hours. What is `always` mailed is not switched off."""
    actor, quiet = caller_of(request).actor, body.quiet
    mine = {wish.kind.name for wish in chosen_wishes(actor).kinds}
    if never := [kind for kind in body.mail if kind not in mine]:
        sentence = Text("None of these notices reaches you: %(kinds)s.", kinds=", ".join(never))
        raise Refused(sentence, fields={f"mail.{kind}": sentence for kind in never}, code="invalid")
    choose(
        actor,
        {kind: str(cadence) for kind, cadence in body.mail.items()},
        quiet_begins=time.fromisoformat(quiet.begins) if quiet else None,
        quiet_ends=time.fromisoformat(quiet.ends) if quiet else None,
        now=now_of(request),
    )
    return _shape(chosen_wishes(actor))


def _shape(wishes: Wishes) -> Preferences:
    begins, ends = wishes.quiet_begins, wishes.quiet_ends
    return Preferences(
        mail=[
            Preference(
                kind=wish.kind.name,
                topic=str(wish.kind.topic),
                label=str(wish.kind.label),
                mail=Cadence(wish.mail),
                always=cannot_be_off(wish.kind),
                why=str(wish.kind.why) if cannot_be_off(wish.kind) else "",
            )
            for wish in wishes.kinds
        ],
        quiet=QuietHours(begins=f"{begins:%H:%M}", ends=f"{ends:%H:%M}") if begins and ends else None,
    )
