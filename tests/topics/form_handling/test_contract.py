"""Contract of the chapter on forms; differences stand in the order of what they cost."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.differs import differs, in_process
from tests.topics.form_handling.pages import OWN, Page, open_page, send

GOOD = {
    "Email": "ada@example.com",
    "Age": "36",
    "Password": "long enough 12",
    "Password again": "long enough 12",
}
BAD = {"Email": "nobody", "Age": "12", "Password": "short", "Password again": "other"}
TAKEN = "This address has an account already."
OTHER_SITE = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
REFUSED = {"flask": 400, "fastapi": 403, "django": 403}
"""What answers a form without the right token."""


def refused(response) -> Page:
    assert response.status_code == 422, response.text
    return Page(response)


def is_welcome(response):
    assert response.status_code in (302, 303), response.text
    assert response.headers["location"] == "/welcome"
    return True


def sign_up(client, **changes):
    """Send the good form, with `Age="12"` and the like changed."""
    return send(client, "/signup", {**GOOD, **changes})


def wrong(client, changes):
    """The labels that have an error when the good form is sent with these changes."""
    response = send(client, "/signup", {**GOOD, **changes})
    return set() if response.status_code != 422 else {*Page(response).errors}


def post_json(client, **changes):
    customer = {"email": "ada@example.com", "age": 36, "password": "long enough 12"}
    return client.post("/api/customers", json={**customer, **changes})


def json_errors(response):
    """The fields that a 422 in JSON names."""
    assert response.status_code == 422, response.text
    (key, errors), *rest = response.json().items()
    assert (key, rest) == ("errors", [])
    for messages in errors.values():
        assert messages
        assert all(isinstance(message, str) and message for message in messages)
    return {*errors}


def has_account(client, email):
    """Whether the shop has that address."""
    response = post_json(client, email=email, age=1)
    assert "age" in json_errors(response)
    if "email" in response.json()["errors"]:
        return response.json()["errors"]["email"] == [TAKEN]
    # FastAPI asks the database only when everything else is right.
    return post_json(client, email=email).status_code == 422


# Differences, in the order of what they cost


@differs(flask="302: let in", fastapi=403, django=403)
def test_another_site_that_has_the_token(client, expected):
    """Another site's form with the right token, over HTTP"""
    response = send(client, "/signup", GOOD, headers=OTHER_SITE)
    assert str(response.status_code) == str(expected)[:3]


@differs(flask="302, the rest ignored", fastapi=400, django=400)
def test_ten_thousand_fields(client, expected):
    """A form of 10,000 fields more than were asked for"""
    response = send(client, "/signup", GOOD, more={f"k{n}": "" for n in range(10_000)})
    assert str(response.status_code) == str(expected)[:3]


@differs(flask=400, fastapi=422, django=422)
def test_a_file_where_text_belongs(client, expected):
    """A file in place of the title"""
    page = open_page(client, "/books/new")
    response = client.post(
        "/books/new",
        data={**page.hidden, "stock": "3"},
        files={"title": ("dune.txt", b"Dune")},
        headers=OWN,
    )
    assert response.status_code == expected


@differs(flask="the text is gone", fastapi="the old text stays", django=422)
def test_an_empty_file(client, expected):
    """An empty file for a book that has an excerpt"""
    send(client, "/books/new", DUNE, file=TEXT)
    response = send(client, "/books/1", DUNE, file=("empty.txt", b"", "text/plain"))
    if response.status_code == 422:
        assert {*Page(response).errors} == {"Excerpt"}
        assert excerpt(client) == ARRAKIS
        assert expected == 422
        return
    leads_to(response, "/books/1")
    kept = {"": "the text is gone", ARRAKIS: "the old text stays"}
    assert kept[excerpt(client)] == expected


@differs(flask="the first", fastapi="the last", django="the last")
def test_a_field_sent_twice(client, expected):
    """A form with two addresses: which one counts"""
    is_welcome(send(client, "/signup", GOOD, more={"email": "bob@example.com"}))
    found = [
        email for email in ("ada@example.com", "bob@example.com") if has_account(client, email)
    ]
    assert found == [{"the first": "ada@example.com", "the last": "bob@example.com"}[expected]]


@differs(flask=400, fastapi=403, django=403)
def test_a_form_without_its_token(client, expected):
    """A form without its token"""
    page = open_page(client, "/signup")
    data = {page.name(label): value for label, value in GOOD.items()}
    assert client.post("/signup", data=data, headers=OWN).status_code == expected
    assert not has_account(client, "ada@example.com")


@differs(flask=201, fastapi=422, django=201)
def test_a_password_sent_as_a_number(client, expected):
    """JSON: `"password": 123456789012`, a number"""
    assert post_json(client, password=123456789012).status_code == expected


@differs(flask="both errors", fastapi="the age alone", django="both errors")
def test_a_taken_address_and_a_wrong_age(client, expected):
    """A taken address together with a wrong age"""
    sign_up(client)
    errors = wrong(client, {"Age": "12"})
    said = {frozenset({"Email", "Age"}): "both errors", frozenset({"Age"}): "the age alone"}
    assert said[frozenset(errors)] == expected


@differs(flask="both", fastapi="the first", django="the first")
def test_a_short_password_and_another_one(client, expected):
    """A password that is too short, and another one beside it: which of the two gets an error"""
    errors = wrong(client, {"Password": "short", "Password again": "other"})
    both = {"Password", "Password again"}
    assert {frozenset(both): "both", frozenset({"Password"}): "the first"}[
        frozenset(errors)
    ] == expected


@differs(flask="two accounts", fastapi="one account", django="two accounts")
def test_an_address_in_two_alphabets(client, expected):
    """`ada@bücher.example.com`, then `ada@xn--bcher-kva.example.com`, which is the same"""
    is_welcome(sign_up(client, Email="ada@bücher.example.com"))
    errors = wrong(client, {"Email": "ada@xn--bcher-kva.example.com"})
    assert {frozenset(): "two accounts", frozenset({"Email"}): "one account"}[
        frozenset(errors)
    ] == expected


@differs(flask="refused", fastapi="`ada@example.com`", django="refused")
def test_an_address_with_a_name(client, expected):
    """An address with a name before it: `Ada <ada@example.com>`"""
    errors = wrong(client, {"Email": "Ada <ada@example.com>"})
    assert errors == ({"Email"} if expected == "refused" else set())
    assert has_account(client, "ada@example.com") == (expected != "refused")


@differs(flask="refused", fastapi="refused", django="taken")
def test_an_address_at_a_reserved_domain(client, expected):
    """An address at a domain that cannot exist: `ada@shop.test`"""
    errors = wrong(client, {"Email": "ada@shop.test"})
    assert {True: "refused", False: "taken"}[errors == {"Email"}] == expected


# The round trip


def test_the_form_is_shown_empty(client):
    """The form has four labelled fields, empty, and no error"""
    page = open_page(client, "/signup")
    assert page.labelled == ["Email", "Age", "Password", "Password again"]
    assert {*page.values.values()} == {""}
    assert page.errors == {}


def test_a_good_form_is_answered_with_a_redirect(client):
    """A good form is answered with a redirect to `/welcome`, and kept"""
    assert is_welcome(sign_up(client))
    welcome = client.get("/welcome")
    assert welcome.text == "<h1>Welcome to the bookshop</h1>"
    assert welcome.headers["content-type"] == "text/html; charset=utf-8"
    assert has_account(client, "ada@example.com")


def test_a_wrong_form_comes_back(client):
    """A wrong form is a 422: each error beside its field, what was typed kept, passwords not"""
    page = refused(send(client, "/signup", BAD))
    assert {*page.errors} >= {"Email", "Age", "Password"}
    assert page.values == {"Email": "nobody", "Age": "12", "Password": "", "Password again": ""}
    assert not has_account(client, "nobody@example.com")


def test_a_form_that_came_back_can_be_sent_again(client):
    """The form that came back has its token, too: mended, it is taken"""
    page = refused(sign_up(client, Age="12"))
    mended = {"Age": "36", "Password": GOOD["Password"], "Password again": GOOD["Password"]}
    assert is_welcome(send(client, "/signup", mended, page=page))


def test_an_empty_form_names_its_fields(client):
    """An empty form is a 422 that names email, age and password"""
    page = refused(send(client, "/signup", {}))
    assert {*page.errors} >= {"Email", "Age", "Password"}


def test_fields_that_were_not_sent_are_named(client):
    """A form with nothing but its token is a 422 that names email, age and password"""
    page = open_page(client, "/signup")
    response = client.post("/signup", data=page.hidden, headers=OWN)
    assert {*refused(response).errors} >= {"Email", "Age", "Password"}


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Age", "16"),
        ("Age", "120"),
        ("Age", " 36 "),
        ("Email", "a+b@example.com"),
        ("Email", "ada@bücher.example.com"),
    ],
)
def test_values_at_the_edge_are_taken(client, label, value):
    assert wrong(client, {label: value}) == set()


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("Age", "15"),
        ("Age", "121"),
        ("Age", "-36"),
        ("Age", "36.5"),
        ("Age", "1e2"),
        ("Age", "many"),
        ("Age", "9" * 400),
        ("Age", "-" + "9" * 400),
        ("Age", "9" * 5000),
        ("Age", "NaN"),
        ("Email", "ada"),
        ("Email", "ada@"),
        ("Email", "ada@example"),
        ("Email", "@example.com"),
        ("Email", "ada@example.com, bob@example.com"),
        ("Email", "ada@example.com\nBcc: bob@example.com"),
        ("Email", "x" * 250 + "@example.com"),
        ("Email", "ada\0@example.com"),
    ],
)
def test_values_beyond_the_edge_are_named(client, label, value):
    """A wrong age or address is a 422 with one error, beside its field"""
    assert wrong(client, {label: value}) == {label}


@pytest.mark.parametrize(
    ("length", "errors"), [(11, {"Password"}), (12, set()), (128, set()), (129, {"Password"})]
)
def test_a_password_has_12_to_128_characters(client, length, errors):
    password = "x" * length
    assert wrong(client, {"Password": password, "Password again": password}) == errors


@pytest.mark.parametrize(
    "password", [" " * 12, " long enough ", "pässwörter", "\N{PILE OF POO}" * 12]
)
def test_a_password_is_taken_as_it_is(client, password):
    """A password keeps its blanks, and may be of any letters"""
    errors = wrong(client, {"Password": password, "Password again": password})
    assert errors == ({"Password"} if len(password) < 12 else set())
    if not errors:
        assert wrong(
            client,
            {
                "Email": "b@example.com",
                "Password": password,
                "Password again": password.strip() + "?",
            },
        ) == {"Password again"}


def test_an_address_is_one_however_it_is_written(client):
    """In capitals and between blanks: ` Ada@Example.COM ` and `ada@example.com` are one customer"""
    assert is_welcome(sign_up(client, Email=" Ada@Example.COM "))
    assert has_account(client, "ada@example.com")
    assert refused(sign_up(client, Email="ADA@example.com")).errors == {"Email": TAKEN}


# Rules about more than a field


def test_passwords_that_differ(client):
    """Two passwords that differ are an error beside the second"""
    page = refused(send(client, "/signup", {**GOOD, "Password again": "long enough 13"}))
    assert page.errors == {"Password again": "The passwords differ."}


def test_an_address_that_has_an_account(client):
    """An address that has an account is an error beside it"""
    sign_up(client)
    assert refused(sign_up(client, Age="40")).errors == {"Email": TAKEN}
    response = post_json(client)
    assert response.status_code == 422
    assert response.json() == {"errors": {"email": [TAKEN]}}


# What one takes and another refuses


@differs(
    flask="Not a valid integer value. Number must be between 16 and 120.",
    fastapi="Input should be a valid integer, unable to parse string as an integer",
    django="Enter a whole number.",
)
def test_the_words_for_an_age_that_is_no_number(client, expected):
    """The words for `many` as an age"""
    assert refused(sign_up(client, Age="many")).errors == {"Age": expected}


@differs(flask="refused", fastapi="36", django="36")
def test_an_age_with_a_zero_fraction(client, expected):
    """An age of `36.0`, typed into the form"""
    errors = wrong(client, {"Age": "36.0"})
    assert ("refused" if errors == {"Age"} else "36") == expected


@differs(flask="36", fastapi="refused", django="36")
def test_an_age_in_other_digits(client, expected):
    """An age of `٣٦`, 36 in Arabic digits"""
    errors = wrong(client, {"Age": "٣٦"})
    assert ("refused" if errors == {"Age"} else "36") == expected


# The same rules for JSON


def test_a_customer_in_json(client):
    response = post_json(client, email="Ada@Example.com")
    assert response.status_code == 201
    assert response.json() == {"email": "ada@example.com", "age": 36, "staff": False}
    assert has_account(client, "ada@example.com")


def test_json_is_held_to_the_rules_of_the_form(client):
    """Wrong JSON is a 422 that names the fields that the form names"""
    response = post_json(client, email="nobody", age=12, password="short")
    assert json_errors(response) == {"email", "age", "password"}


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"email": null, "age": null, "password": null}',
        '{"email": [], "age": {}, "password": false}',
    ],
)
def test_json_without_values_names_its_fields(client, body):
    headers = {"content-type": "application/json"}
    response = client.post("/api/customers", content=body, headers=headers)
    assert json_errors(response) == {"email", "age", "password"}


def test_an_age_of_400_digits_in_json(client):
    """JSON with an age of 400 digits is a 422 that names it"""
    assert json_errors(post_json(client, age=10**400)) == {"age"}


@pytest.mark.parametrize("body", ["[]", "null", "5", '"text"'])
def test_json_that_is_no_object_is_refused(client, body):
    headers = {"content-type": "application/json"}
    assert json_errors(client.post("/api/customers", content=body, headers=headers))


def test_json_that_is_cut_off_is_a_bad_request(client):
    headers = {"content-type": "application/json"}
    response = client.post("/api/customers", content=b'{"email": ', headers=headers)
    assert response.status_code == 400
    assert response.json() == {"error": "invalid json"}


@pytest.mark.parametrize("body", [b"", b"[" * 50_000, b"\xff"])
def test_json_that_is_none_is_refused(client, body):
    """No JSON, bytes that are no UTF-8, 50,000 brackets: refused, and no 500"""
    headers = {"content-type": "application/json"}
    response = client.post("/api/customers", content=body, headers=headers)
    assert response.status_code in (400, 422)


def test_a_form_cannot_post_to_the_api(client):
    """What a form of another site can send, the API refuses: 415 or 422"""
    body = '{"email": "ada@example.com", "age": 36, "password": "long enough 12"}'
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"content-type": media_type, **OTHER_SITE}
        response = client.post("/api/customers", content=body, headers=headers)
        assert response.status_code in (415, 422)
    assert not has_account(client, "ada@example.com")


@differs(flask=422, fastapi=201, django=422)
def test_an_age_sent_with_a_fraction_of_zero(client, expected):
    """JSON: `"age": 36.0`"""
    assert post_json(client, age=36.0).status_code == expected


def test_half_a_character_in_json(client):
    """JSON with half of a surrogate pair is refused and no 500"""
    body = r'{"email": "ada@example.com", "age": 36, "password": "\ud800 long enough"}'
    response = client.post(
        "/api/customers", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code in (400, 422)


# Fields that nobody asked for


def test_a_field_that_the_form_lacks_is_not_stored(client):
    """`staff=on` with the form, or `"staff": true` in JSON: not stored"""
    assert post_json(client, staff=True).json()["staff"] is False
    assert post_json(client, email="b@example.com", id=7, staff="on").json()["staff"] is False


def test_a_column_that_the_form_lacks_is_not_changed(client):
    """`featured=on`, a column that the form does not have, is not stored with a book"""
    send(client, "/books/new", {"Title": "Dune", "Stock": "3"}, more={"featured": "on", "id": "9"})
    assert "Featured" not in client.get("/books/1").text
    send(client, "/books/1", {"Title": "Dune"}, more={"featured": "on", "id": "9"})
    assert "Featured" not in client.get("/books/1").text
    assert client.get("/books/9").status_code == 404


# CSRF


@pytest.mark.parametrize("token", ["", "x", "x" * 64, "\N{SNOWMAN}", "\0", "x" * 9999, ["x", "y"]])
def test_a_wrong_token(client, framework, token):
    """A wrong token, of whatever letters, is refused as a missing one is"""
    page = open_page(client, "/signup")
    (name,) = page.hidden
    data = {page.name(label): value for label, value in GOOD.items()}
    response = client.post("/signup", data={**data, name: token}, headers=OWN)
    assert response.status_code == REFUSED[framework]
    assert not has_account(client, "ada@example.com")


def test_a_file_in_place_of_the_token(client, framework):
    """A file in place of the token is refused"""
    page = open_page(client, "/signup")
    (name,) = page.hidden
    response = client.post("/signup", files={name: ("token.txt", b"x")}, headers=OWN)
    assert response.status_code == REFUSED[framework]


def test_the_token_of_another_visitor(client, framework):
    """The token of another visitor's page is refused"""
    stolen = open_page(client, "/signup")
    client.cookies.clear()
    open_page(client, "/signup")
    assert send(client, "/signup", GOOD, page=stolen).status_code == REFUSED[framework]


def test_a_token_without_its_cookie(client, framework):
    """A right token without the visitor's cookie is refused"""
    page = open_page(client, "/signup")
    client.cookies.clear()
    assert send(client, "/signup", GOOD, page=page).status_code == REFUSED[framework]


def test_no_form_of_the_shop_goes_without_token(client, framework):
    """The forms of books and orders refuse what comes without token, as the first does"""
    for url in ("/signup", "/books/new", "/orders"):
        assert (
            client.post(url, data={"title": "Dune"}, headers=OWN).status_code == REFUSED[framework]
        )


def test_a_browser_that_says_nothing(client):
    """A form whose browser sends neither `Origin` nor `Sec-Fetch-Site` is let in by its token"""
    assert is_welcome(send(client, "/signup", GOOD, headers={}))


def test_the_api_asks_for_no_token(client):
    """The API takes no cookie for a login, and asks for no token"""
    assert post_json(client).status_code == 201


# Hostile text

HOSTILE = [
    "<script>alert(1)</script>",
    '" autofocus onfocus="alert(1)',
    "'; DROP TABLE customer; --",
    "{{ 7 * 7 }}{% debug %}",
    "%s%n %(x)s {x}",
    "\N{RIGHT-TO-LEFT OVERRIDE}moc.elpmaxe",
    "\N{PILE OF POO}\N{COMBINING ACUTE ACCENT}",
    "line\r\nbreak",
    "x" * 10_000,
    "../../etc/passwd",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("label", ["Email", "Age"])
def test_hostile_text_comes_back_as_it_was_typed(client, label, text):
    """Hostile text is refused, and stands in its field as it was typed"""
    page = refused(send(client, "/signup", {**GOOD, label: text}))
    assert {*page.errors} == {label}
    kept = page.values[label]
    assert kept.casefold() == text.casefold()
    assert text not in page.response.text or html.escape(text) == text


@pytest.mark.parametrize("text", [text for text in HOSTILE if len(text) < 120 and "\n" not in text])
def test_hostile_text_is_stored_as_it_was_typed(client, text):
    """Where a text may be anything, hostile text is stored and shown as it was typed"""
    assert send(client, "/books/new", {"Title": text, "Stock": "1"}).status_code in (302, 303)
    assert open_page(client, "/books/1").values["Title"] == text


@in_process("a hundred requests in a test")
def test_any_text_is_an_answer(client):
    """Whatever the text of email and age, the answer is a page with errors or a redirect"""
    page = open_page(client, "/signup")

    @settings(max_examples=40, deadline=None)
    @given(email=st.text(max_size=300), age=st.text(max_size=30))
    def answered(email, age):
        response = send(client, "/signup", {**GOOD, "Email": email, "Age": age}, page=page)
        assert response.status_code in (302, 303, 422)

    answered()


def test_the_password_is_in_no_answer(client):
    """A wrong form, wrong JSON, a taken address: no answer repeats the password"""
    secret = "sesam open you"
    answers = [
        sign_up(client, Age="12", Password=secret),
        send(client, "/signup", {**GOOD, "Password": secret, "Password again": secret[:-1]}),
        send(client, "/signup", {**GOOD, "Password": secret, "Password again": secret}),
        send(client, "/signup", {**GOOD, "Password": secret, "Password again": secret}),
        post_json(client, password=secret),
        post_json(client, password=secret, age=1),
        post_json(client, password=secret[:4]),
        post_json(client, password=[secret]),
        post_json(client, password=secret * 10),
        post_json(client, email="b@example.com", password=secret),
    ]
    assert {answer.status_code for answer in answers} <= {201, 302, 303, 422}
    for answer in answers:
        assert secret[:4] not in answer.text
        assert not any(secret[:4] in value for value in answer.headers.values())


def test_the_password_is_in_no_log(client, caplog):
    """A wrong form and wrong JSON leave no password in the log"""
    caplog.set_level(0)
    secret = "sesam open you"
    sign_up(client, Age="12", Password=secret)
    post_json(client, password=secret, age=1)
    sign_up(client, Password=secret)
    assert secret not in caplog.text


# A form for a row

DUNE = {"Title": "Dune", "Stock": "3"}
ARRAKIS = "Arrakis \N{EM DASH} <desert>"
TEXT = ("dune.txt", ARRAKIS.encode(), "text/plain")


def leads_to(response, url):
    assert response.status_code in (302, 303), response.text
    assert response.headers["location"] == url


def excerpt(client):
    text = client.get("/books/1").text
    return html.unescape(text.partition("<blockquote>")[2].partition("</blockquote>")[0])


def test_a_form_for_a_new_row_is_empty(client):
    page = open_page(client, "/books/new")
    assert page.labelled == ["Title", "Stock", "Excerpt"]
    assert page.values["Title"] == ""


def test_the_form_of_a_row_is_filled_from_it(client):
    """The form of a book that exists shows what its row holds"""
    leads_to(send(client, "/books/new", DUNE), "/books/1")
    page = open_page(client, "/books/1")
    assert page.values == {"Title": "Dune", "Stock": "3", "Excerpt": ""}


def test_the_form_changes_its_row(client):
    send(client, "/books/new", DUNE)
    leads_to(send(client, "/books/1", {"Title": "Dune Messiah", "Stock": "0"}), "/books/1")
    page = open_page(client, "/books/1")
    assert page.values == {"Title": "Dune Messiah", "Stock": "0", "Excerpt": ""}
    assert client.get("/books/2").status_code == 404


def test_a_wrong_form_does_not_change_its_row(client):
    send(client, "/books/new", DUNE)
    page = refused(send(client, "/books/1", {"Title": "", "Stock": "-1"}))
    assert {*page.errors} == {"Title", "Stock"}
    assert page.values["Stock"] == "-1"
    assert open_page(client, "/books/1").values["Stock"] == "3"


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"Title": "x" * 120, "Stock": "9999"}, set()),
        ({"Title": "x" * 121}, {"Title"}),
        ({"Title": "Du\0ne"}, {"Title"}),
        ({"Title": "   "}, {"Title"}),
        ({"Stock": "10000"}, {"Stock"}),
        ({"Stock": ""}, {"Stock"}),
    ],
)
def test_the_rules_for_a_book(client, changes, errors):
    response = send(client, "/books/new", {**DUNE, **changes})
    assert ({*Page(response).errors} if response.status_code == 422 else set()) == errors


def test_a_title_has_no_blanks_around_it(client):
    """`  Emma ` is stored as `Emma`"""
    leads_to(send(client, "/books/new", {"Title": "  Emma ", "Stock": "1"}), "/books/1")
    assert open_page(client, "/books/1").values["Title"] == "Emma"


def test_a_row_that_does_not_exist_is_not_found(client):
    for number in (0, 7, 2_147_483_647):
        assert client.get(f"/books/{number}").status_code == 404


@pytest.mark.parametrize("number", [2_147_483_648, 10**20])
def test_a_number_that_no_column_holds(client, number):
    """A number that the column cannot hold is refused, and no 500"""
    assert client.get(f"/books/{number}").status_code in (404, 422)


def test_json_is_no_form(client):
    """JSON in place of the form, with the token in a header, is refused"""
    (token,) = open_page(client, "/books/new").hidden.values()
    for title in ("Dune", 5):
        response = client.post(
            "/books/new", json={"title": title, "stock": 3}, headers={**OWN, "x-csrftoken": token}
        )
        assert response.status_code in (403, 422)


# Files in forms


def test_a_file_comes_with_a_form(client):
    """A text file that comes with the form is read, and shown as text"""
    leads_to(send(client, "/books/new", DUNE, file=TEXT), "/books/1")
    assert excerpt(client) == "Arrakis \N{EM DASH} <desert>"


def test_without_a_file_the_old_one_stays(client):
    """A form without a file keeps the text of the last one"""
    send(client, "/books/new", DUNE, file=TEXT)
    leads_to(send(client, "/books/1", {"Stock": "2"}), "/books/1")
    assert open_page(client, "/books/1").values["Stock"] == "2"
    assert excerpt(client) == "Arrakis \N{EM DASH} <desert>"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\x89PNG\r\n", "This is not a text file."),
        (b"x" * 20_001, "The file is too long."),
        ("\N{EURO SIGN}".encode() * 6_667, "The file is too long."),
        (b"Du\0ne", "This is not a text file."),
        (b"x" * 20_000, None),
    ],
)
def test_a_wrong_file_is_an_error_beside_its_field(client, content, error):
    response = send(client, "/books/new", DUNE, file=("dune.txt", content, "text/plain"))
    if error is None:
        leads_to(response, "/books/1")
        return
    page = refused(response)
    assert page.errors == {"Excerpt": error}
    assert page.values == {"Title": "Dune", "Stock": "3", "Excerpt": ""}


def test_the_form_that_comes_back_has_lost_its_file(client):
    """A form that comes back for another field keeps its texts, and has lost its file"""
    page = refused(send(client, "/books/new", {"Title": "Dune", "Stock": "many"}, file=TEXT))
    assert page.errors.keys() == {"Stock"}
    leads_to(send(client, "/books/new", {"Stock": "3"}, page=page), "/books/1")
    assert excerpt(client) == ""


def test_a_file_in_a_form_without_files(client):
    """A file in place of the address, in a form without files, is a 422 beside the address"""
    page = open_page(client, "/signup")
    data = {name: text for name, text in page.sent([GOOD]) if name != "email"}
    response = client.post("/signup", data=data, files={"email": ("a.txt", b"x")}, headers=OWN)
    assert {*refused(response).errors} == {"Email"}


def test_a_refused_form_does_not_show_its_file(client):
    """The page of a wrong form shows the text that is stored, and not that of the file it lost"""
    send(client, "/books/new", DUNE, file=TEXT)
    file = ("other.txt", b"Salusa", "text/plain")
    page = refused(send(client, "/books/1", {"Stock": "many"}, file=file))
    assert html.escape(ARRAKIS) in page.response.text
    assert "Salusa" not in page.response.text


def test_text_where_a_file_belongs(client):
    """Text in place of the file is no file"""
    page = open_page(client, "/books/new")
    data = {**page.hidden, "title": "Dune", "stock": "3", "excerpt": "typed"}
    leads_to(client.post("/books/new", data=data, headers=OWN), "/books/1")
    assert excerpt(client) == ""


# Many rows in one form

BLANK = {"Title": "", "Copies": ""}


def ordered(client):
    """What the page lists, without blanks."""
    text = client.get("/orders").text.partition("<ul>")[2].partition("</ul>")[0]
    return [" ".join(part.split()) for part in text.replace("</li>", "").split("<li>")[1:]]


def test_a_form_of_three_rows(client):
    """The form for an order has 3 rows, empty"""
    assert open_page(client, "/orders").rows == [BLANK] * 3


def test_rows_that_were_filled_are_kept(client):
    """Filled rows are kept; a row that was left blank is no mistake"""
    rows = {"Title": "Dune", "Copies": "1"}, {"Title": "Emma", "Copies": "99"}
    leads_to(send(client, "/orders", *rows), "/orders")
    assert ordered(client) == ["1 x Dune. 99 x Emma."]


def test_a_wrong_row_comes_back_with_its_errors(client):
    """A wrong row comes back with its errors beside its own fields; nothing is kept"""
    rows = {"Title": "Dune", "Copies": "1"}, {"Title": "Emma", "Copies": "0"}
    page = refused(send(client, "/orders", *rows))
    assert page.rows == [*rows, BLANK]
    assert page.row_errors == [set(), {"Copies"}, set()]
    assert ordered(client) == []


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        ({"Title": "Dune", "Copies": ""}, {"Copies"}),
        ({"Title": "", "Copies": "1"}, {"Title"}),
        ({"Title": "   ", "Copies": "1"}, {"Title"}),
        ({"Title": "Dune", "Copies": "9" * 400}, {"Copies"}),
        ({"Title": "Dune", "Copies": "100"}, {"Copies"}),
        ({"Title": "x" * 121, "Copies": "1"}, {"Title"}),
    ],
)
def test_a_row_that_is_half_filled(client, row, errors):
    assert refused(send(client, "/orders", row)).row_errors[0] == errors


def test_an_order_without_rows_is_refused(client):
    """An order of blank rows is a 422"""
    page = refused(send(client, "/orders"))
    assert page.row_errors == [set()] * 3
    assert "at least" in page.response.text
    assert ordered(client) == []


def rows_sent(client, count):
    """A form with that many filled rows, as a script would send it."""
    page = open_page(client, "/orders")
    pairs = page.sent([{"Title": "Dune", "Copies": "1"}] * 3)
    data: dict[str, list[str]] = {}
    for name, text in pairs:
        data.setdefault(name, []).append(text)
    if "lines-0-title" in data:
        for number in range(count):
            data |= {f"lines-{number}-title": ["Dune"], f"lines-{number}-copies": ["1"]}
        if "lines-TOTAL_FORMS" in data:
            data["lines-TOTAL_FORMS"] = [str(count)]
    else:
        data |= {"title": ["Dune"] * count, "copies": ["1"] * count}
    return client.post("/orders", data=data, headers=OWN)


def test_ten_rows_are_taken_and_eleven_refused(client):
    """Ten rows are kept, eleven are a 422"""
    leads_to(rows_sent(client, 10), "/orders")
    assert ordered(client) == [" ".join(["1 x Dune."] * 10)]
    assert "at most 10" in refused(rows_sent(client, 11)).response.text
    assert len(ordered(client)) == 1


def test_hundreds_of_rows_are_refused(client):
    """400 rows are refused, and no more than 11 of them are shown again"""
    response = rows_sent(client, 400)
    assert response.status_code in (400, 422)
    if response.status_code == 422:
        assert len(Page(response).rows) <= 11


def test_a_row_that_lacks_a_field(client):
    """A row that was sent without its copies is wrong, and no 500"""
    page = open_page(client, "/orders")
    data = dict(page.sent([]))
    title = page.name("Title")
    data = {name: text for name, text in data.items() if "copies" not in name}
    assert client.post("/orders", data={**data, title: "Dune"}, headers=OWN).status_code == 422
