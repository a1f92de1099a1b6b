"""Mutation testing: which faults are planted, and that a fault counts only for what it did."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import pytest

from book._core import evidence, places
from book._core.chapters import topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative
from book._tools.mutate import equivalents, report, select
from book._tools.mutate.__main__ import main
from book._tools.mutate.faults import Fault, plant
from book._tools.mutate.fork import Target
from book._tools.mutate.order import Order
from book._tools.mutate.run import KILLED, SURVIVED, TIMED_OUT, MutationError, Result
from tests.harness.processes import running


def faults(source, kind=None, framework="flask"):
    """What the planter makes of the lines of `source`: all, or those of one kind."""
    planted = plant("some.py", source, framework)
    return [fault.mutated for fault in planted if kind in (None, fault.kind)]


@pytest.mark.parametrize(
    ("kind", "source", "mutated"),
    [
        ("decorator", "@a\n@b(1)\ndef f(): ...\n", ["", ""]),
        ("keyword", "f(1, a=2)", ["f(1)"]),
        ("keyword", "f(a=1, b=(2),)", ["f(b=(2),)", "f(a=1,)"]),
        ("keyword", "f(*a, **b)", ["f(*a)"]),
        ("keyword", "class C(B, total=False): ...", ["class C(B): ..."]),
        ("element", "[a, (b), c]", ["[(b), c]", "[a, c]", "[a, (b)]"]),
        ("element", "{'a': 1, **b}", ["{**b}", "{'a': 1}"]),
        ("element", "x = (a, b)", ["x = (a,)", "x = (b,)"]),
        ("element", "x = a,", ["x = ()"]),
        ("element", "def f():\n    return {}, 404", ["    return 404", "    return {}"]),
        ("number", "f(1, 2.5, True)", ["f(2, 2.5, True)", "f(1, 3.5, True)", "f(1, 2.5, False)"]),
        ("status code", "abort(404)", ["abort(405)"]),
        ("status code", "f(status=201)", ["f(status=202)"]),
        ("status code", "HTTPStatus.NOT_FOUND", ["HTTPStatus.IM_A_TEAPOT"]),
        ("status code", "status.HTTP_404_NOT_FOUND", ["status.HTTP_418_IM_A_TEAPOT"]),
        ("string", "f('é', '')", ["f('XXé', '')", "f('é', 'XX')"]),
        ("string", 'f(rb"""a""")', ['f(rb"""XXa""")']),
        ("string", "f'a{b:>3}{c}'", ["f'XXa{b:>3}{c}'", "f'a{b}{c}'"]),
        ("string", "'a' f'{b}' 'c'", ["'XXa' f'{b}' 'c'", "'a' f'{b}' 'XXc'"]),
        ("route", "@a.get('/x')\ndef f(): ...", ["@a.get('/xx')"]),
        ("route", "path('x/<int:y>', v)", ["path('x/<y>', v)", "path('x/<int:y>x', v)"]),
        ("route", "@a.get('/{y:path}')\ndef f(): ...", ["@a.get('/{y}')", "@a.get('/{y:path}x')"]),
        ("route", "books.get('title')", []),
        ("comparison", "a < b", ["a <= b", "a >= b"]),
        ("comparison", "a not in b", ["a in b"]),
        ("comparison", "a == b is c", ["a != b is c", "a == b is not c"]),
        ("operator", "(a) + b", ["(a) - b"]),
        ("operator", "a -= -b", ["a += -b", "a -= b"]),
        ("boolean", "a and (b)", ["(b)", "a or (b)", "a"]),
        ("boolean", "not a", ["a"]),
        ("condition", "if a: f()", ["if not (a): f()"]),
        ("condition", "if a == b: f()", []),
        ("condition", "[a for a in b if c]", ["[a for a in b if not (c)]"]),
        ("statement", "def f():\n    a = 1\n    return", ["    pass", "    pass"]),
        ("statement", "def f():\n    raise E", ["    pass"]),
        ("return", "def f():\n    return a", ["    return None"]),
        ("return", "lambda a: (a)", ["lambda a: None"]),
        ("await", "async def f():\n    await (g())", ["    (g())"]),
        ("handler", "try: f()\nexcept (A, B): g()", ["except (): g()"]),
        ("context", "with lock: f()", ["if True: f()"]),
        ("context", "with a() as b: f()", []),
        ("default", "def f(a, b=1): ...", ["def f(a, b=2): ..."]),
        ("default", "def f(*, a=(), b): ...", ["def f(*, a=None, b): ..."]),
        ("default", "lambda a=None: 1", ['lambda a="XX": 1']),
    ],
)
def test_plants(kind, source, mutated):
    assert faults(source, kind) == mutated


@pytest.mark.parametrize(
    "source",
    [
        '"""Docstring."""',
        'class C:\n    """Docstring."""\n    # comment',
        "def f(a: int = ...) -> list[str]:\n    ...",
        "import a\nfrom b import c",
        "x: int",
        "class C:\n    x: int",
        'if __name__ == "__main__":\n    app.run(port=80)',
        "if TYPE_CHECKING:\n    A = 1",
    ],
)
def test_plants_nothing_where_nothing_happens(source):
    assert faults(source) == []


FASTAPI = """
    type Page = Annotated[int, Query(ge=1)]

    def paging(limit: int | None = None): ...

    @app.get("/")
    def show(kind: Literal["a"], page: Annotated[P, Depends(paging), "x"]) -> Book: ...

    class Book(BaseModel):
        title: str

    def helper(a: int) -> str: ...
"""


def test_annotations_are_faults_where_fastapi_acts_on_them():
    lines = dedent(FASTAPI)
    assert faults(lines, "annotation", "fastapi") == [
        "type Page = int",
        "type Page = Annotated[str, Query(ge=1)]",
        "def paging(limit: str | None = None): ...",
        "def paging(limit: int = None): ...",
        'def show(kind: Literal["a"], page: Annotated[P, "x"]) -> Book: ...',
        'def show(kind: Literal["a"], page: Annotated[P, Depends(paging)]) -> Book: ...',
        'def show(kind: Literal["a"], page: Annotated[P, Depends(paging), "x"]): ...',
        "    title: int",
    ]
    assert "type Page = Annotated[int, Query(ge=2)]" in faults(lines, "number", "fastapi")
    assert faults(lines, "string", "fastapi") == [
        'def show(kind: Literal["XXa"], page: Annotated[P, Depends(paging), "x"]) -> Book: ...'
    ]
    assert faults(lines, "annotation", "flask") == []


def test_a_fault_knows_its_place_and_its_lines():
    (fault,) = plant("a.py", "# é\nclass C:\n    @b\n    def f(self): ...\n", "flask")
    assert (fault.line, fault.where, fault.original) == (3, "C.f", "    @b")
    assert fault.text == "# é\nclass C:\n    def f(self): ...\n"


def test_a_fault_that_is_no_python_is_none():
    source = "def f():\n    x = 1\n    def g():\n        nonlocal x\n    return g\n"
    assert "    pass" not in faults(source)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_fault_is_a_program_that_means_something_else(name):
    path = FRAMEWORKS[name].snippet("routing")
    text = path.read_text("utf-8")
    planted = plant(relative(path), text, name)
    meanings = [ast.dump(ast.parse(fault.text)) for fault in planted]
    assert ast.dump(ast.parse(text)) not in meanings
    assert len(set(meanings)) == len(meanings)


# Results


def results(**states):
    """Results by name of the topic; each letter is a fault: killed, survived, timed out."""
    states_by_letter = {"k": KILLED, "s": SURVIVED, "t": TIMED_OUT}
    found = []
    for topic, letters in states.items():
        file = f"snippets/flask/{topic}.py"
        target = Target(topic, "flask", (file,), (f"tests/topics/{topic}/test_contract.py",))
        source = [f"a = {2 * number}\n" for number in range(len(letters))]
        for number, letter in enumerate(letters):
            old, new = f"a = {2 * number}", f"a = {2 * number + 1}"
            text = "".join([*source[:number], f"{new}\n", *source[number + 1 :]])
            fault = Fault(file, "number", number + 1, "", old, new, text)
            found.append(Result(target, fault, states_by_letter[letter], "", 0.1))
    return found


def entry(**changes):
    known = {"file": "snippets/flask/routing.py", "original": "a = 0", "mutated": "a = 1"}
    return equivalents.Equivalent(**{**known, "reason": "Nobody reads it.", **changes})


def test_scores_count_what_could_be_noticed():
    found = results(routing="skkt", orm="kk")
    excused = equivalents.excused(found, [entry()])
    assert str(report.score(found, {})) == "5/6 83.3 %"
    assert str(report.score(found, excused)) == "5/5 100.0 %"
    assert report.table(found, excused).splitlines() == [
        "         Flask        all",
        "orm      2/2 100.0 %  2/2 100.0 %",
        "routing  3/3 100.0 %  3/3 100.0 %",
        "all      5/5 100.0 %  5/5 100.0 %",
    ]
    assert report.totals(found, excused, 3).startswith(
        "6 faults: 4 killed, 0 survived, 1 timed out, 1 equivalent; 3 s"
    )


def test_both_bars_count():
    assert report.missed(results(routing="k" * 97 + "sss"), {}) == []
    weak_topic = results(routing="k" * 300, orm="k" * 9 + "s")
    assert report.missed(weak_topic, {}) == [
        "orm: 9/10 90.0 % of the faults are noticed; the bar is 93 %"
    ]
    weak_all = results(routing="k" * 95 + "s" * 5)
    assert report.missed(weak_all, {}) == [
        "all in all 95/100 95.0 % of the faults are noticed; the bar is 97 %"
    ]


def test_survivors_are_shown_as_diffs_and_the_excused_with_their_reason():
    found = results(routing="sskt")
    texts = {"snippets/flask/routing.py": "a = 0\na = 2\na = 4\na = 6\n"}
    shown = report.findings(found, equivalents.excused(found, [entry()]), texts)
    assert shown.splitlines()[0] == (
        "equivalent: snippets/flask/routing.py:1 (number): Nobody reads it."
    )
    assert "timed out: snippets/flask/routing.py:4 (number): a = 7" in shown
    assert shown.endswith("@@ -1,3 +1,3 @@\n a = 0\n-a = 2\n+a = 3\n a = 4")
    assert "-a = 4" not in shown


def test_the_record_is_the_same_for_the_same_results():
    def recorded(found):
        return report.record(found, {}, date="2026-11-22", files={"snippets/flask/orm.py": "0f"})

    found = results(orm="ks")
    text = recorded(found)
    assert recorded(list(reversed(found))) == text
    assert text.endswith("}\n")
    assert json.loads(text)["faults"] == {
        "flask": {"faults": 2, "killed": 1, "timed_out": 0, "survived": 1, "equivalent": 0}
    }


@pytest.mark.parametrize(
    ("file", "frameworks"),
    [
        ("tests/topics/orm/test_contract.py", ("flask", "fastapi", "django")),
        ("tests/topics/orm/test_django.py", ("django",)),
        ("snippets/fastapi/orm.py", ("fastapi",)),
    ],
)
def test_what_has_changed_is_what_is_not_as_it_was_recorded(
    file, frameworks, tmp_path, monkeypatch
):
    monkeypatch.setattr(places, "RECORDS", tmp_path)
    names = ["orm", "routing"]
    assert select.changed(names) == dict.fromkeys(names, (*FRAMEWORKS,))
    for name in names:
        record(name, evidence.hashes(name))
    assert select.changed(names) == {}
    record("orm", {**evidence.hashes("orm"), file: "another"})
    assert select.changed(names) == {"orm": frameworks}


def record(topic, files):
    path = places.record(topic, report.NAME)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"files": files}), "utf-8")


# Equivalent faults


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, []),
        ({"original": "  a = 0\n", "mutated": "  a = 1\n", "where": ""}, []),
        ({"file": "snippets/flask/other.py"}, ["snippets/flask/other.py is gone: remove"]),
        ({"file": "snippets/django/routing.py"}, []),
        ({"original": "a = 00"}, ["no fault is 'a = 00' → 'a = 1'; the nearest lines are 'a = 0'"]),
        ({"original": "?"}, ["no lines there look like it: remove the entry"]),
        ({"where": "f"}, ["no fault is"]),
        ({"original": "a = 2", "mutated": "a = 3"}, ["py:2: 'a = 2' → 'a = 3' is noticed after"]),
    ],
)
def test_a_stale_entry_is_said_to_be(changes, problem):
    problems = equivalents.stale(results(routing="sk"), [entry(**changes)], ROOT)
    assert len(problems) == len(problem)
    assert all(words in said for words, said in zip(problem, problems, strict=True))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[equivalent]]\nfile = 'a'\noriginal = 'b'\nmutated = ''", "entry 1 lacks 'reason'; it"),
        ("[[equivalent]]\nline = 3", "has 'line'; it needs file, mutated, original, reason and"),
        ("[[equal]]", "unknown equal; it has [[equivalent]] only"),
        ("[[", "equivalent.toml: "),
        (
            "[[equivalent]]\nfile = 'snippets/flask/orm.py'\noriginal = 'a'\nmutated = 'b'\n"
            "reason = 'c'",
            "equivalent.toml: snippets/flask/orm.py is no file of 'routing'",
        ),
    ],
)
def test_a_wrong_list_is_refused(text, problem):
    with pytest.raises(MutationError) as refused:
        equivalents.parse(text, "equivalent.toml", "routing")
    assert problem in str(refused.value)


def test_the_lists_of_the_book_name_files_that_exist_and_lines_that_are_in_them():
    entries = equivalents.of(topics())
    planted = {
        file: plant(file, (ROOT / file).read_text("utf-8"), file.split("/")[1])
        for file in {each.file for each in entries}
    }
    for each in entries:
        target = Target("", "", (each.file,), ())
        found = (Result(target, fault, SURVIVED, "", 0) for fault in planted[each.file])
        assert any(map(each.matches, found)), each


# The command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no_such_topic"], "no topic is called 'no_such_topic'; topics: "),
        (["--record", "--framework", "flask"], "a record is about whole topics: leave out"),
    ],
)
def test_a_wrong_command_says_what_would_be_right(capsys, arguments, said):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_faults_can_be_listed_without_running_any(capsys):
    assert main(["routing", "--framework", "flask", "--list"]) == 0
    assert "snippets/flask/routing.py:" in capsys.readouterr().out


# The order of the tests


SPANS = """\
@a
def f(x):
    y = (
        x + 1)
    return y
class C:
    z = 1
    def g(self): return 2
LIMIT = 10
"""


@pytest.mark.parametrize(
    ("line", "mutated", "spans"),
    [
        (1, "", ((1, 5),)),
        (4, "        x + 2)", ((4, 4), (1, 5))),
        (5, "    return None", ((5, 5), (1, 5))),
        (7, "    z = 2", ((6, 8),)),
        (8, "    def g(self): return 3", ((8, 8), (8, 8))),
        (9, "LIMIT = 11", ((9, 9),)),
    ],
)
def test_a_fault_knows_whose_lines_may_notice_it(line, mutated, spans):
    planted = plant("a.py", SPANS, "flask")
    (fault,) = (each for each in planted if (each.line, each.mutated) == (line, mutated))
    assert fault.spans == spans


class Item(SimpleNamespace):
    """As much of a test as its order asks for."""


def sorted_by(order, *names):
    items = [Item(nodeid=name, path=name.partition("::")[0]) for name in names]
    order.sort(items)
    return [item.nodeid for item in items]


def test_who_ran_the_lines_of_a_fault_goes_first_and_the_latest_to_notice_before_the_quick():
    order = Order([Path("s.py")])
    order.learn(({"s.py": {3: ["a::one", "b::two"], 4: ["b::slow"]}}, {"b::slow": 2, "b::two": 1}))
    tests = ("a::none", "b::slow", "a::one", "b::two")
    assert sorted_by(order, *tests) == [*tests]
    order.expect("s.py", [(4, 4), (3, 4)])
    assert sorted_by(order, *tests) == ["b::slow", "a::none", "a::one", "b::two"]
    order.expect("s.py", [(9, 9), (3, 4)])
    assert sorted_by(order, *tests) == ["a::one", "b::two", "b::slow", "a::none"]
    order.noticed("b::slow")
    assert sorted_by(order, *tests) == ["a::one", "b::two", "b::slow", "a::none"]
    order.expect("s.py", [(9, 9), (3, 4)])
    assert sorted_by(order, *tests) == ["b::slow", "a::one", "b::two", "a::none"]
    order.expect("s.py", [(9, 9)])
    assert sorted_by(order, *tests) == [*tests]


# The whole, on a topic of a few lines

SNIPPET = '''\
"""A tiny topic.

>>> price(2)
20
"""


def price(count):
    return count * 10


def weak(count):
    return count + 1


def settle():
    while True:
        break
    return "settled"
'''
PART = "VALUE = 1\nprint(VALUE)\n"
TESTS = """\
import os
import subprocess
import sys

import pytest

from snippets.flask.tiny import price, settle, weak


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_the_price(framework):
    assert framework == "flask", "only the framework that holds the fault is run"
    assert price(3) == 30


def test_a_weak_one():
    assert weak(1) > 1


def test_settles():
    server = subprocess.Popen(["sleep", "60"], start_new_session=True)
    with open(os.environ["SERVERS"], "a") as started:
        print(server.pid, file=started)
    assert settle() == "settled"
    server.kill()
    server.wait()


def test_a_part_that_runs_elsewhere():
    command = [sys.executable, "snippets/flask/tiny_parts/part.py"]
    assert subprocess.check_output(command) == b"1\\n"
"""
ELSEWHERE = """\
import subprocess
import sys


def test_it():
    assert subprocess.check_output([sys.executable, "snippets/flask/elsewhere.py"]) == b"1\\n"
"""
SHAKY = """\
from snippets.flask import shaky

seen = []


def test_what_comes_first():
    seen.append(1)


def test_what_comes_second():
    assert seen
    assert shaky.price() in (1, 2)
"""
CONFTEST = """\
import subprocess

subprocess.check_output(["true"])  # opens a number, not a file, before the snippet is opened


def pytest_addoption(parser):
    parser.addoption("--no-evidence", action="store_true")
"""
EQUIVALENT = """\
[[equivalent]]
file = "snippets/flask/tiny.py"
where = "settle"
original = "    while True:"
mutated = "    while False:"
reason = "It ends at once in both cases."
"""


FILES = {
    "snippets/flask/tiny.py": SNIPPET,
    "snippets/flask/tiny_parts/part.py": PART,
    "snippets/flask/elsewhere.py": PART,
    "tests/topics/elsewhere/test_contract.py": ELSEWHERE,
    "snippets/flask/shaky.py": "def price():\n    return 1\n",
    "tests/topics/shaky/test_contract.py": SHAKY,
    "snippets/flask/red.py": "A = 1\n",
    "snippets/flask/untested.py": "A = 1\n",
    "tests/conftest.py": CONFTEST,
    "tests/topics/tiny/test_contract.py": TESTS,
    "tests/topics/red/test_contract.py": "def test_red():\n    assert not 'red'\n",
    "tests/topics/untested/test_contract.py": "",
    "book/_records/tiny/equivalent.toml": EQUIVALENT,
    "pyproject.toml": """\
[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
pythonpath = ["."]
""",
}
RUNS = [
    ["tiny", "--at-least", "2", "--jobs", "2", "--record"],
    ["elsewhere", "--jobs", "1"],
    ["shaky", "--jobs", "1"],
    ["red", "--jobs", "1"],
    ["untested", "--jobs", "1"],
]
# The command, time after time in one process; the frameworks would take longer than all of it.
COMMAND = """
import json, sys
sys.modules |= dict.fromkeys(["flask", "httpx2", "pytest_django"])
from book._tools.mutate.__main__ import main
for arguments in json.loads(sys.argv[1]):
    code = main(arguments)
    for stream in (sys.stdout, sys.stderr):
        print(code, end="\\f", file=stream, flush=True)
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """A file with the process number of every server that a run of the tiny tests starts."""
    return tmp_path_factory.mktemp("servers") / "started"


@pytest.fixture(scope="module")
def ran(tmp_path_factory, servers):
    """What the command printed about each topic of a tiny book, with its exit code at the end."""
    folder = tmp_path_factory.mktemp("tiny")
    for name in ("book/_core", "book/_tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = subprocess.run(
        [sys.executable, "-B", "-c", COMMAND, json.dumps(RUNS)],
        cwd=folder,
        env={
            **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "SERVERS": str(servers),
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert done.returncode == 0, done.stderr
    (record,) = after.keys() - before.keys()
    assert record == folder / "book/_records/tiny/faults.json"
    assert json.loads(after.pop(record))["files"].keys() == {
        "snippets/flask/tiny.py", "snippets/flask/tiny_parts/part.py",
        "tests/topics/tiny/test_contract.py",
    }  # fmt: skip
    assert after == before, "the working tree must not be touched"
    printed = zip(done.stdout.split("\f"), done.stderr.split("\f"), strict=True)
    return dict(zip((topic for topic, *_ in RUNS), printed, strict=False))


def test_faults_are_killed_or_survive_or_are_ended(ran):
    shown, warned = ran["tiny"]
    assert shown.endswith("\nwrote book/_records/tiny/faults.json\n1"), warned
    # `count + 1` with 2 instead of 1 is what the weak test lets pass; all else is noticed.
    survived = [line for line in shown.splitlines() if line.startswith("survived")]
    assert survived == ["survived: snippets/flask/tiny.py:13 in weak (number)"]
    assert "-    return count + 1\n+    return count + 2" in shown
    assert "timed out: snippets/flask/tiny.py:18 in settle (statement): pass" in shown
    assert "It ends at once in both cases." in shown
    assert "13 faults: 10 killed, 1 survived, 1 timed out, 1 equivalent" in shown
    assert "tiny  11/12 91.6 %  11/12 91.6 %" in shown
    assert "slower" not in warned
    assert "tiny: 11/12 91.6 % of the faults are noticed; the bar is 93 %" in warned


def test_a_fault_that_hangs_leaves_no_server_behind(ran, servers):
    started = [int(number) for number in servers.read_text().split()]
    assert len(started) > 10
    assert not [number for number in started if running(number)]


def test_a_file_that_runs_in_another_process_is_planted_before_pytest_starts(ran):
    shown, warned = ran["elsewhere"]
    assert "3 faults: 3 killed" in shown
    assert warned.count("elsewhere.py: the process that runs its tests opens none of its f") == 1


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("red", "snippets/flask/red.py: the tests are not green without any fault"),
        ("shaky", "snippets/flask/shaky.py: in the order for a fault the tests are not green w"),
        ("untested", "no test was collected for snippets/flask/untested.py"),
    ],
)
def test_without_green_tests_nothing_can_be_said(ran, topic, said):
    shown, warned = ran[topic]
    assert shown == "2"
    assert f"mutate: {said}" in warned


def test_a_sample_is_the_same_for_the_same_files():
    found: dict[Target, list[Fault]] = {}
    for result in results(routing="k" * 40, orm="k" * 20):
        found.setdefault(result.target, []).append(result.fault)
    drawn = select.sample(found, 12)
    assert sum(map(len, drawn.values())) == 12
    assert select.sample(found, 12) == drawn
    assert select.sample(found, 60) == found
