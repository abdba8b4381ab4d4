"""Pages and their parts: the Jinja2 environment, and the few ways in which a view answers with HTML.

A part is a block of its page rendered alone, so page and part are one text. A block may use its context and
the environment's globals (`ui` is the library of macros), nothing that the page imports or sets outside it.

What is kept between requests (`kept_page`, `framed`) has holes where a text for one request alone stands: the token
of its forms and the journal's cursor. So no token is ever kept, and everybody's page is filled with their own.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import engines
from django.template.backends.utils import csrf_input_lazy, csrf_token_lazy
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, pass_context
from jinja2.runtime import Context as Rendering
from jinja2_fragments import render_block
from markupsafe import Markup

from academy.core.errors import NotFound
from academy.journal.queries import head
from academy.web import formats, navigation
from academy.web.apart import apart
from academy.web.art import cover, family_of, icon
from academy.web.assets import edited, static
from academy.web.devices import device_name
from academy.web.holes import CURSOR, HOLES, TOKEN, Holed
from academy.web.kept import kept
from academy.web.requests import PersonRequest

Context = Mapping[str, Any]


def url(name: str, *args: object, **kwargs: object) -> str:
    """The address of a page by its name."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def theme(request: HttpRequest) -> str:
    """`light`, `dark`, or empty for what the device says: this device's choice, else the person's."""
    chosen = request.COOKIES.get("theme") or getattr(getattr(request, "person", None), "theme", "")
    return chosen if chosen in ("light", "dark") else ""


def seen_as(request: HttpRequest) -> Hashable:
    """All that a page may show of its request, but for its address and what it reads itself.

    A kept text stands under this, so a text that shows more of a person, a partner or a request names it here.
    """
    person = getattr(request, "person", None)
    looks = (getattr(request, "language", ""), theme(request), edited(), getattr(request, "unread", 0))
    if person is None:
        return looks
    who = (person.pk, person.name, person.email, person.timezone, person.theme, tuple(person.roles))
    membership = getattr(request, "membership", None)
    partner = getattr(request, "partner", None)
    place = (partner.pk, partner.name, partner.kind, partner.currency, partner.timezone) if partner else None
    return (*looks, who, membership.role if membership else None, place, getattr(request, "tier", None))


@pass_context
def framed(rendering: Rendering, template: str) -> Markup:
    """A part of the frame around every page, kept: it changes with who looks and in which room, not with the page."""
    request = rendering["request"]
    key = (template, navigation.room_of(request.path), seen_as(request))
    text = kept(key, lambda: jinja().get_template(template).render(request=request, **HOLES))
    return Markup(text.replace(TOKEN, str(rendering["csrf_token"])))  # noqa: S704 - rendered by us


def said(request: HttpRequest) -> list[Any]:
    """The messages that the last page left for this one."""
    return list(get_messages(request))


def _bytecode() -> FileSystemBytecodeCache | None:
    """Compiled templates kept between processes, in a folder nobody else can write to."""
    folder = settings.DATA_DIR / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:  # a read-only installation compiles once a process instead
        return None
    return FileSystemBytecodeCache(str(folder))


def _with_figures(counted: Callable[..., Any]) -> Callable[..., Any]:
    """Texts that count write their `num` as every number is written: “11,268 deals”."""

    @pass_context
    def with_figure(context: Rendering, singular: str, plural: str, num: int, **words: Any) -> Any:
        return counted(context, singular, plural, num, **{"num": formats.number(num), **words})

    return with_figure


def environment(**options: Any) -> Environment:
    """Our Jinja2 environment; Django calls this once with its loader."""
    made = Environment(  # noqa: S701 - autoescape is on, below
        **{
            **options,
            "autoescape": True,
            "auto_reload": settings.TESTING,
            "undefined": StrictUndefined,
            "trim_blocks": True,
            "lstrip_blocks": True,
            "cache_size": -1,
            "bytecode_cache": _bytecode(),
            "extensions": ["jinja2.ext.i18n", "jinja2.ext.do"],
        }
    )
    # Django's own functions look the language up at each call, so one compiled template serves all languages.
    made.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made.globals["ngettext"] = _with_figures(cast("Callable[..., Any]", made.globals["ngettext"]))
    shown = {
        "money": formats.money,
        "number": formats.number,
        "percent": formats.percent,
        "factor": formats.factor,
        "minutes": formats.minutes,
        "duration": formats.duration,
        "day": formats.day,
        "month": formats.month,
        "leaf": formats.leaf,
        "clock_time": formats.clock_time,
        "moment": formats.moment,
        "ago": formats.ago,
        "file_size": formats.file_size,
        "machine": formats.machine,
        "initials": formats.initials,
    }
    made.filters.update(shown)
    made.globals.update(
        shown,
        url=url,
        static=static,
        icon=icon,
        cover=cover,
        family_of=family_of,
        theme=theme,
        said=said,
        framed=framed,
        apart=apart,
        exists=navigation.exists,
        rooms=navigation.rooms,
        account_rooms=navigation.account_rooms,
        in_studio=navigation.in_studio,
        device=device_name,
    )
    made.globals["ui"] = made.get_template("parts/ui.html").module
    return made


def jinja() -> Environment:
    """The environment that Django made."""
    return engines["jinja2"].env  # type: ignore[attr-defined, no-any-return]


def _whole(request: HttpRequest, context: Context) -> dict[str, Any]:
    """A view's context with what Django's own Jinja2 backend adds, so that allauth's pages see the same.

    `failed` gathers the names of blocks that could not be shown.
    """
    return {
        "request": request,
        "failed": [],
        "csrf_input": csrf_input_lazy(request),
        "csrf_token": csrf_token_lazy(request),
        **context,
    }


def render(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A whole page."""
    return HttpResponse(jinja().get_template(template).render(_whole(request, context)), status=status)


def kept_page(
    request: PersonRequest, template: str, seal: Hashable, context: Callable[[], Context], *, cursor: int
) -> HttpResponse:
    """A whole page, kept until its seal changes; `seal` names everything that `context` is read from.

    `cursor` is the journal's as of the seal. What is said once is never kept, nor a page of which a block failed.
    """
    if len(get_messages(request)):
        return render(request, template, cursor=cursor, **context())
    key = (template, request.path, seal, seen_as(request))
    failed: list[str] = []
    made = kept(key, lambda: _with_holes(request, template, context(), failed), fit=lambda: not failed)
    return HttpResponse(made.filled(token=get_token(request), cursor=cursor))


def _with_holes(request: HttpRequest, template: str, context: Context, failed: list[str]) -> Holed:
    shown = {"request": request, "cursor": CURSOR, "failed": failed, **context, **HOLES}
    return Holed(jinja().get_template(template).render(shown))


def part(request: HttpRequest, template: str, block: str, context: Context) -> str:
    """The text of one block of a page, rendered alone."""
    return str(render_block(jinja(), template, block, _whole(request, context)))


def render_part(request: HttpRequest, template: str, block: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """One block of a page, alone."""
    return HttpResponse(part(request, template, block, context), status=status)


ROOT_TAG = re.compile(r"\s*(?:<!--.*?-->\s*)*<([a-z][\w-]*)", re.DOTALL)
ONLY_IN_TABLES = {"tr", "td", "th", "tbody", "thead", "tfoot"}


def _out_of_band(text: str, block: str) -> str:
    """The same element, told to swap itself by its id. htmx wants rows of tables inside a <template>."""
    found = ROOT_TAG.match(text)
    if not found or not re.search(r"\sid=", text[found.end() : text.index(">", found.end())]):
        raise ValueError(f"The block {block} must be one element with an id to be swapped out of band.")
    marked = f'{text[: found.end()]} hx-swap-oob="true"{text[found.end() :]}'
    return f"<template>{marked}</template>" if found[1] in ONLY_IN_TABLES else marked


def render_parts(
    request: HttpRequest, template: str, blocks: Sequence[str], context: Context, *, status: int = 200
) -> HttpResponse:
    """Several blocks at once: the first for the request's target, the others by their ids out of band."""
    first, *others = blocks
    texts = [part(request, template, first, context)]
    texts += [_out_of_band(part(request, template, block, context), block) for block in others]
    return HttpResponse("\n".join(texts), status=status)


@dataclass(frozen=True, slots=True)
class Part:
    """A part that needs less than the whole page: its block, and what to read for it.

    `template` is where the block stands when that is not the page's own.
    """

    block: str
    context: Callable[[], Context]
    template: str = ""


def page(
    request: HttpRequest,
    template: str,
    context: Callable[[], Context],
    parts: Mapping[str, str | Part],
    *,
    cursor: Callable[[], int] | None = head,
) -> HttpResponse:
    """A page whose parts can be asked for alone, by `X-Parts: id,id`, when facts have made them stale.

    `parts` maps the id of an element to the block that renders it, or to a `Part` with its own reads. The
    journal's cursor is read before anything else: the page then asks to be told of what came after. Give
    `cursor=None` where the context brings its own `cursor`. An unknown id is refused as not found.
    """
    wanted = request.headers.get("X-Parts")
    if wanted is not None:
        response = HttpResponse(_parts(request, template, context, parts, wanted.split(",")))
    else:
        at: dict[str, Any] = {"cursor": cursor()} if cursor else {}
        response = render(request, template, **{**at, **context()})
    patch_vary_headers(response, ["X-Parts"])
    return response


def _parts(
    request: HttpRequest,
    template: str,
    context: Callable[[], Context],
    parts: Mapping[str, str | Part],
    wanted: Sequence[str],
) -> str:
    names = [name.strip() for name in wanted]
    if unknown := [name for name in names if name not in parts]:
        raise NotFound(gettext("This page has no part called “%(name)s”. Load it again.") % {"name": unknown[0][:40]})
    chosen = [parts[name] for name in dict.fromkeys(names)]
    shared = context() if any(isinstance(one, str) for one in chosen) else {}
    return "\n".join(
        _in_a_template(
            part(request, template, one, shared)
            if isinstance(one, str)
            else part(request, one.template or template, one.block, one.context())
        )
        for one in chosen
    )


def _in_a_template(text: str) -> str:
    """A row alone is no HTML: outside of a table a browser reads it only inside a <template>."""
    found = ROOT_TAG.match(text)
    return f"<template>{text}</template>" if found and found[1] in ONLY_IN_TABLES else text
