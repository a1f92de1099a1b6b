"""What Django reads of an app when it starts."""

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


class RecentConfig(AppConfig):
    name = "snippets.django.philosophy_parts"
    label = "recent"

    def ready(self):  # called once, when all apps are known
        checks.register(remembers)


def remembers(app_configs, **options):
    """For `manage.py check`: is the middleware there?"""
    if f"{RecentConfig.name}.recent.remember" in settings.MIDDLEWARE:
        return []
    said = "recent.remember is not in MIDDLEWARE: nothing is kept."
    return [checks.Warning(said, id="recent.W001")]
