"""Contract of the chapter on real time: real servers, real sockets, a real broker."""

import json
import threading
from contextlib import ExitStack

import pytest
import uvicorn
from redis import Redis

from book._core.frameworks import FRAMEWORKS
from tests.harness.adapters import adapter
from tests.harness.differs import differs, only
from tests.harness.sockets import Process, eventually
from tests.topics.realtime.conftest import enter, status

TITLES = {1: "Dune", 2: "Emma"}


def joined(book_id, name="Guest"):
    return {"type": "joined", "as": name, "title": TITLES[book_id]}


def said(text, name="Guest"):
    return {"type": "said", "from": name, "text": text}


@pytest.fixture
def follow(connect):
    """Connect to a book's socket and hear that this has worked."""

    def follow(stack, book_id, name="", **options):
        socket = stack.enter_context(connect(f"/ws/books/{book_id}", name=name, **options))
        assert socket.hear() == joined(book_id, name or "Guest")
        return socket

    with ExitStack() as stack:
        yield lambda book_id, **options: follow(stack, book_id, **options)


# A broker that speaks nonsense, or goes away


@differs(flask="`missed`", fastapi="`missed`", django="nothing")
def test_the_broker_restarts(fragile, follow, expected):
    """What followers hear of a restart of the broker, before they hear the next message"""
    address, broker = fragile
    ann = follow(1, name="Ann", at=address)
    broker.stop()
    assert eventually(lambda: status(address, "/ready") == 503)
    broker.start()
    assert eventually(lambda: status(address, "/ready") == 204)
    if expected == "`missed`":
        assert ann.hear() == {"type": "missed"}
    with Redis.from_url(broker.url) as redis:
        assert eventually(redis.pubsub_channels if expected == "nothing" else redis.pubsub_numpat)
    bob = follow(1, name="Bob", at=address)
    bob.say({"text": "hello again"})
    assert ann.hear() == bob.hear() == said("hello again", "Bob")


@differs(flask="it goes on", fastapi="it goes on", django="its socket is cut")
@pytest.mark.parametrize(
    "data", [b"\xff", b"nonsense", b"[" * 60_000], ids=["bytes", "word", "deep"]
)
def test_nonsense_on_the_broker(shared, follow, broker, server_errors, data, expected):
    """What happens to a follower when somebody publishes nonsense to its book on the broker"""
    ann = follow(1, name="Ann", at=shared)
    with Redis.from_url(broker) as redis:
        channels = [channel for channel in redis.pubsub_channels() if channel.endswith(b"book.1")]
        redis.publish(channels[0] if channels else "book:1", data)
    if expected == "it goes on":
        ann.say({"text": "hi"})
        assert ann.hear() == said("hi", "Ann")
    else:
        assert ann.ending() == "no close frame"
        assert server_errors.take()
    bob = follow(1, name="Bob", at=shared)
    bob.say({"text": "still here"})
    assert bob.hear() == said("still here", "Bob")


def test_ready_while_the_broker_is_away(fragile, site_at):
    """`/ready` answers 204, then 503 while the broker is away, then 204 again"""
    address, broker = fragile
    site = site_at(address)
    assert site.get("/ready").status_code == 204
    broker.stop()
    assert eventually(lambda: status(address, "/ready") == 503)
    assert site.get("/ready").status_code == 503
    broker.start()
    assert eventually(lambda: status(address, "/ready") == 204)
    assert site.get("/ready").status_code == 204


def test_a_sale_while_the_broker_is_away(fragile, site_at):
    """A sale while the broker is away is answered with 503: nobody has heard of it"""
    address, broker = fragile
    broker.stop()
    assert eventually(lambda: status(address, "/ready") == 503)
    assert site_at(address).post("/books/1/sold").status_code == 503


def test_who_talks_while_the_broker_is_away_is_hung_up_on(fragile, follow):
    address, broker = fragile
    ann = follow(1, name="Ann", at=address)
    broker.stop()
    assert eventually(lambda: status(address, "/ready") == 503)
    ann.say({"text": "hi"})
    assert ann.ending() == "1013 try again later"


@differs(flask="opens", fastapi="opens", django="403")
def test_a_socket_while_the_broker_is_away(fragile, handshake, expected):
    """A new socket while the broker is away"""
    address, broker = fragile
    enter(address, "Guest")
    broker.stop()
    assert eventually(lambda: status(address, "/ready") == 503)
    answer = handshake("/ws/books/1", at=address)
    assert answer == (101 if expected == "opens" else 403)


# Where the page comes from


@differs(flask="403", fastapi="403", django="opens")
def test_a_page_from_another_port_of_the_same_host(handshake, expected):
    """A page from another port of the same host"""
    status = handshake("/ws/echo", origin="http://127.0.0.1:1")
    assert status == (101 if expected == "opens" else 403)


@pytest.mark.parametrize("path", ["/ws/echo", "/ws/books/1"])
def test_a_page_of_another_site_is_refused(handshake, path):
    assert handshake(path, origin="http://evil.example") == 403


def test_a_page_that_came_through_tls_may_connect(handshake, address):
    """`Origin: https://…`, as behind a proxy that ends TLS, is let in"""
    assert handshake("/ws/echo", origin=f"https://{address}") == 101


def test_a_client_without_an_origin_is_refused(handshake):
    assert handshake("/ws/echo", origin=None) == 403


def test_a_page_without_an_address_is_refused(handshake):
    """`Origin: null`, as a sandboxed frame sends it, is refused"""
    assert handshake("/ws/echo", origin="null") == 403


@differs(flask=400, fastapi=400, django=403)
def test_a_name_that_is_not_ours(handshake, framework, server_errors, expected):
    """`Host` and `Origin` both say `evil.example` (DNS rebinding)"""
    assert handshake("/ws/echo", host="evil.example") == expected
    if framework == "fastapi":  # its middleware refuses with a body, which Uvicorn finds odd
        assert eventually(lambda: server_errors.records)
        assert server_errors.take() == ["ASGI callable returned without completing handshake."]


@differs(flask="403", fastapi="403", django="500, a traceback")
def test_an_origin_that_is_no_url(handshake, server_errors, expected):
    """`Origin: http://[`"""
    assert str(handshake("/ws/echo", origin="http://[")) == expected[:3]
    logged = server_errors.take()
    assert ("Invalid IPv6 URL" in "".join(logged)) == ("traceback" in expected)


# Who sits before the page


@differs(flask=401, fastapi=403, django=403)
@pytest.mark.parametrize("path", ["/ws/echo", "/ws/books/1"])
def test_a_socket_without_a_user(handshake, path, expected):
    """A socket of somebody who has not signed in"""
    assert handshake(path, cookie="") == expected


@differs(flask=401, fastapi=403, django=403)
@pytest.mark.parametrize("cookie", ["session", "sessionid"])
def test_a_session_that_nobody_has_signed(handshake, cookie, expected):
    """A socket with a cookie that somebody has made up"""
    assert handshake("/ws/echo", cookie=f"{cookie}=eyJ1c2VyIjoiQW5uIn0.forged") == expected


@pytest.fixture
def put(site):
    """Ask for a name as the page does, with the token that Django has given to it."""

    def put(name):
        site.get("/")
        headers = {"x-csrftoken": site.cookies.get("csrftoken", "")}
        return site.put(f"/guests/{name}", headers=headers)

    return put


def test_a_name_is_given_once(put):
    first = put("Cleo")
    assert (first.status_code, first.content) == (204, b"")
    assert put("Cleo").status_code == 409


def test_the_cookie_of_a_session_is_kept_from_scripts_and_other_sites(put):
    """The cookie of a session is `HttpOnly` and `SameSite=Lax`"""
    [cookie] = [
        each for each in put("Dora").headers.get_list("set-cookie") if each.startswith("session")
    ]
    attributes = {each.strip().lower() for each in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax"} <= attributes


def test_a_name_may_have_20_characters(put):
    assert put("N" * 20).status_code == 204


@differs(flask=404, fastapi=422, django=404)
def test_a_name_of_21_characters(put, expected):
    """A name of 21 characters"""
    assert put("n" * 21).status_code == expected


@differs(flask=204, fastapi=204, django=403)
def test_a_name_without_a_csrf_token(site, expected):
    """`PUT /guests/Eve` without a CSRF token"""
    assert site.put("/guests/Eve").status_code == expected


def test_a_name_comes_by_put_alone(site):
    """`POST /guests/Ann`, as a form of another site could send it, is `405`"""
    site.get("/")
    headers = {"x-csrftoken": site.cookies.get("csrftoken", "")}
    assert site.post("/guests/Ann", headers=headers).status_code == 405


# The end of a server


@differs(flask="the line is cut", fastapi="close 1012", django="close 1012")
def test_the_server_stops(framework, topic, connect, serve, expected):
    """The server stops while a socket is open"""
    with ExitStack() as server:
        address = server.enter_context(serve(framework, topic))
        with connect("/ws/echo", at=address, name="Last") as socket:
            socket.say({"text": "hi"})
            socket.hear()
            server.close()
            ending = socket.ending()
    assert ending == {"t": "no close frame", "c": "1012"}[expected[0]]


# Following a book


def test_a_follower_is_told_when_it_has_joined(connect):
    with connect("/ws/books/1") as socket:
        assert socket.hear() == joined(1)


def test_a_message_of_64_kib_of_wide_characters_is_echoed(connect):
    """65,000 times `€` are echoed in Flask too: its limit of 65,536 counts characters, not bytes"""
    with connect("/ws/echo") as socket:
        socket.say(json.dumps({"text": 65_000 * "€"}, ensure_ascii=False))
        assert socket.hear()["text"] == 65_000 * "€"


def test_what_one_follower_says_reaches_all_of_them(follow):
    ann, bob = follow(1, name="Ann"), follow(1, name="Bob")
    ann.say({"text": "hi"})
    assert ann.hear() == bob.hear() == said("hi", "Ann")


def test_followers_of_another_book_hear_nothing_of_it(follow, site):
    dune, emma = follow(1), follow(2)
    dune.say({"text": "sand"})
    assert dune.hear() == said("sand")
    emma.say({"text": "tea"})
    assert emma.hear() == said("tea")


def test_who_joins_late_has_missed_what_was_said(follow):
    ann = follow(1)
    ann.say({"text": "early"})
    assert ann.hear() == said("early")
    bob = follow(1)
    ann.say({"text": "late"})
    assert bob.hear() == said("late")


def test_a_book_that_does_not_exist_has_a_close_code(connect):
    with connect("/ws/books/999") as socket:
        assert socket.ending() == "4404 no such book"


def test_a_bad_frame_ends_the_talk_of_one_follower_only(follow):
    ann, bob = follow(1), follow(1)
    ann.say("nonsense")
    assert ann.ending() == "1007 no JSON with a text"
    bob.say({"text": "hi"})
    assert bob.hear() == said("hi")


def test_a_message_that_meets_a_close_is_dropped_without_an_error(follow, server_errors):
    ann, bob = follow(1), follow(1)
    ann.say({"text": "one"}, b"")
    assert ann.ending(unheard=True) == "1003 text only"
    assert bob.hear() == said("one")
    bob.say({"text": "two"})
    assert bob.hear() == said("two")
    assert server_errors.take() == []


def test_a_follower_that_leaves_is_forgotten(follow, connect, server_errors):
    bob = follow(1)
    with connect("/ws/books/1") as ann:
        assert ann.hear() == joined(1)
    bob.say({"text": "alone?"})
    assert bob.hear() == said("alone?")
    assert server_errors.take() == []


def test_a_follower_whose_line_is_cut_disturbs_nobody(follow, server_errors):
    ann, bob = follow(1), follow(1)
    ann.cut()
    for text in ("one", "two", "three"):
        bob.say({"text": text})
        assert bob.hear() == said(text)
    assert server_errors.take() == []


@differs(flask=20, fastapi=0, django=0)
def test_threads_for_ten_echo_sockets(connect, expected):
    """Threads that ten sockets need which only talk to the server"""

    def talk(stack):
        socket = stack.enter_context(connect("/ws/echo"))
        socket.say({"text": "hi"})
        socket.hear()

    with ExitStack() as stack:
        talk(stack)  # so what the server starts once for all has started
        before = set(threading.enumerate())
        for _ in range(10):
            talk(stack)
        clients = ("recv_events", "keepalive")

        def new():
            threads = set(threading.enumerate()) - before
            return [each for each in threads if not any(c in each.name for c in clients)]

        assert eventually(lambda: len(new()) == expected)


@differs(flask=30, fastapi=0, django=0)
def test_threads_for_ten_followers(follow, expected):
    """Threads that ten more followers need"""

    first = follow(1)
    first.say({"text": "hi"})
    first.hear()  # so all of its threads have started
    before = set(threading.enumerate())
    for _ in range(10):
        follow(1)

    def new():
        clients = ("recv_events", "keepalive")
        threads = set(threading.enumerate()) - before
        return [thread for thread in threads if not any(c in thread.name for c in clients)]

    assert eventually(lambda: len(new()) == expected)


# More than one process


@pytest.fixture(scope="module")
def elsewhere(broker):
    """Servers in processes of their own, with and without a broker; they start together."""
    with ExitStack() as stack:
        processes = {
            (framework, bool(environment)): stack.enter_context(
                Process(f"{framework}/realtime", **environment)
            )
            for environment in ({}, {"REDIS_URL": broker})
            for framework in FRAMEWORKS
        }

        def address(framework, shared):
            there = processes[framework, shared].address
            assert eventually(lambda: status(there, "/ready") == 204)
            return there

        yield address
        for process in processes.values():
            process.popen.terminate()  # all at once, too


def test_with_a_broker_all_is_as_before(shared, follow, connect):
    ann, bob, emma = follow(1, at=shared), follow(1, at=shared), follow(2, at=shared)
    ann.say({"text": "hi"})
    assert ann.hear() == bob.hear() == said("hi")
    emma.say({"text": "tea"})
    assert emma.hear() == said("tea")
    late = follow(1, at=shared)
    ann.say({"text": "bye"})
    assert late.hear() == said("bye")


def test_with_a_broker_who_leaves_is_forgotten(shared, connect, broker):
    with connect("/ws/books/1", at=shared) as ann:
        ann.hear()
    with Redis.from_url(broker) as redis:
        assert eventually(lambda: not redis.pubsub_channels())


@pytest.mark.parametrize("channel", ["book:999", "book:dune", "news"])
def test_a_message_that_is_about_no_book_silences_nobody(shared, follow, broker, channel):
    """A message on the broker about no book of ours, such as `book:999`, silences nobody"""
    ann = follow(1, at=shared)
    with Redis.from_url(broker) as redis:
        redis.publish(channel, "?")
    ann.say({"text": "hi"})
    assert ann.hear() == said("hi")


def test_without_a_broker_a_message_stays_in_its_process(framework, follow, address, elsewhere):
    """Two processes without a broker: a message stays in the process that received it"""
    second = elsewhere(framework, False)
    here, there = follow(1, name="Ann"), follow(1, name="Bob", at=second)
    here.say({"text": "one"})
    assert here.hear() == said("one", "Ann")
    there.say({"text": "two"})
    assert there.hear() == said("two", "Bob")


def test_a_broker_carries_a_message_to_every_process(framework, follow, shared, elsewhere):
    """Two processes with a broker: a message reaches the followers in both"""
    second = elsewhere(framework, True)
    here, there = follow(1, name="Ann", at=shared), follow(1, name="Bob", at=second)
    here.say({"text": "one"})
    assert here.hear() == there.hear() == said("one", "Ann")
    there.say({"text": "two"})
    assert here.hear() == there.hear() == said("two", "Bob")


# Echo, and what is no message


def test_echoes_what_it_hears(connect):
    with connect("/ws/echo") as socket:
        socket.say({"text": "hi"})
        assert socket.hear() == {"type": "echo", "text": "hi"}


def test_answers_in_the_order_of_the_questions(connect):
    with connect("/ws/echo") as socket:
        for number in range(20):
            socket.say({"text": str(number)})
        heard = [socket.hear()["text"] for _ in range(20)]
    assert heard == [str(number) for number in range(20)]


def test_hangs_up_with_a_code_and_a_reason_of_its_own(connect):
    with connect("/ws/echo") as socket:
        socket.say({"text": "bye"})
        assert socket.ending() == "4000 bye"


def test_a_binary_frame_ends_the_talk(connect):
    with connect("/ws/echo") as socket:
        socket.say(b"\x00\x01")
        assert socket.ending() == "1003 text only"


@pytest.mark.parametrize(
    "frame",
    ["", "hi", "[]", "{}", '"text"', '{"text": 5}', '{"text": "h', "[" * 60_000],
    ids=["empty", "word", "list", "object", "string", "number", "half", "deep"],
)
def test_a_frame_that_is_no_json_with_a_text_ends_the_talk(connect, frame):
    with connect("/ws/echo") as socket:
        socket.say(frame)
        assert socket.ending() == "1007 no JSON with a text"


@differs(flask="echoed", fastapi="close 1007", django="echoed")
def test_half_a_character(connect, expected):
    """`{"text": "\\ud83d"}`: half of a character"""
    with connect("/ws/echo") as socket:
        socket.say(r'{"text": "\ud83d"}')
        if expected == "echoed":
            assert socket.hear()["text"] == "\ud83d"
        else:
            assert socket.ending() == "1007 no JSON with a text"


@differs(flask="close 1009", fastapi="echoed", django="echoed")
def test_a_message_of_more_than_64_kib(connect, expected):
    """A message of 64 KiB and one character"""
    with connect("/ws/echo") as socket:
        text = (65_537 - len('{"text": ""}')) * "x"
        socket.say({"text": text})
        if expected == "echoed":
            assert socket.hear()["text"] == text
        else:
            assert socket.ending() == "1009 Message is too big"


def test_a_message_of_64_kib_is_echoed(connect):
    with connect("/ws/echo") as socket:
        text = (65_536 - len('{"text": ""}')) * "x"
        socket.say({"text": text})
        assert socket.hear()["text"] == text


def test_what_follows_a_bad_frame_at_once_is_not_answered(connect, server_errors):
    with connect("/ws/echo") as socket:
        socket.say({"text": "bye"}, {"text": "hi"}, b"", "nonsense")
        assert socket.ending() == "4000 bye"
    with connect("/ws/echo") as socket:
        socket.say({"text": "still there?"})
        socket.hear()
    assert server_errors.take() == []


@only("fastapi", "django")
def test_limits_and_pings_are_those_of_the_server(framework, snippet):
    """Uvicorn takes messages of up to 16 MiB and pings every 20 seconds"""
    server = uvicorn.Config(adapter(framework).application(snippet, asgi=True), log_config=None)
    assert (server.ws_max_size, server.ws_ping_interval) == (16 * 1024 * 1024, 20)


# Plain HTTP beside the sockets


def test_lists_the_books(site):
    response = site.get("/books")
    assert response.status_code == 200
    assert response.json() == {"1": "Dune", "2": "Emma"}


def test_an_ordinary_request_reaches_the_followers(follow, site):
    ann, bob = follow(1, name="Ann"), follow(1, name="Bob")
    response = site.post("/books/1/sold")
    ann.note("POST", "/books/1/sold")
    assert (response.status_code, response.content) == (204, b"")
    assert ann.hear() == bob.hear() == {"type": "sold"}


def test_an_ordinary_request_reaches_nobody_else(follow, site):
    dune, emma = follow(1), follow(2)
    site.post("/books/2/sold")
    assert emma.hear() == {"type": "sold"}
    dune.say({"text": "and here?"})
    assert dune.hear() == said("and here?")


def test_a_sale_of_an_unknown_book_is_not_found(site):
    assert site.post("/books/999/sold").status_code == 404


def test_a_sale_needs_a_post(site):
    assert site.get("/books/1/sold").status_code == 405


@differs(flask=400, fastapi=404, django=404)
def test_plain_http_on_the_path_of_a_socket(site, expected):
    """`GET /ws/echo` without an upgrade"""
    assert site.get("/ws/echo").status_code == expected


@differs(flask=400, fastapi=403, django=403)
def test_a_socket_on_the_path_of_a_page(handshake, expected):
    """A WebSocket to `/books`, which is a page"""
    assert handshake("/books") == expected


@differs(flask=404, fastapi=403, django=403)
def test_a_socket_without_a_route(handshake, expected):
    """A WebSocket to `/ws/nowhere`"""
    assert handshake("/ws/nowhere") == expected


@differs(flask=404, fastapi=403, django=403)
def test_a_socket_with_a_word_for_a_number(handshake, expected):
    """A WebSocket to `/ws/books/dune`, where a number belongs"""
    assert handshake("/ws/books/dune") == expected


def test_the_page_and_its_script(site):
    page, script = site.get("/"), site.get("/book.js")
    assert (page.status_code, script.status_code) == (200, 200)
    assert page.headers["content-type"].startswith("text/html")
    assert script.headers["content-type"].startswith("text/javascript")
    assert '<script type="module" src="/book.js">' in page.text
    assert 'new WebSocket("/ws/books/1")' in script.text
