"""Topics that people looked for and did not find."""

from django.db import models
from django.db.models.functions import Lower

from academy.core.ids import uuid7
from academy.people.accounts.models import Person


class Wish(models.Model):
    """A person asks for a topic. Curators are told by mail; the same topic is asked for once a person."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    topic = models.CharField(max_length=200)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("person", Lower("topic"), name="one_wish_a_topic")]

    def __str__(self) -> str:
        return self.topic
