"""Start a topic: `python -m book._tools.new caching` writes a chapter, three snippets, a contract.

The skeleton passes: from there on, change the contract until it is red for the right reason.
"""

import importlib.util
import re
import sys
from pathlib import Path

from book._core.chapters import BOOK, parts, topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative

FLASK = '''"""{title} in Flask: say the essence in one sentence.

>>> from snippets.flask.{topic} import app
>>> app.test_client().get("/books/1").json
{{'id': 1, 'title': 'Dune'}}
"""

from flask import Flask

app = Flask(__name__)


# region: first-region
@app.get("/books/<int:book_id>")
def show_book(book_id):
    return {{"id": book_id, "title": "Dune"}}
# endregion: first-region
'''

FASTAPI = '''"""{title} in FastAPI: say the essence in one sentence.

>>> from fastapi.testclient import TestClient
>>> from snippets.fastapi.{topic} import app
>>> TestClient(app).get("/books/1").json()
{{'id': 1, 'title': 'Dune'}}
"""

from fastapi import FastAPI

app = FastAPI()


# region: first-region
@app.get("/books/{{book_id}}")
def show_book(book_id: int):
    return {{"id": book_id, "title": "Dune"}}
# endregion: first-region
'''

DJANGO = '''"""{title} in Django: say the essence in one sentence.

>>> from django.test import Client, override_settings
>>> with override_settings(ROOT_URLCONF="snippets.django.{topic}"):
...     Client().get("/books/1").json()
{{'id': 1, 'title': 'Dune'}}
"""

from django.http import JsonResponse
from django.urls import path


# region: first-region
def show_book(request, book_id):
    return JsonResponse({{"id": book_id, "title": "Dune"}})


urlpatterns = [path("books/<int:book_id>", show_book)]
# endregion: first-region
'''

CONTRACT = '''"""Contract of the chapter on {words}."""

from tests.harness.differs import differs


def test_shows_one_book(client):
    response = client.get("/books/1")
    assert response.status_code == 200
    assert response.json() == {{"id": 1, "title": "Dune"}}


@differs(flask=404, fastapi=422, django=404)
def test_a_word_where_a_number_belongs(client, expected):
    """`GET /books/dune`: a word where a number belongs"""
    assert client.get("/books/dune").status_code == expected
'''

CHAPTER = """---
question: What does a reader who opens this page want to know?
glance:
  flask: One sentence.
  fastapi: One sentence.
  django: One sentence.
try: /books/1
---

# {title}

Say the surprising thing first.

## One idea

Two or three sentences.

```{{compare}} first-region
```

```{{exchange}} test_shows_one_book
```

## Where they differ

Each row is a test of this chapter. A marked cell differs from both others.

```{{differences}}
```

## Pitfalls and security

- Each statement is shown by a test of this chapter.

## Coming from another framework

**From Flask.** What you trip over in the other two.

**From FastAPI.** What you trip over in the other two.

**From Django.** What you trip over in the other two.

## Checked in this chapter

```{{checked}}
```

## Official documentation

- Flask: [a page](inv:flask:std:doc#quickstart)
- FastAPI: [a page](https://fastapi.tiangolo.com/)
- Django: [a page](inv:django:std:doc#topics/index)

## The whole programs

```{{compare}}
```
"""

SNIPPETS = {"flask": FLASK, "fastapi": FASTAPI, "django": DJANGO}


class BadName(ValueError):
    """The topic cannot be called so. The message says why, and what a good name is."""


def check(topic: str) -> None:
    """BadName unless `topic` is free and safe as the name of a chapter and of modules."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", topic):
        raise BadName(f"'{topic}' is no topic's name: use lower case words_like_these")
    if topic in topics() or (BOOK / f"{topic}.md").exists():
        raise BadName(f"'{topic}' exists already; topics: {', '.join(topics())}")
    if topic in sys.stdlib_module_names:
        raise BadName(f"'{topic}' is a module of Python, which the snippet would hide; say more")
    if any(topic in framework.project for framework in FRAMEWORKS.values()):
        raise BadName(f"'{topic}' is a file of the Django project behind the snippets")
    spec = importlib.util.find_spec(topic)
    if spec is not None:
        raise BadName(f"'{topic}' is an installed module ({spec.origin}); choose another name")


def files(topic: str) -> dict[Path, str]:
    """The five files of a new topic and what stands in them."""
    words = topic.replace("_", " ")
    values = {"topic": topic, "words": words, "title": words.capitalize()}
    contents = {
        BOOK / f"{topic}.md": CHAPTER,
        ROOT / "tests" / "topics" / topic / "test_contract.py": CONTRACT,
        **{FRAMEWORKS[name].snippet(topic): text for name, text in SNIPPETS.items()},
    }
    return {path: text.format(**values) for path, text in contents.items()}


def place_in_book(topic: str) -> None:
    """Name the chapter in the landing page's toctrees, after the last topic."""
    index = BOOK / "index.md"
    lines = index.read_text("utf-8").splitlines(keepends=True)
    named = {name for names in parts().values() for name in names}
    known = named & set(topics()) or named
    last = max((n for n, line in enumerate(lines) if line.strip() in known), default=None)
    if last is None:
        raise BadName("book/index.md has no toctree with a chapter to stand after")
    lines.insert(last + 1, f"{topic}\n")
    index.write_text("".join(lines), "utf-8")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: nox -s new -- TOPIC, for example: nox -s new -- caching", file=sys.stderr)
        return 2
    topic = arguments[0]
    try:
        check(topic)
        place_in_book(topic)
    except BadName as error:
        print(error, file=sys.stderr)
        return 2
    for path, text in files(topic).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {relative(path)}")
    print(
        "wrote its place into book/index.md; move the line where the chapter belongs\n\n"
        f"Next: the contract, until it is red for the right reason: nox -s tests -- --topic {topic}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
