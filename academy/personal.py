"""Where else than in `people` something about a person is kept, on one page: export and erasure go
through it.
"""

from academy.learning.wishes.actions import forget_person as forget_wishes
from academy.learning.wishes.queries import wishes_of
from academy.notifications.actions import forget_person
from academy.notifications.queries import mail_to
from academy.people.privacy.rules import Holding

HOLDINGS = (
    Holding("mail", export=mail_to, erase=forget_person),
    Holding("wishes", export=wishes_of, erase=forget_wishes),
)
