"""All settings. What a deployment may set is read here; the README lists the variables."""

import hashlib
import os
import secrets
import sys
from pathlib import Path

import dj_database_url
import pyogrio
import shapely
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
MODULES = ROOT / "node_modules"
TESTING = "pytest" in sys.modules


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def number(name: str, default: str, kind=int):
    """A variable that must be a number; one clear sentence where it is none."""
    try:
        return kind(env(name, default))
    except ValueError:
        raise ImproperlyConfigured(f"{name}={env(name)} is no number.") from None


def database(address: str) -> dict:
    """Django's settings of a database address; only PostGIS will do."""
    if not address.startswith("postgis://"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgis://user:password@host/name.")
    found = dj_database_url.parse(address, conn_max_age=None, conn_health_checks=True)
    idle = number("IDLE_TRANSACTION_S", "60")
    if idle and (Path(sys.argv[0]).name == "granian" or "scheduler" in sys.argv[1:]):
        words = f"-c idle_in_transaction_session_timeout={idle}s"
        options = found.setdefault("OPTIONS", {})
        options["options"] = f"{options.get('options', '')} {words}".strip()
    return found


def wheel_library(package, stem: str) -> str:
    """The one shared library of that stem that a wheel brought along."""
    folder = Path(package.__file__).parent.with_name(f"{package.__name__}.libs")
    return str(next(folder.glob(f"{stem}-*.so*")))


def kept_secret(name: str, length: int = 50) -> str:
    """Made once and kept under var/, unless the operator gives one in the environment."""
    if env(name.upper()):
        return env(name.upper())
    path = VAR / name
    if not path.exists():
        VAR.mkdir(exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(length))
    return path.read_text()


def sealing_keys(text: str) -> dict[int, bytes]:
    """Keys of personal fields: "1:secret,2:secret"; a secret alone is key 1. The highest writes."""
    parts = [part if ":" in part else f"1:{part}" for part in text.strip().split(",")]
    pairs = (part.split(":", 1) for part in parts)
    return {int(number): hashlib.sha256(secret.encode()).digest() for number, secret in pairs}


# --- site -------------------------------------------------------------------------------------
SECRET_KEY = kept_secret("secret_key")
SEALING_KEYS = sealing_keys(kept_secret("sealing_keys"))
INDEX_KEY = kept_secret("index_key").encode()
DEBUG = env("DEBUG") == "1"
HOST = env("HOST", "127.0.0.1")
PORT = number("PORT", "8000")
ALLOWED_HOSTS = env("ALLOWED_HOSTS", f"localhost,127.0.0.1,[::1],{HOST}").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in env("CSRF_TRUSTED_ORIGINS").split(",") if origin]
LIVE_URL = env("LIVE_URL")  # empty: the page's own host on the port after its own
VERSION = (ROOT / "CHANGELOG.md").read_text().split("## [")[1].split("]")[0]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.gis",
    "django.contrib.postgres",
    "config.apps.StaticFiles",
    "config.apps.ConfigConfig",
    "rest_framework",
    "rest_framework_gis",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "config.apps.Logins",
    "csp",
    "geo_grid",
    "registry",
    "incidents",
    "fieldwork",
    "hotspots",
    "gridmaps",
    "screens",
]

MIDDLEWARE = [
    "core.measures.measured",
    "core.addresses.StorableAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "config.door.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.door.IdleSessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.door.LoginLimit",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "screens.navigation.pages",
            ]
        },
    }
]

# --- database ---------------------------------------------------------------------------------
PRIVATE = f"postgis://gridkeeper@{str(VAR / 'run').replace('/', '%2F')}/gridkeeper"
DATABASES = {"default": database(env("DATABASE_URL", PRIVATE))}
GDAL_LIBRARY_PATH = env("GDAL_LIBRARY_PATH") or wheel_library(pyogrio, "libgdal")
GEOS_LIBRARY_PATH = env("GEOS_LIBRARY_PATH") or wheel_library(shapely, "libgeos_c")

# --- ground -----------------------------------------------------------------------------------
METRIC_SRID = number("METRIC_SRID", "4545")  # CGCS2000 / 3-degree Gauss-Krüger, 108°E
PREPARED = env("PREPARED", "1") == "1"
# How long a process keeps categories and limits before it reads them again.
REFERENCE_SECONDS = number("REFERENCE_SECONDS", "0" if TESTING else "5", float)
NEAREST_TOLERANCE_M = number("NEAREST_TOLERANCE_M", "20", float)
HOME_DISTRICT = env("HOME_DISTRICT", "610403")  # where a report outside all cells waits
HOME_NAMES = [  # how addresses of our ground begin; any other province, city, district is elsewhere
    *filter(None, env("HOME_NAMES", "陕西省,咸阳市,杨凌示范区,杨陵区").split(","))
]
ADDRESS_RESOLVER = env("ADDRESS_RESOLVER", "geo_grid.gazetteer.known_places")
DEMO_PASSWORD = env("DEMO_PASSWORD", "yangling2026")

# --- maps -------------------------------------------------------------------------------------
TILE_MEMORY_BYTES = int(env("TILE_MEMORY_MB", "64")) * 1024 * 1024  # of finished tiles a process
BASE_MAPS = Path(env("BASE_MAPS") or VAR / "basemaps")
BASE_MAP_MAX_BYTES = int(env("BASE_MAP_MAX_MB", "4096")) * 1024 * 1024
TIANDITU_URL = env("TIANDITU_URL", "https://t0.tianditu.gov.cn")
TIANDITU_KEY = env("TIANDITU_KEY")  # empty: there is no Tianditu base map

# --- accounts ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "geo_grid.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "geo_grid.authentication.PostBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/command/"
LOGOUT_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "core.throttles.client_address"
AXES_LOCKOUT_CALLABLE = "config.door.locked_out"
AXES_VERBOSE = False
SESSION_COOKIE_AGE = int(number("SESSION_HOURS", "12", float) * 3600)  # without a request
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if env("HTTPS") == "1" and env("PROXIES", "0") != "0":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env("HTTPS") == "1"
SECURE_HSTS_SECONDS = number("HSTS_SECONDS", "31536000") if env("HTTPS") == "1" else 0
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CONTENT_SECURITY_POLICY = {  # `config.door` adds the live stream; three documents state their own
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],  # MapLibre makes its worker itself
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY = {
    "camera": [],
    "display-capture": [],
    "fullscreen": "self",
    "geolocation": "self",
    "microphone": [],
    "midi": [],
    "payment": [],
    "usb": [],
}

# --- API --------------------------------------------------------------------------------------
MAX_JSON_BYTES = 64 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "geo_grid.authentication.ApiTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["core.http.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.http.ProblemRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["core.throttles.AskerThrottle", "core.throttles.ScopeThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env("RATE_ANONYMOUS", "60/min"),  # of one network address
        "login": env("RATE_LOGIN", "30/min"),  # names and passwords of one network address
        "user": env("RATE_USER", "6000/min"),  # of an account at its screens
        "token": env("RATE_TOKEN", "60000/min"),  # of another system: a whole hotline
        "search": env("RATE_SEARCH", "120/min"),
        "export": env("RATE_EXPORT", "60/min"),
        "upload": env("RATE_UPLOAD", "60/min"),
        "compute": env("RATE_COMPUTE", "60/min"),  # plans: proposals, checks, impact; hot spots
        "reveal": env("RATE_REVEAL", "30/min"),  # and 20 an hour by the service itself
    },
    "NUM_PROXIES": number("PROXIES", "0"),  # X-Forwarded-For is believed of so many and no more
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.http.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gridkeeper 网格化管理一张网",
    "DESCRIPTION": _("Reports, cells and who answers for them. Errors are RFC 9457 problems."),
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

MEDIA_ROOT = env("MEDIA_ROOT") or VAR / "media"  # photos and papers of cases; served by scope only

# --- messages to reporters ----------------------------------------------------------------------
OUTBOX = VAR / "outbox.jsonl"  # where messages go while there is no gateway and no mail server
SMS_GATEWAY, SMS_TOKEN = env("SMS_GATEWAY"), env("SMS_TOKEN")
EMAIL_HOST, EMAIL_PORT = env("SMTP_HOST"), int(env("SMTP_PORT", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env("SMTP_USER"), env("SMTP_PASSWORD")
EMAIL_USE_TLS, EMAIL_TIMEOUT = env("SMTP_TLS") == "1", 10
MAIL_FROM = env("MAIL_FROM", "gridkeeper@localhost")
SIMILAR_METRES = float(env("SIMILAR_METRES", "100"))  # how near a possible duplicate lies
SIMILAR_DAYS = int(env("SIMILAR_DAYS", "84"))  # and how old it is at most
CALL_WITHIN_DAYS = int(env("CALL_WITHIN_DAYS", "3"))  # the follow-up call after closing

# --- language and time ------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "core" / "locale"]  # core is no app; every other package holds its own
USE_I18N = True
USE_TZ = True
TIME_ZONE = env("TIME_ZONE", "Asia/Shanghai")

# --- static files -----------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env("STATIC_ROOT") or VAR / "static"
STATICFILES_DIRS = [
    (f"npm/{name}", MODULES / name / "dist")
    for name in (
        "echarts",
        "leaflet",
        "maplibre-gl",
        "terra-draw",
        "terra-draw-maplibre-gl-adapter",
    )
]
STORAGES = {
    "default": {"BACKEND": "core.files.WholeFiles", "OPTIONS": {"allow_overwrite": True}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "config.apps.Storage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_AUTOREFRESH = TESTING  # else every client of a test reads all folders
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    "tianditu": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR / "tianditu",
        "TIMEOUT": 30 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}

# --- figures for Prometheus -------------------------------------------------------------------
METRICS_TOKEN = env("METRICS_TOKEN")  # empty: only this machine reads /metrics
METRICS_FOLDER = env("PROMETHEUS_MULTIPROC_DIR")  # where processes add up; `serve` makes one
if METRICS_FOLDER and not Path(METRICS_FOLDER).is_dir():
    raise ImproperlyConfigured(f"PROMETHEUS_MULTIPROC_DIR={METRICS_FOLDER} is no folder.")

# --- logs: no bodies, no parameters, no names -------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "gridkeeper": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "axes": {"level": "ERROR"},
        "urllib3": {"level": "INFO"},  # below that it writes addresses, with a key in them
    },
}
