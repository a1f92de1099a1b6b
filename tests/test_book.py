"""The laws of the book. Each message says what is wrong, where, and what would be right."""

import ast
import doctest
import importlib.util
import re
import sys

import pytest
from django.apps import AppConfig, apps

from book._core import places, regions
from book._core.chapters import BOOK, chapter, names, topics
from book._core.claims import line_marks, unmarked
from book._core.contents import parts
from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS, relative
from book._core.markdown import fences, first_table
from book._core.pairs import coming_from
from book._core.shown import Shown, shown
from snippets.django.apps import topic_apps

TOPICS = topics()
CHAPTERS = names()
COLUMNS = 72
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ROTTING = {"lines", "emphasize-lines", "lineno-match", "lineno-start", "linenos", "start-line"}
LANGUAGES = {"console", "toml", "ini", "json", "yaml"}
SINCE = re.compile(r'^@since\(\s*"([^"]+)"', re.MULTILINE)


def files(topic):
    return [path for path in places.snippets(topic) if path.name != "__init__.py"]


def python_files(topic):
    return [path for path in files(topic) if path.suffix == ".py"]


@pytest.mark.parametrize("topic", TOPICS)
def test_the_grid_is_complete_or_the_gap_has_its_reason(topic):
    assert (ROOT / "book" / f"{topic}.md").exists(), f"write book/{topic}.md"
    assert (places.TESTS / topic / "test_contract.py").exists(), (
        f"write tests/topics/{topic}/test_contract.py"
    )
    assert not chapter(topic).missing()
    for name in chapter(topic).gaps:
        assert not FRAMEWORKS[name].snippet(topic).exists(), (
            f"book/{topic}.md: 'gaps: {{{name}: …}}', but snippets/{name}/{topic}.py exists"
        )


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_folder_of_snippets_belongs_to_a_topic(name):
    """A topic is a place: one file, and at most one folder beside it."""
    beside: dict[str, str] = {}
    for folder in sorted(path for path in (SNIPPETS / name).iterdir() if path.is_dir()):
        if folder.name != "__pycache__":
            topic = folder.name.rpartition("_")[0]
            where = f"snippets/{name}/{folder.name}/"
            assert topic in TOPICS, (
                f"{where}: call it after its topic and one more word: <topic>_files"
            )
            assert topic not in beside, (
                f"{where}: '{topic}' has {beside[topic]}/ already; put it there"
            )
            beside[topic] = folder.name


def test_every_folder_of_tests_belongs_to_a_topic():
    found = {path.name for path in places.TESTS.iterdir() if path.name != "__pycache__"}
    strays = sorted(found - {*TOPICS, "__init__.py"})
    assert not strays, f"tests/topics/: no snippet is called {', '.join(strays)}"


def test_every_folder_of_records_belongs_to_a_topic():
    found = {path.name for path in places.RECORDS.iterdir() if path.is_dir()}
    strays = sorted(found - {*TOPICS})
    assert not strays, f"book/_records/: no snippet is called {', '.join(strays)}"


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_a_good_name(topic):
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", topic), f"'{topic}' is not snake_case"
    assert topic not in sys.stdlib_module_names, f"'{topic}' is a module of Python"
    found = importlib.util.find_spec(topic)
    assert found is None, f"'{topic}' is an installed module: {found.origin}"


@pytest.mark.parametrize("topic", TOPICS)
def test_a_test_s_name_means_one_behaviour_of_its_topic(topic):
    """Evidence keeps tests by name, and a chapter names them.

    test_flask.py and test_django.py may show the same behaviour, each with code of its own: then
    it has the same name in both, and the page lists it once, for the two.
    """
    seen: dict[str, tuple[str, str]] = {}
    for path in places.tests(topic):
        part = path.stem.removeprefix("test_")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
                where = f"{relative(path)}:{node.lineno}"
                other, before = seen.setdefault(node.name, (part, where))
                shared = part != other and {part, other} <= FRAMEWORKS.keys()
                assert before == where or shared, (
                    f"{where}: '{node.name}' is also the name of the test in {before}; a page that "
                    "names it would not say which: let this name say what is different"
                )


def test_no_two_django_apps_have_one_label():
    """A label stands in front of table names, and commands are given it."""
    labels = {config.label: config.name for config in apps.get_app_configs()}
    for topic in filter(lambda topic: FRAMEWORKS["django"].snippet(topic).exists(), TOPICS):
        for entry in topic_apps([topic]):
            config = AppConfig.create(entry)
            taken = labels.setdefault(config.label, config.name)
            assert taken == config.name, (
                f"the Django apps {taken} and {config.name} have one label, '{config.label}'; "
                f"call it '{topic}'"
            )


@pytest.mark.parametrize("topic", TOPICS)
def test_every_file_of_a_topic_is_shown(topic):
    on_page = {each.file for each in shown(chapter(topic))}
    missing = [name for path in files(topic) if (name := relative(path)) not in on_page]
    assert not missing, f"book/{topic}.md shows nothing of {', '.join(missing)}"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_region_is_balanced_and_shown(topic):
    on_page = shown(chapter(topic))
    for path in files(topic):
        name = relative(path)
        for region in regions.regions(path.read_text("utf-8"), name):
            assert Shown(name, region) in on_page, (
                f"{name}: book/{topic}.md never shows region '{region}'; show it or remove it"
            )


@pytest.mark.parametrize("topic", TOPICS)
def test_every_snippet_can_be_downloaded_and_started(topic):
    for framework in FRAMEWORKS.values():
        path = framework.snippet(topic)
        if path.exists():
            names = {
                getattr(target, "id", "")
                for node in ast.parse(path.read_text("utf-8")).body
                for target in getattr(node, "targets", [])
            } | {
                node.name
                for node in ast.parse(path.read_text("utf-8")).body
                if isinstance(node, ast.FunctionDef)
            }
            wanted = {"urlpatterns"} if framework.name == "django" else {"app", "create_app"}
            assert names & wanted, f"{relative(path)} defines none of {', '.join(sorted(wanted))}"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_snippet_opens_with_a_sentence_and_a_doctest(topic):
    for framework in FRAMEWORKS.values():
        path = framework.snippet(topic)
        if path.exists():
            text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            examples = doctest.DocTestParser().get_examples(text)
            where = relative(path)
            assert text.split("\n")[0].endswith("."), f"{where}: no sentence as first line"
            assert examples, f"{where}: the docstring has no doctest"
            lines = sum(e.source.count("\n") + e.want.count("\n") for e in examples)
            assert lines <= 12, f"{where}: a doctest shows the essence; this one has {lines} lines"


@pytest.mark.parametrize("topic", TOPICS)
def test_listings_fit_three_columns_and_a_phone(topic):
    wide = [
        f"{relative(path)}:{number} ({len(line)})"
        for path in files(topic)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if len(line) > COLUMNS
    ]
    assert not wide, f"longer than {COLUMNS} columns: {', '.join(wide)}"


@pytest.mark.parametrize("name", CHAPTERS)
def test_front_matter_is_complete(name):
    assert chapter(name).problems() == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_chapter_is_in_the_book(name):
    assert name == "index" or any(name in names for names in parts().values()), (
        f"book/index.md: add '{name}' to a toctree"
    )


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_line_numbers_rot_in_a_chapter(name):
    for fence in fences(chapter(name).path.read_text("utf-8")):
        found = ROTTING & fence.options.keys()
        assert not found, (
            f"book/{name}.md:{fence.line}: ':{min(found)}:' counts lines, which move; name a region"
        )


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_code_is_typed_into_a_chapter(name):
    for fence in fences(chapter(name).path.read_text("utf-8")):
        if not fence.directive:
            assert fence.language in LANGUAGES, (
                f"book/{name}.md:{fence.line}: a block in '{fence.language}' is run by no test; "
                f"show a file with {{compare}} or {{listing}}, or use {', '.join(sorted(LANGUAGES))}"
            )
        assert fence.directive not in ("code-block", "literalinclude", "code", "code-tab"), (
            f"book/{name}.md:{fence.line}: '{{{fence.directive}}}' shows what no test ran; "
            "use {compare} or {listing}"
        )


@pytest.mark.parametrize("name", CHAPTERS)
def test_versions_are_not_typed(name):
    """An exact version in the text would be out of date soon: {version}`flask` never is."""
    text = chapter(name).path.read_text("utf-8")
    inside = {number for each in fences(text) for number in range(each.line, each.end + 1)}
    for number, line in enumerate(text.splitlines(), start=1):
        if number in inside:
            continue
        typed = re.search(r"(?<![\w./-])\d+\.\d+\.\d+(?![\w.]*\d)", line)
        assert not typed, f"book/{name}.md:{number}: write {{version}}`…` instead of {typed[0]}"


@pytest.mark.parametrize("name", [*TOPICS, "choosing"])
def test_every_paragraph_names_its_proof_or_says_why_it_needs_none(name):
    path = chapter(name).path
    lines = [f"book/{name}.md:{p.line}: {p.text[:60]}" for p in unmarked(path.read_text("utf-8"))]
    assert not lines, (
        "mark what shows each: {shown}`test_name`, {source}`django:setting:DEBUG`, or write above it "
        "'% no claim: why':\n" + "\n".join(lines)
    )


@pytest.mark.parametrize("topic", TOPICS)
def test_every_line_of_the_front_matter_names_its_proof(topic):
    found = chapter(topic)
    for key in ("glance", "summary"):
        for name, line in found.data.get(key, {}).items():
            assert line_marks(line)[1], (
                f"book/{topic}.md: '{key}: {name}:' needs a mark: {{shown}}`test_name`"
            )


@pytest.mark.parametrize("column", FRAMEWORKS)
def test_each_name_in_the_glossary_s_table_is_one_that_tests_use(column):
    """A name that no snippet or test of the framework uses may be one that it no longer has."""
    rows = first_table((BOOK / "glossary.md").read_text("utf-8"))
    at = rows[0].index(FRAMEWORKS[column].label)
    files = [
        *(SNIPPETS / column).rglob("*.py"),
        *(ROOT / "tests").glob(f"topics/*/test_{column}.py"),
        ROOT / "tests" / "harness" / "adapters" / f"{column}.py",
    ]
    used = "\n".join(path.read_text("utf-8") for path in files)
    for row in rows[1:]:
        for name in re.findall(r"`([^`]+)`", row[at]):
            assert name in used, f"glossary.md: nothing of {column} uses `{name}` ({row[0]})"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_chapter_says_what_awaits_whoever_comes_from_another_framework(topic):
    assert coming_from(chapter(topic)).keys() == FRAMEWORKS.keys()


def test_snippets_are_never_on_the_path():
    """Inside snippets/, `import flask` would find a folder of the book."""
    assert str(SNIPPETS) not in sys.path


@pytest.mark.parametrize("folder", ["book", "snippets", "tests"])
def test_an_exception_from_a_rule_has_its_reason_beside_it(folder):
    exception = re.compile(r"# (?:noqa|type: ignore)\b(?P<rest>.*)")
    reasoned = re.compile(r"(?:: [A-Z]+\d+|\[[a-z-]+\])\W+\w+")
    for path in sorted((ROOT / folder).rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if found := exception.search(line):
                where = f"{relative(path)}:{number}"
                assert reasoned.match(found["rest"]), f"{where}: say which rule, and why not here"


def test_the_changelog_names_what_depends_on_a_version():
    """`@since` on a test says what older versions do; a reader finds it in CHANGELOG.md."""
    log = (ROOT / "CHANGELOG.md").read_text("utf-8")
    for topic in TOPICS:
        for path in places.tests(topic):
            for reason in SINCE.findall(path.read_text("utf-8") if path.suffix == ".py" else ""):
                row = f"| {reason} | `{topic}` |"
                assert row in log, f"CHANGELOG.md has no row '{row}', but {relative(path)} says it"
                log = log.replace(row, "")
    assert " | before " not in log, "CHANGELOG.md has a row that no @since of a test says"
