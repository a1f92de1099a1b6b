"""Authentication that only Flask has: what Flask-Login does, and what is left to you."""

import flask
import pytest
from flask.json.tag import TaggedJSONSerializer
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user
from itsdangerous import URLSafeTimedSerializer
from werkzeug import security
from werkzeug.security import check_password_hash, generate_password_hash

from tests.topics.authentication import security_shop
from tests.topics.authentication.shop import logged_in


class Customer(UserMixin):
    id = "ada"


def bare():
    """Flask-Login as its first page shows it."""
    app = flask.Flask(__name__)
    app.config["SECRET_KEY"] = "k" * 32
    app.testing = True
    logins = LoginManager(app)
    logins.user_loader(lambda user_id: Customer())

    @app.post("/login")
    def log_in():
        login_user(Customer())
        return "in"

    @app.post("/logout")
    def log_out():
        logout_user()
        return "out"

    @app.get("/account")
    @login_required
    def account():
        return "Hello"

    return app


def test_flask_login_alone_cannot_end_a_copied_cookie():
    """With Flask-Login alone a copied cookie opens the page after the logout: 200"""
    client = bare().test_client()
    client.post("/login")
    copied = client.get_cookie("session").value
    client.post("/logout")
    assert client.get("/account").status_code == 401
    client.set_cookie("session", copied)
    assert client.get("/account").status_code == 200


def test_flask_login_without_a_login_view():
    """Without `login_view` Flask-Login answers 401"""
    assert bare().test_client().get("/account").status_code == 401


def test_the_session_can_be_read(client):
    """Without the key the session can be read, though not written: the user's number is in it, and a secret of 43 characters"""
    logged_in(client)
    reader = URLSafeTimedSerializer("another key", serializer=TaggedJSONSerializer())
    genuine, payload = reader.loads_unsafe(client.cookies["session"])
    assert not genuine
    assert payload["_user_id"] == "1"
    assert len(payload["secret"]) == 43


def test_werkzeug_hashes_with_scrypt():
    """Werkzeug has two functions for passwords, to hash and to check; it hashes with scrypt"""
    found = {name for name in vars(security) if "password" in name and not name.startswith("_")}
    assert found == {"generate_password_hash", "check_password_hash"}
    stored = generate_password_hash("a long password")
    assert stored.startswith("scrypt:32768:8:1$")
    assert check_password_hash(stored, "a long password")


def test_remember_me_of_flask_login_calls_what_is_deprecated():
    """`login_user(remember=True)` of Flask-Login 0.6.3 calls `datetime.utcnow`, which warns"""
    app = bare()
    with app.test_request_context():
        login_user(Customer(), remember=True)
        with pytest.warns(DeprecationWarning, match="utcnow"):
            app.process_response(flask.Response())


# Flask-Security


def test_flask_security_knows_pages_and_apps():
    """Flask-Security sends a browser to the login, with `next`, and answers an app 401"""
    app, _ = security_shop.create_app()
    client = app.test_client()
    page = client.get("/account")
    assert (page.status_code, page.location) == (302, "/login?next=/account")
    assert security_shop.account(client) == 401
    assert security_shop.log_in(client).status_code == 200
    assert security_shop.account(client) == 200


def test_flask_security_tells_who_has_an_account_unless_told_otherwise():
    """By default Flask-Security says `Specified user does not exist`; with `SECURITY_RETURN_GENERIC_RESPONSES` both answers are the same"""
    said = {}
    for generic in (False, True):
        app, _ = security_shop.create_app(SECURITY_RETURN_GENERIC_RESPONSES=generic)
        client = app.test_client()
        said[generic] = [
            security_shop.log_in(client, email, "wrong").json["response"]["errors"]
            for email in (security_shop.EMAIL, "nobody@example.com")
        ]
    assert said[False] == [["Invalid password"], ["Specified user does not exist"]]
    assert said[True][0] == said[True][1]


def test_flask_security_cannot_end_a_copied_cookie():
    """With Flask-Security a copied cookie opens the page after the logout: 200; `set_uniquifier` ends all logins of a user, tokens as well"""
    app, users = security_shop.create_app()
    client, till = app.test_client(), app.test_client()
    token = security_shop.log_in(client).json["response"]["user"]["authentication_token"]
    copied = client.get_cookie("session").value
    client.post("/logout")
    assert security_shop.account(client) == 401
    client.set_cookie("session", copied)
    sent = {"Authentication-Token": token}
    assert security_shop.account(client) == security_shop.account(till, **sent) == 200
    with app.app_context():
        users.set_uniquifier(users.find_user(email=security_shop.EMAIL))
        users.commit()
    assert security_shop.account(client) == security_shop.account(till, **sent) == 401
