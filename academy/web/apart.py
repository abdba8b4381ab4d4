"""Blocks of a page built apart from each other: one that fails says so, and the rest stands."""

from collections.abc import Callable
from typing import Any, cast

import structlog
from jinja2 import pass_context
from jinja2.runtime import Context as Rendering
from markupsafe import Markup

log = structlog.get_logger()


@pass_context
def apart(rendering: Rendering, block: str, title: str, caller: Callable[[], Markup]) -> Markup:
    """What the call block writes, or a note in its place when reading or writing it fails.

    The page hands in what its blocks show as functions and calls them in here, so that a failure is the block's own.
    Whatever fails is logged with its cause, and counted in the page's `failed`: such a page is not kept.
    """
    try:
        return caller()
    except Exception:
        log.exception("block_failed", template=rendering.name, block=block)
        rendering["failed"].append(block)
        ui: Any = rendering.environment.globals["ui"]
        return cast(Markup, ui.failed(title, rendering["request"].get_full_path()))
