"""Where else than in `people` something about a person is kept, on one page: export and erasure go
through it.
"""

from academy.learning.privacy.actions import forget_person as forget_learning
from academy.learning.privacy.queries import learning_of
from academy.learning.wishes.actions import forget_person as forget_wishes
from academy.learning.wishes.queries import wishes_of
from academy.notifications.actions import forget_person
from academy.notifications.notices.actions import forget_person as forget_notices
from academy.notifications.notices.queries import notices_of
from academy.notifications.preferences.actions import forget_person as forget_choices
from academy.notifications.preferences.queries import choices_of
from academy.notifications.queries import mail_to
from academy.notifications.returns.actions import forget_person as forget_returns
from academy.notifications.returns.queries import returns_to
from academy.people.privacy.rules import Holding
from academy.programme.payees.actions import forget_person as forget_payees
from academy.programme.payees.queries import payees_of
from academy.programme.terms.queries import accepted_by
from academy.recognition.privacy.actions import forget_person as forget_certificates
from academy.recognition.privacy.queries import certificates_of

HOLDINGS = (
    Holding("mail", export=mail_to, erase=forget_person),
    Holding("notices", export=notices_of, erase=forget_notices),
    Holding("notice_choices", export=choices_of, erase=forget_choices),
    Holding("returned_mail", export=returns_to, erase=forget_returns),
    Holding("wishes", export=wishes_of, erase=forget_wishes),
    Holding("learning", export=learning_of, erase=forget_learning),
    Holding("certificates", export=certificates_of, erase=forget_certificates),
    Holding("payee_profiles", export=payees_of, erase=forget_payees),
    Holding("terms_accepted", export=accepted_by),
)
