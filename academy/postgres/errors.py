"""The one exception of this package: its message is a sentence a person can act on."""


class PostgresError(Exception):
    """The embedded database cannot be had. The message says why, and what to do about it."""


OWN_SERVER = "set DATABASE_URL to a PostgreSQL server of your own"
