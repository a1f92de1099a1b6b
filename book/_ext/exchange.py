"""`{exchange}`: a request of a contract test and the answers that the run recorded."""

import contextlib
import itertools
import json
from http import HTTPStatus
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes

from book._core import curl
from book._core.evidence import EvidenceError, Request
from book._core.evidence import Exchange as Recorded
from book._core.frameworks import FRAMEWORKS
from book._ext import programs
from book._ext.directive import NotShown, ProvenDirective
from book._ext.markup import badge, container, odd_ones, paragraph, span
from book._ext.pages import details, summary

WIDTH = 68
LINES = 14
LONG = 240
ALIKE = 4
"""So many equal lines in a row are shown once, with their number."""


def header_names(argument: str) -> list[str]:
    return [name.strip().lower() for name in argument.split(",")]


class Exchange(ProvenDirective):
    """`{exchange} test_unknown_book`: once where all agree, per framework where they do not.

    `:headers: allow, location` prints these headers of the answers, `:request-headers:` those
    of the request; `:no-body:` leaves the bodies out; `:nth: 1` takes the test's first exchange
    instead of its last.
    """

    required_arguments = 1
    option_spec: ClassVar = {
        "headers": header_names,
        "request-headers": header_names,
        "no-body": directives.flag,
        "nth": directives.positive_int,
        "topic": directives.unchanged_required,
    }

    def show(self) -> list[nodes.Node]:
        said = self.recorded()
        answered = [each.response.headers for each in said.values() if each.response]
        self.has_headers("headers", answered)
        self.has_headers("request-headers", [each.request.headers for each in said.values()])
        answers = {name: self.answer(exchange) for name, exchange in said.items()}
        agreement, odd = compare(answers)
        request = next(iter(said.values())).request
        box = container(
            classes=("exchange", f"exchange--{'agree' if agreement.agree else 'differ'}")
        )
        box += self.request_line(request, agreement)
        box += self.request_text(request)
        box += as_curl(request)
        shown = {"": next(iter(answers.values()))} if agreement.agree else answers
        box += container(
            *(answer_box(name, answer, name in odd) for name, answer in shown.items()),
            classes=("answers",),
        )
        self.set_source_info(box)
        return [box]

    def recorded(self) -> dict[str, Recorded]:
        """The exchange to show, per framework."""
        name = self.arguments[0]
        evidence = self.evidence
        by_framework = evidence.test(name).exchanges
        if not by_framework:
            talked = [n for n, test in evidence.contract.items() if test.exchanges]
            raise EvidenceError(f"'{name}' made no request; these did: {', '.join(talked)}")
        nth = self.options.get("nth", 0)
        fewest = min(len(exchanges) for exchanges in by_framework.values())
        if nth > fewest:
            raise EvidenceError(f"'{name}' made {fewest} requests; ':nth: {nth}' is too many")
        return {
            framework: by_framework[framework][nth - 1]
            for framework in FRAMEWORKS
            if framework in by_framework
        }

    def has_headers(self, option: str, recorded: list[dict[str, str]]) -> None:
        """NotShown if `option` names a header that nobody sent: nothing would be printed."""
        there = sorted({name for headers in recorded for name in headers})
        for name in self.options.get(option, []):
            if name not in there:
                raise NotShown(
                    f"no header '{name}' in the exchange of '{self.arguments[0]}'; "
                    f"':{option}:' can print: {', '.join(there) or 'none'}"
                )

    def answer(self, exchange: Recorded) -> dict:
        """What of an answer is shown: status, media type, chosen headers, body or frames."""
        response = exchange.response
        if response is None:
            text = "\n".join(f"{who:<6} {what}" for who, what in exchange.frames)
            return {"status": None, "type": "", "headers": "", "body": text, "language": "text"}
        media = response.headers.get("content-type", "").split(";")[0]
        headers = lines(response.headers, self.options.get("headers", []))
        body, language = pretty(response.body, media)
        if "no-body" in self.options:
            body = ""
        return {
            "status": response.status,
            "type": media if response.body else "",
            "headers": headers,
            "body": body,
            "language": language,
        }

    def request_line(self, request: Request, agreement: "Agreement") -> nodes.paragraph:
        return paragraph(
            span(request.method, "method"),
            " ",
            nodes.literal("", request.target),
            " ",
            span(agreement.words, "verdict"),
            classes=("exchange-request",),
        )

    def request_text(self, request: Request) -> list[nodes.Node]:
        names = [*self.options.get("request-headers", []), "content-type"]
        text = lines(request.headers, names)
        if request.body:
            media = request.headers.get("content-type", "").split(";")[0]
            text += "\n\n" + "\n".join(clipped(pretty(request.body, media)[0]))
        text = text.strip("\n")
        if not text:
            return []
        return [nodes.literal_block(text, text, language="text", classes=["exchange-sent"])]


def as_curl(request: Request) -> list[nodes.Node]:
    """The request as a command to copy, folded, on pages only."""
    if not (text := curl.command(request)):
        return []
    code = nodes.literal_block(text, text, language="sh")
    fold = details("", summary("", "as a command"), code, classes=["as-curl"])
    return [addnodes.only("", fold, expr=programs.PAGES)]


def lines(headers: dict[str, str], names: list[str]) -> str:
    """The headers of these names, a line each."""
    return "\n".join(f"{name}: {headers[name]}" for name in dict.fromkeys(names) if name in headers)


class Agreement:
    """Whether the answers agree, and the words that say so."""

    def __init__(self, differing: list[str], count: int):
        self.agree = not differing
        if self.agree:
            self.words = {1: "", 2: "both agree", 3: "all three agree"}[count]
        elif "status" in differing:
            self.words = "≠ they differ"
        else:
            self.words = f"≠ same status, different {' and '.join(differing)}"


def compare(answers: dict[str, dict]) -> tuple[Agreement, set[str]]:
    """Whether all answers agree, and which of them are odd in what matters first."""
    # Frames come without a status: there is nothing else in which they could agree.
    frames = any(answer["status"] is None for answer in answers.values())
    parts = {"status": "status", "headers": "headers", "body": "status" if frames else "body"}
    differing: list[str] = []
    odd: set[str] = set()
    for part, word in parts.items():
        values = {name: meaning(answer[part]) for name, answer in answers.items()}
        if len(set(values.values())) > 1:
            differing.append(word)
            odd = odd or odd_ones(values)
    if odd == set(answers):
        odd = set()  # where each answers otherwise, none is the odd one
    return Agreement(differing, len(answers)), odd


def meaning(part: object) -> str:
    """What two answers are compared by: JSON as data, whatever the order of its keys."""
    with contextlib.suppress(ValueError):
        part = json.loads(str(part))
    return json.dumps(part, sort_keys=True)


def answer_box(framework: str, answer: dict, odd: bool) -> nodes.container:
    classes = ["answer", *([f"answer--{framework}"] if framework else [])]
    head = paragraph(classes=("answer-head",))
    if framework:
        head += [badge(framework), nodes.Text(" ")]
    if answer["status"] is not None:
        status = answer["status"]
        words = f"{status} {HTTPStatus(status).phrase}"
        head += span(words, "status", f"status--{status // 100}xx")
    if answer["type"]:
        head += [nodes.Text(" "), nodes.literal("", answer["type"], classes=["media-type"])]
    if odd:
        classes.append("answer--odd")
        head += [nodes.Text(" "), span("≠ differs", "odd-mark")]
    box = container(*([head] if head.children else []), classes=tuple(classes))
    if answer["headers"]:
        box += block(answer["headers"], "text", "answer-headers")
    if answer["body"]:
        box += block("\n".join(clipped(answer["body"])), answer["language"], "answer-body")
    return box


def block(text: str, language: str, name: str) -> nodes.literal_block:
    if language == "json":  # what says that the rest is left out is no JSON, but a comment
        text = text.replace("\n… ", "\n// … ")
    made = nodes.literal_block(text, text, language=language, classes=[name])
    made["force"] = True  # a clipped JSON body is no JSON
    return made


def pretty(body: str, media: str) -> tuple[str, str]:
    """A body as a page shows it, and the language to colour it with."""
    if media.endswith("json"):
        try:
            data = json.loads(body)
        except ValueError:
            return body, "text"
        compact = json.dumps(data, ensure_ascii=False)
        if len(compact) <= WIDTH:
            return compact, "json"
        return json.dumps(data, ensure_ascii=False, indent=2), "json"
    if media == "text/event-stream":
        return body.rstrip(), "text"  # a blank line ends an event
    lines = [line.rstrip() for line in body.splitlines() if line.strip()]
    return "\n".join(lines), "html" if media.endswith("html") else "text"


def clipped(text: str) -> list[str]:
    """The first lines of a text; what is left out, of a line or at the end, is said."""
    lines = []
    for line, same in itertools.groupby(text.splitlines()):
        shown = line if len(line) <= LONG else f"{line[:LONG]}… ({len(line)} characters)"
        count = len([*same])
        lines += [shown] * count if count < ALIKE else [shown, f"… {count - 1} more like it"]
    if len(lines) <= LINES:
        return lines
    return [*lines[: LINES - 1], f"… {len(lines) - LINES + 1} more lines"]
