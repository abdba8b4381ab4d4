"""What a wish for a topic must be."""

MOST = 200
MOST_A_DAY = 10


def tidy(topic: str) -> str:
    """The topic on one line, without what nobody can see."""
    return " ".join("".join(c if c.isprintable() else " " for c in topic).split())


def why_not(topic: str, asked_today: int) -> str | None:
    """Why a topic cannot be asked for, in a sentence; None when it can. `topic` is tidy."""
    if len(topic) < 3:
        return "Write at least three letters, so that a curator knows what you mean."
    if len(topic) > MOST:
        return f"Write it in at most {MOST} letters."
    if asked_today >= MOST_A_DAY:
        return f"That makes more than {MOST_A_DAY} topics today. Come back tomorrow."
    return None
