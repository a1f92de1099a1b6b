"""The project's own apps: a topic with models is one, found by itself.

An app is usually a package with its models in a module `models`. Here a
topic is one file, models and views together, and its AppConfig says so.
Its label, which stands in front of its tables' names, is the topic's
name, so two topics may both have a `Book`. A topic that needs more
than a file has an app as `startapp` makes it, in `<topic>_app`.
"""

import re
from importlib import import_module
from pathlib import Path

from django.apps import AppConfig

HOME = Path(__file__).parent
MODEL = re.compile(r"^class \w+\([^)]*\bmodels\.Model\b", re.MULTILINE)


class Topic(AppConfig):
    """An app in a single file; its label is the name of the file."""

    # Django imports this at once, but a model can be made only after
    # all apps are known. So this is the package, without any models.
    name = __package__

    def __init__(self, package, module):
        super().__init__(f"{package}.{self.label}", module)

    def import_models(self):
        super().import_models()
        self.models_module = import_module(self.name)


def __getattr__(topic):
    """`apps.orm` is the AppConfig of the topic `orm`."""
    if (HOME / f"{topic}.py").exists():
        return type(topic, (Topic,), {"label": topic})
    raise AttributeError(topic)


def topic_apps(topics=None):
    """For INSTALLED_APPS: the apps of these topics, or of all."""
    if topics is None:
        topics = sorted(path.stem for path in HOME.glob("*.py"))
    found = []
    for topic in topics:
        if (HOME / f"{topic}_app").is_dir():
            found.append(f"{__package__}.{topic}_app")
        elif MODEL.search((HOME / f"{topic}.py").read_text("utf-8")):
            found.append(f"{__name__}.{topic}")
    return found
