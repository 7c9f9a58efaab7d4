"""Every setting of PooledCare. This is the only module that reads environment variables.

If any variable is missing or unusable, PooledCare does not start: one error names each of them.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

_problems: list[str] = []


def _text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None or (value == "" and default is None):
        _problems.append(f"{name} is not set.")
        return ""
    return value


def _flag(name: str, default: str = "0") -> bool:
    value = os.environ.get(name, default)
    if value not in {"0", "1"}:
        _problems.append(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def _whole(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isascii() or not value.isdigit():
        _problems.append(f"{name} must be a whole number, not {value!r}.")
        return default
    return int(value)


def _seconds(name: str, default: int) -> timedelta:
    value = _whole(name, default)
    if value == 0:
        _problems.append(f"{name} must be 1 or more.")
    return timedelta(seconds=value)


def _database(name: str, url: str) -> dict[str, object]:
    parts = urlsplit(url)
    if url and parts.scheme not in {"postgres", "postgresql"}:
        _problems.append(f"{name} must begin with postgresql://, PooledCare runs on PostgreSQL only.")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    host = unquote(query.pop("host", "") or parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "") or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "pooledcare", **query},
    }


# Tests and OWNER_COMMANDS connect as the owner of the tables. Everything else, including the web server and the worker,
# connects as the application role, which may not change the structure or rewrite history.
OWNER_COMMANDS = {"migrate", "test", "flush", "dbshell", "check_constraints", "create_roles"}
AS_OWNER = "pytest" in sys.modules or (len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS)

SECRET_KEY = _text("SECRET_KEY")
SECRET_KEY_FALLBACKS = [key for key in _text("SECRET_KEY_FALLBACKS", "").split(",") if key]
DEBUG = _flag("DEBUG")
ALLOWED_HOSTS = [host for host in _text("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
PUBLIC_URL = _text("PUBLIC_URL", "http://localhost:8000")
BIND = _text("BIND", "127.0.0.1:8000")
EMBEDDED = _flag("EMBEDDED")
# Demonstration users exist only if the database is the embedded one and the site listens on this machine only.
DEMO = EMBEDDED and BIND.rsplit(":", 1)[0] in {"127.0.0.1", "localhost", "[::1]"}

API_RATE_ANONYMOUS = _whole("API_RATE_ANONYMOUS", 300)  # requests a minute, by address
API_RATE_KEY = _whole("API_RATE_KEY", 1200)  # requests a minute, by key

UPLOAD_LEASE = _seconds("UPLOAD_LEASE_SECONDS", 20)  # a worker that is silent for so long counts as dead
UPLOAD_HEARTBEAT = UPLOAD_LEASE / 4
UPLOAD_SWEEP = _seconds("UPLOAD_SWEEP_SECONDS", 5)  # how often uploads that wait without a worker are looked for
UPLOAD_TIDY = _seconds("UPLOAD_TIDY_SECONDS", 60)  # how often staged rows and kept files are deleted

CLAMD_ADDRESS = _text("CLAMD_ADDRESS", "")  # of the ClamAV daemon that scans documents; empty: no scanning
if CLAMD_ADDRESS and not re.fullmatch(r"unix:/.+|.+:[0-9]{1,5}", CLAMD_ADDRESS):
    _problems.append(f"CLAMD_ADDRESS must be host:port or unix:/path, not {CLAMD_ADDRESS!r}.")

APPLICATION_DATABASE = _database("DATABASE_URL", _text("DATABASE_URL"))
OWNER_DATABASE = _database("DATABASE_OWNER_URL", _text("DATABASE_OWNER_URL")) if AS_OWNER else None
DATABASES: dict[str, dict[str, Any]] = {"default": OWNER_DATABASE or APPLICATION_DATABASE}
APPLICATION_ROLE = APPLICATION_DATABASE["USER"]
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DATABASE_NAME", "test_pooledcare")}
if _flag("DATABASE_POOL"):  # for the web server only: a pool does not survive the worker's fork
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}

if SECRET_KEY and len(SECRET_KEY) < 32:
    _problems.append("SECRET_KEY is too short: use at least 32 random characters.")
if _problems:
    raise ImproperlyConfigured("PooledCare cannot start. " + " ".join(_problems))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "pooledcare.directory",
    "pooledcare.uploads",
    "partnerships",
    "budgets",
    "consultations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pooledcare.middleware.CompressPagesMiddleware",
    "pooledcare.middleware.RequestIdMiddleware",
    "pooledcare.kernel.rest.middleware.ProblemMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "pooledcare.middleware.HostileRequestMiddleware",
    "pooledcare.middleware.ChunkedBodyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pooledcare.directory.sessions.SessionLifetimeMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "pooledcare.directory.access.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "pooledcare.urls"
WSGI_APPLICATION = "pooledcare.wsgi.application"
AUTH_USER_MODEL = "directory.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # addresses are unique whatever their case: the constraint user_email_unique
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "pooledcare.templating.environment",
            "context_processors": ["pooledcare.templating.page_context"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

# Every form, the login forms included, renders as NHS.UK components.
FORM_RENDERER = "pooledcare.kernel.fields.Renderer"

# --- Time, language ---------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

# --- People, passwords, sessions (quality bars §1) --------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "pooledcare.directory.passwords.MaximumLengthValidator"},
    {"NAME": "pooledcare.directory.passwords.ContextWordValidator"},
    {"NAME": "pooledcare.directory.passwords.PredictableValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=1).total_seconds())
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

SESSION_IDLE = timedelta(minutes=30)
SESSION_ABSOLUTE = timedelta(hours=12)
# `directory.sessions` decides when a login ends. The session's row stays for another day, so that the login page can
# say why it ended.
SESSION_COOKIE_AGE = int((SESSION_ABSOLUTE + timedelta(days=1)).total_seconds())
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "pooledcare.views.csrf_failure"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_ADAPTER = "pooledcare.directory.accounts.AccountAdapter"
ACCOUNT_TEMPLATE_EXTENSION = "jinja"
_ACCOUNT_FORMS = "pooledcare.directory.account_forms."
ACCOUNT_FORMS = {
    "login": _ACCOUNT_FORMS + "LoginForm",
    "reauthenticate": _ACCOUNT_FORMS + "ReauthenticateForm",
    "reset_password": _ACCOUNT_FORMS + "ResetPasswordForm",
    "reset_password_from_key": _ACCOUNT_FORMS + "ResetPasswordKeyForm",
    "change_password": _ACCOUNT_FORMS + "ChangePasswordForm",
    "set_password": _ACCOUNT_FORMS + "SetPasswordForm",
    "add_email": _ACCOUNT_FORMS + "ChangeEmailForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "PooledCare"
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "pooledcare.directory.second_factor.MFAAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # so that somebody with a second factor can change their address, then confirm it
MFA_FORMS = {
    "authenticate": "pooledcare.directory.second_factor.EnterCodeForm",
    "reauthenticate": "pooledcare.directory.second_factor.ConfirmCodeForm",
    "activate_totp": "pooledcare.directory.second_factor.SetUpForm",
}
USERSESSIONS_TRACK_ACTIVITY = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(_text("TRUSTED_PROXIES", "0"))  # how many of our proxies add X-Forwarded-For

# Login through an organisation's own identity provider (OpenID Connect). Optional; an issuer needs a client and secret.
SOCIALACCOUNT_ADAPTER = "pooledcare.directory.providers.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
OIDC_ISSUER, OIDC_NAME = _text("OIDC_ISSUER", ""), _text("OIDC_NAME", "your organisation")
SOCIALACCOUNT_PROVIDERS: dict[str, object] = {}
if OIDC_ISSUER:
    if not OIDC_ISSUER.startswith("https://"):
        raise ImproperlyConfigured("PooledCare cannot start. OIDC_ISSUER must begin with https://.")
    # The provider's id is derived from the issuer, so that a subject of one issuer is never taken for one of another.
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": f"sso-{hashlib.sha256(OIDC_ISSUER.encode()).hexdigest()[:12]}",
                "name": OIDC_NAME,
                "client_id": _text("OIDC_CLIENT_ID"),
                "secret": _text("OIDC_CLIENT_SECRET"),
                "settings": {
                    "server_url": OIDC_ISSUER.rstrip("/"),
                    "openid_configuration_overrides": {"issuer": OIDC_ISSUER},  # not the issuer that the server claims
                    "fetch_userinfo": False,
                },
            }
        ],
        "OAUTH_PKCE_ENABLED": True,
    }
    if _problems:
        raise ImproperlyConfigured("PooledCare cannot start. " + " ".join(_problems))

# --- HTTP security ----------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE and _flag("SSL_REDIRECT", "0")
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # how a file is read is asked with a field for each column and each uncertain name
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_HANDLERS = ["pooledcare.uploads.receiving.CappedFileHandler"]

# --- Files ------------------------------------------------------------------------------------------------------------
VAR_DIR = Path(_text("VAR_DIR", str(BASE_DIR / "var")))
MEDIA_ROOT = Path(_text("MEDIA_ROOT", str(VAR_DIR / "files")))
STATIC_URL = "/static/"
STATIC_ROOT = Path(_text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
DRAWING_SCRIPT = BASE_DIR / "static" / "server" / "drawing.js"  # draws charts on the server; not for browsers
_HASHED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {
        "BACKEND": _text("STORAGE", "django.core.files.storage.FileSystemStorage"),
    },
    "staticfiles": {"BACKEND": _PLAIN if DEBUG or "pytest" in sys.modules else _HASHED},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Uploads: limits on files and on how they are processed (quality bars §7.1).
UPLOAD_MAX_BYTES = 256 * 1024 * 1024
UPLOAD_MAX_ROWS = 2_000_000
UPLOAD_CHUNK_ROWS = 25_000
UPLOAD_MAX_OPEN = 20
UPLOAD_MAX_ATTEMPTS = 5
UPLOAD_RECOGNITION_ROWS = 200

# Documents stored with agreements. ClamAV's `StreamMaxLength` must be at least this.
DOCUMENT_MAX_BYTES = 20 * 1024 * 1024

# --- E-mail -----------------------------------------------------------------------------------------------------------
_email = urlsplit(_text("EMAIL_URL", "file:"))
DEFAULT_FROM_EMAIL = _text("DEFAULT_FROM_EMAIL", "PooledCare <no-reply@localhost>")
if _email.scheme == "file":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = _email.path or str(VAR_DIR / "mail")
elif _email.scheme in {"smtp", "smtps"}:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _email.hostname or "", _email.port or 587
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_email.username or ""), unquote(_email.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _email.scheme == "smtp", _email.scheme == "smtps"
else:
    raise ImproperlyConfigured("PooledCare cannot start. EMAIL_URL must begin with file:, smtp:// or smtps://.")

# --- Work in the background -------------------------------------------------------------------------------------------
CELERY_BROKER_URL = _text("CELERY_BROKER_URL", "filesystem://")
BROKER_DIR = Path(_text("BROKER_DIR", str(VAR_DIR / "broker")))
if CELERY_BROKER_URL.startswith("filesystem:"):  # our own transport, not Kombu's of that name: docs/adr/0027
    CELERY_BROKER_TRANSPORT = "pooledcare.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(BROKER_DIR), "polling_interval": 0.2}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "sweep-uploads": {"task": "pooledcare.uploads.tasks.sweep_uploads", "schedule": UPLOAD_SWEEP.total_seconds()},
    "beat-heartbeat": {"task": "pooledcare.directory.tasks.record_heartbeat", "schedule": 15.0},
    "tidy-up": {"task": "pooledcare.directory.tasks.tidy_up", "schedule": 3600.0},
    "tidy-staging": {"task": "pooledcare.uploads.tasks.tidy_staging", "schedule": UPLOAD_TIDY.total_seconds()},
    # Both do each day's work once. They run every hour so that a missed run is made up the same day.
    "advance-agreements": {"task": "partnerships.tasks.advance_agreements", "schedule": 3600.0},
    "send-reminders": {"task": "partnerships.tasks.send_reminders", "schedule": 3600.0},
}

# --- API --------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["pooledcare.kernel.rest.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["pooledcare.kernel.rest.authentication.Denied"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["pooledcare.kernel.rest.parsers.StrictJsonParser"],
    "DEFAULT_SCHEMA_CLASS": "pooledcare.kernel.rest.schema.Schema",
    "EXCEPTION_HANDLER": "pooledcare.kernel.rest.problems.problem_response",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PooledCare API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "LICENSE": {"name": "Open Government Licence v3.0", "identifier": "OGL-UK-3.0"},
    "POSTPROCESSING_HOOKS": ["pooledcare.kernel.rest.schema.complete"],
}
# Names of what the kernel's API classes use from the apps, because the kernel may not import the apps.
API_AUTHENTICATE = "pooledcare.directory.access.authenticate_key"
API_ANONYMOUS = "pooledcare.directory.access.ANONYMOUS"
API_IDEMPOTENCY_MODEL = "directory.IdempotencyRecord"
IDEMPOTENCY_KEEP = timedelta(days=7)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "directory_cache",
        "OPTIONS": {"MAX_ENTRIES": 200_000},  # enough for every rate limit; beyond it entries are culled
    },
    # Pictures of charts. Their keys are hashes of all that goes into them, so they only leave to make room for others.
    "pictures": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "pictures",
        "TIMEOUT": timedelta(days=30).total_seconds(),
        "OPTIONS": {"MAX_ENTRIES": 8_000},
    },
}

# --- Logging: one JSON object a line ----------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "pooledcare.middleware.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": _text("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
