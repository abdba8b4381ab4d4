"""Calling the API as a program does: a bearer token, JSON in, JSON out."""

import json
from datetime import datetime
from typing import Any

from django.test import Client

from academy.people.permissions.rules import Actor
from academy.people.tokens.actions import create_token

ROOT = "/api/v1"


class Program:
    """A program that holds a token of a person, or none."""

    def __init__(self, actor: Actor | None, *, now: datetime, scopes: tuple[str, ...] = ()) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if actor is not None:
            made = create_token(actor.person_id, by=actor, now=now, scopes=scopes)
            self.headers["Authorization"] = f"Bearer {made.secret}"

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; `headers` are written with underscores."""
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        return self.client.generic(
            method, ROOT + path, data, content_type="application/json" if data else "", headers=given
        )

    def get(self, path: str) -> Any:
        """GET, which must answer 200; the JSON."""
        answer = self.send("GET", path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def told(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        answer = self.send(method, path, body, **headers)
        return answer.status_code, answer.json()


def problem(answer: Any) -> dict[str, Any]:
    """A problem document without its request id, which differs each time."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert told.pop("request_id") == answer.headers["X-Request-Id"]
    return told
