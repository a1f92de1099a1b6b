"""What a contract says of the frameworks apart: refused where it says nothing."""

from types import SimpleNamespace

import pytest

from book._core.evidence import GreenTest
from book._ext.checked import behaviours
from tests.harness.differs import differs, only


@pytest.mark.parametrize("names", [(), ("bottle",), ("flask", "fastapi", "django")])
def test_only_some_of_the_three(names):
    with pytest.raises(TypeError, match="@only needs one or two of flask, fastapi, django"):
        only(*names)


def test_a_difference_is_one_of_frameworks():
    with pytest.raises(
        TypeError, match="flusk is no framework and no variant; variants: flask_gun"
    ):
        differs(flusk=404, django=422)
    with pytest.raises(TypeError, match="needs some of flask, fastapi, django; got django_asgi"):
        differs(django_asgi=404)


def test_a_variant_is_named_only_where_it_answers_otherwise():
    assert differs(flask=404, django=404, django_asgi=422).kwargs["django_asgi"] == 422
    with pytest.raises(ValueError, match="django_asgi answers 404 as it does elsewhere"):
        differs(flask=422, django=404, django_asgi=404)


def test_a_difference_is_one():
    with pytest.raises(ValueError, match="all answer 404: assert that instead"):
        differs(flask=404, fastapi=404, django=404)


def test_behaviours_are_grouped_by_who_has_them():
    def test(label, *frameworks, file="tests/topics/a/test_contract.py"):
        return GreenTest(file=file, line=1, label=label, source="", frameworks=list(frameworks))

    tests = [
        test("one", "django"),
        test("ours", "flask"),
        test("two", "fastapi", "flask"),
        test("three", "flask", "fastapi", "django"),
        test("of no framework"),
        test("a doctest", "flask", file="snippets/flask/a.py"),
    ]
    evidence = SimpleNamespace(tests={test.label: test for test in tests})
    groups = behaviours(evidence)  # type: ignore[arg-type]  # all it reads is `tests`
    assert [(names, [*labels]) for names, labels in groups.items()] == [
        (("flask", "fastapi", "django"), ["three", "of no framework"]),
        (("flask", "fastapi"), ["two"]),
        (("flask",), ["ours"]),
        (("django",), ["one"]),
    ]
