"""One inbox: what people are told, on the page and by mail, how they want it, and what becomes of the mail.

`notices/` what somebody was told, `preferences/` how somebody wants to be told, `returns/` addresses whose mail comes
back. Mail itself is a row in the sender's transaction, sent by a job. The demo shows it at /demo/mail.
"""
