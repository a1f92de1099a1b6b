"""The one Django project behind all Django snippets of the book.

A topic brings what it needs beyond this in its own `SETTINGS`.
"""

import os
from pathlib import Path

import dj_database_url
from django.core.management.utils import get_random_secret_key

from snippets.django.apps import topic_apps

BASE_DIR = Path(__file__).resolve().parents[2]

# A fresh key at every start is fine here: it only ends old sessions.
SECRET_KEY = os.environ.get("SECRET_KEY") or get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]

# In the environment, TOPICS="orm" leaves out all other topics' apps.
TOPICS = os.environ["TOPICS"].split() if "TOPICS" in os.environ else None
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    *topic_apps(TOPICS),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
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
ROOT_URLCONF = "snippets.django.routing"
DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{BASE_DIR}/build/bookshop.sqlite3"
    )
}
