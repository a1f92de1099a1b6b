"""The command that makes a larger book of copies, without building it."""

import ast
import json
import sys
from itertools import islice
from types import SimpleNamespace

import pikepdf
import pytest

from book._core import places
from book._core.chapters import topics
from book._core.frameworks import ROOT
from book._tools import scale


@pytest.mark.parametrize(
    ("topic", "text", "renamed"),
    [
        ("routing", "from snippets.flask.routing import app", "from snippets.flask.routing2 import app"),
        ("routing", "from werkzeug.routing import Rule", "from werkzeug.routing import Rule"),
        ("routing", "from starlette import routing", "from starlette import routing"),
        ("middleware", "from fastapi.middleware import X", "from fastapi.middleware import X"),
        ("middleware", "{source}`file:django/middleware/csrf.py`", "{source}`file:django/middleware/csrf.py`"),
        ("migrations", "(inv:django:std:doc#topics/migrations)", "(inv:django:std:doc#topics/migrations)"),
        ("orm", "snippets/flask/orm.py", "snippets/flask/orm2.py"),
        ("routing", "see [routes](routing.md)", "see [routes](routing.md)"),
        ("orm", "from snippets.django import orm", "from snippets.django import orm2 as orm"),
        ("orm", "from sqlalchemy.orm import Session", "from sqlalchemy.orm import Session"),
        ("orm", "SELECT * FROM orm_book, orm_mode", "SELECT * FROM orm2_book, orm_mode"),
        ("orm", 'Process(f"{framework}/orm")', 'Process(f"{framework}/orm2")'),
        ("orm", 'get_app_config("orm")', 'get_app_config("orm2")'),
        ("orm", "tests/topics/orm/edits.py", "tests/topics/orm2/edits.py"),
        ("templating", '"flask/templating_files"', '"flask/templating2_files"'),
        ("migrations", 'glob("migrations_*/**/*.py")', 'glob("migrations2_*/**/*.py")'),
        ("migrations", 'app.path / "migrations"', 'app.path / "migrations"'),
        ("migrations", "from django.db import migrations", "from django.db import migrations"),
        ("migrations", "migrate catalogue; catalogue_book", "migrate catalogue2; catalogue2_book"),
    ],
)  # fmt: skip
def test_a_copy_has_names_of_its_own(topic, text, renamed):
    assert scale.renaming(topic, f"{topic}2")(text) == renamed


def test_a_copy_has_all_that_the_topic_has(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "index.md").write_text("```{toctree}\nrouting\norm\nlast\n```\n", "utf-8")
    scale.copy_topic(tmp_path, "orm", "orm2")
    made = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*"))
    wanted = [path.relative_to(ROOT).as_posix() for path in places.snippets("orm")]
    wanted += [path.relative_to(ROOT).as_posix() for path in places.tests("orm")]
    assert made == sorted(
        ["book/index.md", "book/orm2.md", *(name.replace("/orm", "/orm2") for name in wanted)]
    )
    assert "routing\norm\norm2\nlast\n" in (tmp_path / "book" / "index.md").read_text("utf-8")
    for path in tmp_path.rglob("*.py"):
        ast.parse(path.read_text("utf-8"))


def test_topics_are_copied_equally_often():
    made = [name for _, name in islice(scale.copies(["orm", "routing"]), 5)]
    assert made == ["orm2", "routing2", "orm3", "routing3", "orm4"]


def test_a_step_is_measured_with_all_its_processes(tmp_path):
    inner = "x = b'x' * 200_000_000"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    cost, code, _ = scale.run([sys.executable, "-c", child], tmp_path)
    assert code == 0
    assert cost.megabytes > 200
    assert cost.cpu > 0
    _, code, said = scale.run([sys.executable, "-c", "raise SystemExit('so it was')"], tmp_path)
    assert (code, said) == (1, "so it was\n")


@pytest.fixture
def steps(monkeypatch, tmp_path):
    """The commands that were `run`, none of which did anything; the one that `fails` may be named."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    (tmp_path / "build" / "scale" / "pdf").mkdir(parents=True)
    pdf.save(tmp_path / "build" / "scale" / "pdf" / "side-by-side.pdf")
    steps = SimpleNamespace(run=[], fails=None)

    def run(command, folder):
        steps.run.append(" ".join(command[2:4]))
        return scale.Cost(1, 2, 3), int(steps.fails in command), "5 passed in 1.00s"

    monkeypatch.setattr(scale, "run", run)
    return steps


def test_tests_editions_and_gates_are_measured(steps, tmp_path):
    figures = scale.measured(tmp_path, gates=True)
    build = "book._tools.build --again"
    assert steps.run == ["pytest -q", build, build, build, "book._tools.gates --twice"]
    assert (figures["pages"], figures["checks"]) == (1, 5)
    assert figures["pdf"] == {"seconds": 1, "cpu": 2, "megabytes": 3}
    assert {"tests", "epub", "html", "gates", "cores", "load"} <= figures.keys()


def test_a_red_step_ends_it_but_a_red_gate_does_not(steps, tmp_path):
    steps.fails = "book._tools.gates"
    assert "gates" in scale.measured(tmp_path, gates=True)
    steps.fails = "epub"
    with pytest.raises(scale.Failed, match="epub failed"):
        scale.measured(tmp_path, gates=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1"], f"there are {len(topics())} topics already"),
        (["99", "--of", "routing", "rooting"], "no topic is called rooting"),
    ],
)
def test_a_book_that_cannot_be_made_is_told(capsys, arguments, said):
    with pytest.raises(SystemExit):
        scale.main(arguments)
    assert said in capsys.readouterr().err


def test_a_folder_that_holds_something_is_left_alone(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert scale.main(["100", "--keep", str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_record_keeps_the_figures_of_other_sizes(tmp_path, monkeypatch):
    monkeypatch.setattr(scale, "RECORD", tmp_path / "scale.json")
    monkeypatch.setattr(scale, "relative", str)
    for number, pages in ((25, 400), (7, 120), (25, 410)):
        scale.record(number, {"pages": pages})
    known = json.loads((tmp_path / "scale.json").read_text("utf-8"))
    assert [(size, figures["pages"]) for size, figures in known.items()] == [
        ("7", 120),
        ("25", 410),
    ]
    assert {"date", "commit"} <= known["7"].keys()
