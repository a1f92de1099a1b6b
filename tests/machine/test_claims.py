"""Claims and their proof: what counts as marked, and which changed sentence is refused."""

from dataclasses import replace

import pytest

from book._core import claims, proof, sources
from book._core.claims import Mark
from book._core.evidence import Exchange, GreenTest, Request, Response
from book._core.prose_faults import wrongs
from book._core.sources import SourceError

CHAPTER = """---
question: Why?
---

# Title

A miss is a `404`. {shown}`test_a_miss` And this one claims without a mark.

## Section

% no claim: what to look at
Look at the converter.

- Marked. {shown}`test_a, routing:test_b` {source}`django:setting:DEBUG`
- Not marked.
- A definition.
  % no claim: a definition

```{note}
In a note.
```

## Official documentation

- A link.
"""


def found():
    return claims.paragraphs(CHAPTER)


def test_each_paragraph_and_item_has_its_line_its_marks_or_its_reason():
    assert [(each.line, len(each.marks), each.reason) for each in found()] == [
        (7, 1, ""),
        (12, 0, "what to look at"),
        (14, 2, ""),
        (15, 0, ""),
        (16, 0, "a definition"),
        (20, 0, ""),
    ]


def test_what_is_unmarked_is_listed():
    assert [each.text for each in claims.unmarked(CHAPTER)] == ["Not marked.", "In a note."]


def test_a_mark_covers_what_stands_before_it_and_a_second_one_the_same():
    first, second = found()[2].marks
    assert (first.words, second.words) == ("Marked.", "Marked.")
    assert first.tests == [("", "test_a"), ("routing", "test_b")]
    assert found()[0].marks[0].literals == ("404",)


def test_sentences_without_a_mark_count_as_not_shown():
    assert [each.sentences for each in found()] == [(2, 1), (0, 0), (2, 2), (1, 0), (0, 0), (1, 0)]


def test_a_line_of_front_matter_has_marks_too():
    words, marks = claims.line_marks("A miss is a `404`. {shown}`test_a_miss`")
    assert words == "A miss is a `404`."
    assert [mark.target for mark in marks] == ["test_a_miss"]


MISS = GreenTest(
    file="tests/topics/a/test_contract.py",
    line=1,
    label="`GET /books/9`: a book that is not there",
    source='@differs(flask=404, fastapi=422, django=404)\ndef test_a_miss(client, expected):\n    """x"""\n',
    differs={"flask": 404, "fastapi": 422, "django": 404},
    exchanges={
        "flask": [
            Exchange(
                request=Request(method="GET", target="/books/9"), response=Response(status=404)
            )
        ],
    },
)


def mark(words):
    (inline,) = [token for token in claims.parser().parse(words) if token.type == "inline"]
    literals = tuple(
        child.content for child in inline.children or [] if child.type == "code_inline"
    )
    return Mark("shown", "test_a_miss", words, literals, 1)


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        ("A miss at `/books/9` is a `404`.", []),
        ("A miss is a `405`.", ["`405`"]),
        ("Flask answers `404`, FastAPI `422`.", []),
        ("Flask answers `422`, FastAPI `404`.", ["`422`", "`404`"]),
        ("Flask and Django answer 404.", []),
        ("It takes 1,001 fields.", ["1,001"]),
        ("It takes six statements.", ["six"]),
        ("It is book 9.", []),
        ("It is shelf 9.", ["9"]),
        ("`GET` is `get`.", ["`get`"]),
        ("A call is `get(9, 7)`.", ["`get(9, 7)`"]),
    ],
)
def test_numbers_and_code_have_to_be_in_what_the_test_left(words, lacks):
    assert proof.missing(mark(words), proof.of_tests({"test_a_miss": MISS})) == lacks


@pytest.mark.parametrize(
    ("words", "ran", "strange"),
    [
        ("Flask and Django close it.", ["flask", "fastapi", "django"], []),
        ("Flask and Django close it.", ["fastapi"], ["Flask", "Django"]),
        ("It is closed.", ["fastapi"], []),
        ("It takes Flask-WTF.", ["fastapi"], []),
        ("From Flask. It is closed by FastAPI.", ["fastapi"], []),
        ("From Flask. Django closes it.", ["fastapi"], ["Django"]),
        ("Django closes it.", [], []),
    ],
)
def test_who_is_named_has_to_have_run(words, ran, strange):
    tests = {"test_a_miss": replace(MISS, frameworks=ran)}
    assert proof.strangers(mark(words), tests) == strange


@pytest.mark.parametrize(
    ("text", "number"),
    [("limit = 1_001", "1,001"), ("2.5 MiB", "2.5"), ("fields > 1001", "1001")],
)
def test_a_number_is_found_however_it_is_written(text, number):
    seen = proof.Seen([text])
    assert proof.missing(mark(f"It is {number}."), seen) == []


def test_faults_are_planted_in_numbers_code_and_names():
    planted = [
        (kind, before, after)
        for kind, before, after, _ in wrongs(
            mark("Flask: 3 of `404`, `get()`."), ["get()", "post()"]
        )
    ]
    assert planted == [
        ("number", "3", "4"),
        ("literal", "`404`", "`405`"),
        ("literal", "`get()`", "`post()`"),
        ("framework", "Flask", "FastAPI"),
    ]


def test_sources_are_found_in_inventories_and_in_installed_files():
    assert sources.find("django:setting:SECRET_KEY_FALLBACKS").address.endswith(
        "ref/settings/#std-setting-SECRET_KEY_FALLBACKS"
    )
    assert sources.find('file:flask/app.py "class Flask(App)"').address == ""
    assert sources.find("https://example.org/a").words == "example.org/a"
    step = sources.find("step:templating:the_search_needs_no_script")
    assert (
        step.words == "In a browser: Without JavaScript, Enter asks for the page of what was typed"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("django:setting:NO_SUCH", "has no setting 'NO_SUCH'"),
        ("django:doc:SECRET_KEY", "it is there as: setting"),
        ("rails:doc:index", "no inventory 'rails'; there are: flask, django"),
        ('file:flask/app.py "class Bottle"', "does not hold the words"),
        ('file:flask/gone.py "x"', "has no file flask/gone.py"),
        ('file:no_such/app.py "x"', "no package 'no_such' is installed"),
        ("step:templating:the_gone", "has no step 'the_gone'; it has: "),
        ("step:routing:any", "nothing is done in a browser for 'routing'"),
        ("somewhere", "'somewhere' names no source; write"),
    ],
)
def test_a_source_that_is_not_there_is_refused(text, words):
    with pytest.raises(SourceError, match=words.replace("(", r"\(")):
        sources.find(text)


def test_prose_faults_that_survive_are_printed_and_the_bar_counts(monkeypatch, capsys):
    from book._core.prose_faults import Fault
    from book._tools.mutate import prose

    def planted(chapter):
        noticed = Fault("number", 7, "3", "4", "Takes 3.", True)
        survived = Fault("literal", 9, "`a`", "`b`", "Sends `a`.", False)
        return [noticed] * (9 if chapter == "good" else 3) + [survived]

    monkeypatch.setattr(prose, "plant", planted)
    monkeypatch.setattr(prose, "chapter", lambda name: name)
    assert prose.run(["good"]) == 0
    assert prose.run(["bad"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "survived: book/good.md:9: `a` → `b`: Sends `a`."
    assert said[1] == "good: numbers 9 of 9, literals 0 of 1, frameworks 0 of 0"
    assert said[-1] == "bad: 3 of 4 of numbers and literals; the bar is 90 %"
