"""The tracer sees what coverage.py's own collector sees, but of one folder only."""

import contextlib
import json
import textwrap

import coverage
import jinja2
import pytest

from tests.harness.tracer import TOOL, Tracer

SAMPLES = {
    "loops": """
        def first(numbers):
            for number in numbers:
                if number < 0:
                    continue
                while number > 3:
                    break
                else:
                    number += 1
            return [number for number in numbers if number]

        first([-1, 2, 5])
        first([])
        """,
    "errors": """
        import contextlib

        def careful(wrong):
            try:
                if wrong:
                    raise ValueError
            except KeyError:
                return "not here"
            except ValueError:
                return "here"
            finally:
                wrong = None
            return wrong

        def careless():
            for _ in range(2):
                raise KeyError

        careful(True)
        careful(False)
        with contextlib.suppress(KeyError):
            careless()
        """,
    "generators": """
        def down(number):
            while number:
                number -= 1
                yield number

        class Never:
            def called(self):
                return 1

        list(down(2))
        next(down(2))
        match len([1]):
            case 0:
                pass
            case 1:
                pass
        """,
    "tasks": """
        import asyncio

        async def count():
            for number in range(3):
                await asyncio.sleep(0)
                yield number

        async def follow():
            async for number in count():
                if number == 9:
                    break

        async def wait():
            async for _ in count():
                await asyncio.sleep(9)

        async def main():
            waiting = asyncio.create_task(wait())
            await asyncio.gather(follow(), follow())
            waiting.cancel()

        asyncio.run(main())
        """,
    "threads": """
        import asyncio
        import threading

        def odd(number):
            if number % 2:
                return True
            return False

        async def main():
            await asyncio.gather(*(asyncio.to_thread(odd, number) for number in range(4)))

        asyncio.run(main())
        thread = threading.Thread(target=odd, args=[1])
        thread.start()
        thread.join()
        """,
    "greenlets": """
        import greenlet

        def ping(number):
            for _ in range(number):
                other.switch()
            return "done"

        def pong():
            while True:
                first.switch()

        first = greenlet.greenlet(ping)
        other = greenlet.greenlet(pong)
        first.switch(2)
        """,
}


@contextlib.contextmanager
def running(tracer):
    tracer.start()
    try:
        yield
    finally:
        tracer.stop()


def missing(file, data=None):
    """The lines and branches that never ran, as coverage.py reports them."""
    measured = coverage.Coverage(data_file=None, branch=True, config_file=False)
    measured.get_data().add_arcs({str(file): data})
    measured.json_report(outfile=str(file.with_suffix(".json")))
    measured.get_data().close(force=True)
    (report,) = json.loads(file.with_suffix(".json").read_text("utf-8"))["files"].values()
    return report["missing_lines"], report["missing_branches"]


@pytest.mark.parametrize("name", SAMPLES)
def test_what_never_ran_is_what_coverage_py_says(name, tmp_path):
    file = tmp_path / f"{name}.py"
    file.write_text(textwrap.dedent(SAMPLES[name]), "utf-8")
    code = compile(file.read_text("utf-8"), str(file), "exec")

    theirs = coverage.Coverage(
        data_file=None, source=[str(tmp_path)], branch=True, config_file=False
    )
    theirs.set_option("run:core", "ctrace")
    theirs.set_option("run:concurrency", ["greenlet" if name == "greenlets" else "thread"])
    with theirs.collect():
        exec(code, {})  # noqa: S102 (the sample above)
    ours = Tracer(tmp_path, tool=TOOL + 1)
    with running(ours):
        exec(code, {})  # noqa: S102 (the sample above)

    arcs = theirs.get_data().arcs(str(file))
    theirs.get_data().close(force=True)
    assert len(ours.arcs[str(file)]) > 4
    assert missing(file, ours.arcs[str(file)]) == missing(file, arcs)


def test_only_its_folder_is_watched(tmp_path):
    tracer = Tracer(tmp_path, tool=TOOL + 1)
    with running(tracer):
        textwrap.dedent("")
    assert not tracer.arcs
    assert not tracer.entered


def test_a_template_that_was_compiled_before_runs_again(tmp_path):
    (tmp_path / "page.html").write_text("{{ 1 + 1 }}", "utf-8")
    page = jinja2.Environment(
        loader=jinja2.FileSystemLoader(tmp_path), autoescape=True
    ).get_template("page.html")
    tracer = Tracer(tmp_path, tool=TOOL + 1)
    with running(tracer):
        assert page.render() == "2"
    assert tracer.entered == {str(tmp_path / "page.html")}
