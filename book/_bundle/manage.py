"""The Django project around this topic: `python manage.py runserver`."""

import os
import sys
from importlib import import_module

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.management import execute_from_command_line
from django.test import override_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "snippets.django.settings")
os.environ.setdefault("DATABASE_URL", "sqlite:///bookshop.sqlite3")
django.setup()

# The topic's own settings hold as they do in the book's tests.
topic = import_module("snippets.django.TOPIC")
own = {"ROOT_URLCONF": topic.__name__, **getattr(topic, "SETTINGS", {})}
if "INSTALLED_APPS" in own:
    own["INSTALLED_APPS"] = [*settings.INSTALLED_APPS, *own["INSTALLED_APPS"]]
override_settings(**own).enable()

application = getattr(topic, "application", None) or get_asgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
