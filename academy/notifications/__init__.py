"""Mail to people: a row in the sender's transaction, sent by a job. The demo shows it at /demo/mail."""
