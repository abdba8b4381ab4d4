"""Where else than in `people` something about a person is kept, on one page: export and erasure go
through it.
"""

from academy.learning.privacy.actions import forget_person as forget_learning
from academy.learning.privacy.queries import learning_of
from academy.learning.wishes.actions import forget_person as forget_wishes
from academy.learning.wishes.queries import wishes_of
from academy.notifications.actions import forget_person
from academy.notifications.queries import mail_to
from academy.people.privacy.rules import Holding
from academy.recognition.privacy.actions import forget_person as forget_certificates
from academy.recognition.privacy.queries import certificates_of

HOLDINGS = (
    Holding("mail", export=mail_to, erase=forget_person),
    Holding("wishes", export=wishes_of, erase=forget_wishes),
    Holding("learning", export=learning_of, erase=forget_learning),
    Holding("certificates", export=certificates_of, erase=forget_certificates),
)
