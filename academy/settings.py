"""The settings, all of them from the environment. Each is explained in docs/running.md; a test keeps it so."""

import os
import secrets
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).parent.parent
ENVIRONMENT = os.environ.get("ACADEMY_ENV", "demo")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEMO = ENVIRONMENT == "demo"
DATA_DIR = Path(os.environ.get("ACADEMY_DATA_DIR", "var")).resolve()


def _secret_key() -> str:
    """The key of the environment, or one made once and kept in the data folder, readable to its owner alone."""
    if key := os.environ.get("ACADEMY_SECRET_KEY"):
        return key
    DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = DATA_DIR / "secret.key"
    try:
        with open(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return kept.read_text()


SECRET_KEY = _secret_key()
# Earlier keys, while what was made with them is still about.
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("ACADEMY_SECRET_KEYS_BEFORE", "").split(",") if key]
DEBUG = False
# "off" where this installation's jobs run on another machine: /healthz then does not ask for a worker's heartbeat.
WORKER = os.environ.get("ACADEMY_WORKER", "on") != "off"


def _origin() -> str:
    """Where this academy is entered: as the environment says, or as the one that runs on this data folder noted."""
    try:
        return os.environ.get("ACADEMY_ORIGIN") or (DATA_DIR / "address").read_text().strip()
    except OSError:
        return "http://localhost:8000"


ORIGIN = _origin()
ALLOWED_HOSTS = os.environ.get("ACADEMY_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [ORIGIN]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "procrastinate.contrib.django",
    "academy.journal",
    "academy.people",
    "academy.search",
    "academy.notifications",
    "academy.recognition",
    "academy.learning",
    "academy.programme",
    "academy.api",
]


def _database() -> dict[str, Any]:
    """Django's form of DATABASE_URL. Entry points start the embedded server and set it; see `academy.start`.

    Without a threshold the driver prepares nothing, whatever it is asked; this one lets only those be prepared that
    ask for it (`academy.core.reads`). They are planned once a connection and not once for every value: planning costs
    more than most of them take.
    """
    given = conninfo_to_dict(os.environ.get("DATABASE_URL", "postgresql:///academy"))
    given["prepare_threshold"] = 1_000_000
    given["options"] = f"{given.get('options') or ''} -c plan_cache_mode=force_generic_plan".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": given.pop("dbname", "academy"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": given.pop("port", ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": given,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Person"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # addresses are unique whatever their case, which a constraint keeps
REACTIONS = "academy.reactions.REACTIONS"
HOLDINGS = "academy.personal.HOLDINGS"
NOTICES = "academy.web.notices.kinds.NOTICES"
ROOT_URLCONF = "academy.urls"

# Attempts to sign in are counted here, across all processes; the table comes with a migration of `people`.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "people_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Jobs stand in each chapter's jobs.py.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None
PROCRASTINATE_IMPORT_PATHS = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "academy").glob("*/**/jobs.py")
)

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "academy.web.middleware.request_context",
    "academy.web.middleware.with_slash",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "academy.web.middleware.who_is_asking",
    "academy.web.middleware.refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "jinja2",
        "DIRS": [ROOT / "academy" / "web"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "academy.web.templates.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# Sign-in
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "academy.people.accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_CHANGE_EMAIL = True  # one address each; a new one counts when its link was opened
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
MFA_ADAPTER = "academy.people.accounts.adapter.SecondStepAdapter"
MFA_TOTP_ISSUER = "SISO Academy"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody can take an address that is not theirs: accounts are made by staff and by invitations only.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# How many proxies of ours stand before us: so many of the addresses that a request names are believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("ACADEMY_PROXIES", "0"))
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# Whether the weightiest steps, such as making an administrator or approving a month, wait for a second person.
FOUR_EYES = os.environ.get("ACADEMY_FOUR_EYES", "off" if DEMO else "on") != "off"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"

# Mail: every message becomes a row; a job sends the rows to this address. Without one they are only kept.
MAIL_URL = os.environ.get("ACADEMY_MAIL_URL", "")
EMAIL_BACKEND = "academy.notifications.backend.RowBackend"
DEFAULT_FROM_EMAIL = os.environ.get("ACADEMY_MAIL_FROM", "SISO Academy <academy@localhost>")

# In a cookie, so that a page need not read the session to see that nothing was said.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LOCALE_PATHS = [ROOT / "academy" / "locale"]
CSRF_FAILURE_VIEW = "academy.web.refusals.outdated_form"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING_CONFIG = None  # set up once a process, by academy.server.logs

# How much one caller of the API may ask: a token, a person with a session, or an address.
API_READS_A_MINUTE = int(os.environ.get("ACADEMY_API_READS", "600"))
API_WRITES_A_MINUTE = int(os.environ.get("ACADEMY_API_WRITES", "120"))
