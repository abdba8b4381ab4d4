"""What is written to the log, and what never is."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, sys
import structlog
from academy.server import logs
logs.configure(json_lines=sys.argv[1] == "json", process="web")
logging.getLogger("django.security.csrf").warning("Forbidden (%s): %s", "no token", "/sign-in/QhX7secret/")
structlog.get_logger().warning("csrf_failed", path="/invitations/QhX7secret/", reason="no token")
structlog.get_logger().warning("refused", path="/accounts/password/reset/key/QhX7secret/?next=/")
"""


@pytest.mark.parametrize("form", ["json", "lines"])
def test_what_lets_in_whoever_knows_it_is_cut_from_the_log(form: str) -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM, form], check=True, capture_output=True, text=True).stderr
    assert ("QhX7secret" in told, told.count("\n"), "refused" in told) == (False, 3, True)
    if form == "json":
        lines = [json.loads(line) for line in told.splitlines()]
        assert [line.get("path") or line["event"] for line in lines] == [
            "Forbidden (no token): /sign-in/…/",
            "/invitations/…/",
            "/accounts/password/reset/key/…/?next=/",
        ]
