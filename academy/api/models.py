"""What the API remembers of requests: answers for those who repeat one, and counts for those who hurry."""

from django.db import models


class Answer(models.Model):
    """What a request with an Idempotency-Key was answered. Written in the transaction of the action itself."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=80, help_text="as in callers.Caller.key")
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32, help_text="SHA-256 of the body")
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "path", "key"], name="one_answer_a_key")]
        indexes = [models.Index(fields=["created_at"], name="answers_by_age")]

    def __str__(self) -> str:
        return f"{self.status} {self.path}"


class Minute(models.Model):
    """How many requests of a busy caller all processes together have counted in one minute. Unlogged: see 0001."""

    id = models.BigAutoField(primary_key=True)
    caller = models.CharField(max_length=90)
    began_at = models.DateTimeField()
    spent = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "began_at"], name="one_count_a_minute")]
        indexes = [models.Index(fields=["began_at"], name="minutes_by_age")]

    def __str__(self) -> str:
        return f"{self.spent} by {self.caller}"
