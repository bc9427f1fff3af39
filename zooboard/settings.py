"""Settings, from the environment. `docs/operations.md` explains every variable."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = Path(os.environ.get("ZOOBOARD_STATE", BASE_DIR / ".zooboard"))
FIXTURES_DIR = BASE_DIR / "fixtures"

DEBUG = os.environ.get("DEBUG") == "1"
SECRET_KEY = os.environ.get("SECRET_KEY") or ("insecure-" + "k" * 60 if DEBUG else "")

SITE_URL = os.environ.get("ZOOBOARD_URL", "http://127.0.0.1:8000")
LEASE_URL = os.environ.get("ZOOBOARD_LEASE_URL", "http://127.0.0.1:8001/api/v1/agent/lease")
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", f"{urlsplit(SITE_URL).hostname},127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "apps.accounts",
    "apps.core",
    "apps.catalog",
    "apps.fleet",
    "apps.runs",
    "apps.results",
    "apps.board",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    # Before everything else, which an answer that stands already went through.
    "apps.core.kept_answers.KeptAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.content_policy.ContentPolicy",
    "django.middleware.gzip.GZipMiddleware",
    # Of what is not streamed, with the hash of its content. After gzip, which makes that hash a weak one.
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.closed.ClosedReading",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zooboard.urls"
WSGI_APPLICATION = "zooboard.wsgi.application"

TEMPLATES = [
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
    }
]

# --- Postgres ------------------------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(os.environ.get("DATABASE_URL", "postgresql://zooboard@127.0.0.1/zooboard"))
}
# The pool gives a connection back at the end of each request, so that threads that wait hold none.
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 16, "timeout": 20}
# Compiling a query takes ten times as long as each of ours runs. What is read is in memory or on an SSD, where an index
# that has the rows in their order costs little more than reading its neighbours.
DATABASES["default"]["OPTIONS"].setdefault(
    "options", "-c jit=off -c plan_cache_mode=force_generic_plan -c random_page_cost=1.1"
)
# Only what `apps.core.prepared` asks for is a prepared statement, from the first time on, and is planned once.
DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 0)
# A connection that a restart of Postgres broke is replaced before a request gets it.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis protocol: broker, results, cache ------------------------------------------------------------------

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")


def _redis_url(database: int, *, for_celery: bool) -> str:
    """Address of one logical database. Kombu names a unix socket otherwise than the redis client does."""
    if not REDIS_URL.startswith("unix://"):
        return f"{REDIS_URL.rstrip('/')}/{database}"
    path = urlsplit(REDIS_URL).path
    return f"redis+socket://{path}?virtual_host={database}" if for_celery else f"unix://{path}?db={database}"


# A cache that is away must not make pages slow: they work without it.
_CACHE_TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 1}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _redis_url(2, for_celery=False),
        "OPTIONS": _CACHE_TIMEOUTS,
    }
}

CELERY_BROKER_URL = _redis_url(0, for_celery=True)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "dispatch"
CELERY_TASK_ROUTES = {"apps.board.tasks.*": {"queue": "heavy"}}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Publishing must not hang a request when Redis is away: the sweep repeats what a lost message asked for.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 300, "socket_connect_timeout": 2, "socket_timeout": 10}
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Life cycle of runs --------------------------------------------------------------------------------------

LEASE_S = float(os.environ.get("ZOOBOARD_LEASE_S", "90"))
HEARTBEAT_EVERY_S = float(os.environ.get("ZOOBOARD_HEARTBEAT_EVERY_S", "20"))
SWEEP_EVERY_S = float(os.environ.get("ZOOBOARD_SWEEP_EVERY_S", "5"))
SCHEDULES_EVERY_S = 30.0
AGENT_ONLINE_S = 3 * HEARTBEAT_EVERY_S + 30
MAX_COUNTED_ATTEMPTS = 3
ENROLMENT_CODE_S = 15 * 60
MAX_RESULT_BYTES = 16 * 1024 * 1024
MAX_SUBMISSION_BYTES = 16 * 1024 * 1024
MAX_LOG_BYTES = 1024 * 1024
MAX_JSON_BYTES = 2 * 1024 * 1024
MAX_ARTIFACT_FILE_BYTES = 1024 * 1024 * 1024

CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {
        "task": "apps.runs.tasks.sweep",
        "schedule": SWEEP_EVERY_S,
        "options": {"expires": SWEEP_EVERY_S * 2},
    },
    "start-due-schedules": {
        "task": "apps.runs.tasks.start_due_schedules",
        "schedule": SCHEDULES_EVERY_S,
        "options": {"expires": SCHEDULES_EVERY_S * 2},
    },
    "sweep-results": {
        "task": "apps.results.tasks.sweep",
        "schedule": SWEEP_EVERY_S,
        "options": {"expires": SWEEP_EVERY_S * 2},
    },
}

# --- Accounts and security -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
IS_READING_CLOSED = os.environ.get("ZOOBOARD_READING", "public") == "closed"
TOKEN_CALLS_PER_MIN = {
    "reads": int(os.environ.get("ZOOBOARD_TOKEN_READS_PER_MIN", "1200")),
    "writes": int(os.environ.get("ZOOBOARD_TOKEN_WRITES_PER_MIN", "300")),
}
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "sesame.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "board"
SESAME_MAX_AGE = 15 * 60
SESAME_ONE_TIME = True
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("ZOOBOARD_BEHIND_PROXY") == "1" else None
)
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
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_RESULT_BYTES

# --- Mail ----------------------------------------------------------------------------------------------------

EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
# While developing, mails are printed by the process that sends them.
SENDS_MAIL = bool(EMAIL_HOST) or DEBUG
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "1") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", f"zooboard@{urlsplit(SITE_URL).hostname}")

# --- Files ---------------------------------------------------------------------------------------------------

ARTIFACT_STORAGE = os.environ.get("ARTIFACT_STORAGE", str(STATE_DIR / "artifacts"))
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
VENDOR_DIR = STATE_DIR / "vendor"
STATICFILES_DIRS = [("vendor", VENDOR_DIR)]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": STATE_DIR / "media"}},
    "artifacts": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": ARTIFACT_STORAGE}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- REST ----------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.body.LimitedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.core.api.renderers.ByAddress",
    "URL_FORMAT_OVERRIDE": None,
    # Whose address counts for throttling: the one that our own proxy adds, else the connection's.
    "NUM_PROXIES": 1 if os.environ.get("ZOOBOARD_BEHIND_PROXY") == "1" else 0,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.core.api.errors.exception_handler",
    "DEFAULT_THROTTLE_CLASSES": ["apps.accounts.throttling.PerToken"],
    "DEFAULT_THROTTLE_RATES": {"enrol": "20/min"},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "zooboard",
    "DESCRIPTION": "Benchmark results of model zoos: published tables and measurements, each with its origin. "
    "docs/rest-api.md has examples, and says what may change.",
    "VERSION": "1",
    # The messages are described by pydantic, which says null as 3.1 does.
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["zooboard.openapi.complete"],
}

# --- The rest ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
