"""The shop's settings: a module that runs once in a process."""

from . import config

SECRET_KEY = config.read_key()
SECRET_KEY_FALLBACKS = config.read_fallbacks()
DEBUG = config.read_flag("DEBUG")
PAGE_SIZE = config.read_number("PAGE_SIZE", 20)  # the shop's own

ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = ["books"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,  # in the folder `templates` of each app
    }
]
ROOT_URLCONF = "bookshop.urls"
WSGI_APPLICATION = "bookshop.wsgi.application"
TIME_ZONE = "UTC"  # else it is Chicago's
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
