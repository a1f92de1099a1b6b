"""Django keeps much once for a process, and topics share one: none may meet what another left."""

import pytest

from tests.machine import small_book

SINGLE_FILES = ("shelf", "stack")
APPS = ("cart", "order")

SINGLE_FILE = '''"""Books of a {topic}.

>>> Book.__name__
'Book'
"""

from django.contrib import admin
from django.core.checks import Info, register
from django.core.signals import request_started
from django.db import models
from django.dispatch import receiver
from django.http import JsonResponse
from django.urls import path, register_converter

heard = []


class Book(models.Model):
    title = models.CharField(max_length=9)


class ISBN:
    regex = "{topic}"

    def to_python(self, text):
        return text

    def to_url(self, value):
        return value


register_converter(ISBN, "isbn")
admin.site.register(Book)


@receiver(request_started)
def note(**named):
    heard.append("{topic}")


@register()
def check(**named):
    return [Info("{topic}")]


def show(request, isbn):
    Book.objects.create(title=isbn)
    titles = [book.title for book in Book.objects.all()]
    return JsonResponse({{"titles": titles, "table": Book._meta.db_table}})


urlpatterns = [path("<isbn:isbn>", show)]
'''
SINGLE_FILE_TEST = """
from django.contrib import admin
from django.core.checks import run_checks


def test_has_its_own_table_and_converter(client):
    assert client.get("/{other}").status_code == 404
    assert client.get("/{topic}").json() == {{"titles": ["{topic}"], "table": "{topic}_book"}}


def test_hears_its_own_requests(client, snippet):
    client.get("/{topic}")
    assert snippet.heard == ["{topic}"]


def test_the_admin_has_its_own_models_beside_djangos(snippet):
    labels = {{model._meta.label for model in admin.site._registry}}
    assert labels == {{"auth.User", "auth.Group", "{topic}.Book"}}


def test_is_checked_alone(snippet):
    assert [found.msg for found in run_checks() if found.msg in ("{topic}", "{other}")] == ["{topic}"]
"""
APP = '''"""A {topic}.

>>> 1 + 1
2
"""

from django.shortcuts import render
from django.urls import path

from snippets.django.{topic}_app.models import Book

urlpatterns = [path("", lambda request: render(request, "list.html", {{"book": Book(title="x")}}))]
'''
APP_FILES = {
    "__init__.py": "",
    "models.py": "from django.db import models\n\n\nclass Book(models.Model):\n"
    "    title = models.CharField(max_length=9)\n",
    "apps.py": "from django.apps import AppConfig\n\n\nclass Config(AppConfig):\n"
    "    name = 'snippets.django.{topic}_app'\n    label = '{topic}'\n",
    "templates/list.html": "{{% load shop %}}{topic} {{% name %}}",
    "templatetags/__init__.py": "",
    "templatetags/shop.py": "from django import template\n\nregister = template.Library()\n\n\n"
    "@register.simple_tag\ndef name():\n    return '{topic}'\n",
}
APP_TEST = """
def test_has_its_own_template_and_tag(client):
    assert client.get("/").text == "{topic} {topic}"


def test_has_its_own_table(snippet):
    assert snippet.Book.objects.create(title="x")._meta.db_table == "{topic}_book"
"""


def write(folder, name, text):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A small book whose topics take the same names of everything."""
    folder = small_book.make(tmp_path_factory.mktemp("small-book"))
    small_book.change(
        folder,
        [
            [
                "snippets/django/settings.py",
                '    "django.contrib.auth",\n',
                '    "django.contrib.admin",\n    "django.contrib.auth",\n',
            ]
        ],
    )
    for topics, snippet, test in (
        (SINGLE_FILES, SINGLE_FILE, SINGLE_FILE_TEST),
        (APPS, APP, APP_TEST),
    ):
        for topic, other in (topics, topics[::-1]):
            write(folder, f"snippets/django/{topic}.py", snippet.format(topic=topic))
            tests = f"tests/topics/{topic}/test_django.py"
            write(folder, tests, test.format(topic=topic, other=other))
    for topic in APPS:
        for name, text in APP_FILES.items():
            write(folder, f"snippets/django/{topic}_app/{name}", text.format(topic=topic))
    return folder


def run_tests(book):
    return small_book.run(book, "pytest", "-q", "--no-evidence", "tests", "snippets")


def test_topics_may_take_the_same_names(book):
    """Models, tables, converters, admin, signals, checks, templates and tags, in any order"""
    for _ in range(2):
        run = run_tests(book)
        assert run.returncode == 0, run.stdout
        assert "passed" in run.stdout


def failed(run):
    """The tests and files that a run calls red."""
    lines = [
        line.split()[1] for line in run.stdout.splitlines() if line[:6] in ("FAILED", "ERROR ")
    ]
    return {line.partition("::")[0] for line in lines}


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "snippets/django/stack.py",
            "class Book(models.Model):",
            "class Book(models.Model)",
            "snippets/django/stack.py:18: SyntaxError: expected ':'",
        ),
        (
            "snippets/django/stack.py",
            "heard = []",
            "heard = [][0]",
            "snippets/django/stack.py:15: IndexError: list index out of range",
        ),
        (
            "snippets/django/order_app/models.py",
            "CharField(max_length=9)",
            "CharacterField()",
            "snippets/django/order_app/models.py:5: AttributeError: module 'django.db.models' has "
            "no attribute 'CharacterField'",
        ),
    ],
)
def test_a_broken_topic_is_red_alone_and_in_few_words(book, file, old, new, words):
    content = (book / file).read_bytes()
    small_book.change(book, [[file, old, new]])
    try:
        run = run_tests(book)
    finally:
        (book / file).write_bytes(content)
    topic = "stack" if "stack" in file else "order"
    assert failed(run) == {f"snippets/django/{topic}.py", f"tests/topics/{topic}/test_django.py"}
    assert words in run.stdout
    assert "importlib" not in run.stdout
    assert "Traceback" not in run.stdout
    said = run.stdout.partition("= ERRORS =")[2].partition("short test summary")[0]
    assert len(said.splitlines()) < 25, said
