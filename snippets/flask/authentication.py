"""Who is asking, in Flask: Flask-Login for pages, tokens for an API.

>>> from snippets.flask.authentication import hasher, local
>>> hasher.verify("a long password", hasher.hash("a long password"))
True
>>> local("//evil.example/")
'/account'
"""

import hashlib
import os
import re
import secrets
import time
from functools import wraps

import jwt
import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    abort,
    g,
    redirect,
    render_template,
    request,
    session,
)
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect
from pwdlib import PasswordHash
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.exceptions import HTTPException


# region: models
class Base(DeclarativeBase):
    pass


class User(UserMixin, Base):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(sa.String(150), unique=True)
    password: Mapped[str] = mapped_column(sa.String(255))  # a hash
    role: Mapped[str] = mapped_column(default="customer")


def new_id():
    return secrets.token_hex(16)


class Login(Base):
    """A browser or an app that is logged in; logout deletes it."""

    __tablename__ = "login"

    # By chance, because numbers of deleted rows can come again.
    id: Mapped[str] = mapped_column(
        sa.String(32), primary_key=True, default=new_id
    )
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    expires: Mapped[int]
# endregion: models


# region: setup
DAY = 24 * 60 * 60  # seconds
db = SQLAlchemy()
csrf = CSRFProtect()
logins = LoginManager()
logins.login_view = "pages.log_in"
logins.login_message = None
pages = Blueprint("pages", __name__)
api = Blueprint("api", __name__, url_prefix="/api")
csrf.exempt(api)  # no cookie opens it


def create_app():
    app = Flask(__name__, template_folder="authentication_files")
    url = os.environ.get("DATABASE_URL", "sqlite://")
    app.config.update(
        # Yours comes from the environment: all processes need it.
        SECRET_KEY=secrets.token_hex(),
        SESSION_COOKIE_SECURE=True,  # by HTTPS alone
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=100_000,  # bytes
        SQLALCHEMY_ENGINES={
            "default": {"url": url, "hide_parameters": True}
        },
    )
    db.init_app(app)
    csrf.init_app(app)
    logins.init_app(app)
    app.register_blueprint(pages)
    app.register_blueprint(api)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app
# endregion: setup


# region: tries
TRIES, WINDOW = 5, 5 * 60  # seconds


class Try(Base):
    """Somebody at an address has tried a name."""

    __tablename__ = "try"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(sa.String(64), index=True)
    at: Mapped[float]


def note_try(username):
    """Refuse the sixth try; gives the name of tries like it."""
    who = digest(f"{request.remote_addr} {username}")
    now = time.time()
    db.session.execute(sa.delete(Try).where(Try.at < now - WINDOW))
    # Noted, then counted: many at once are counted, too.
    db.session.add(Try(who=who, at=now))
    db.session.commit()
    tries = sa.select(sa.func.count(Try.id)).where(Try.who == who)
    if db.session.scalars(tries).one() > TRIES:
        abort(429, retry_after=WINDOW)
    return who
# endregion: tries


# region: passwords
hasher = PasswordHash.recommended()  # Argon2
DUMMY = hasher.hash(secrets.token_hex())


def authenticate(username, password):
    """The user with this name and this password, or None."""
    who = note_try(username)
    user = db.session.scalar(
        sa.select(User).where(User.username == username)
    )
    # A name that nobody has takes as long as one that somebody has.
    stored = user.password if user else DUMMY
    right, better = hasher.verify_and_update(password, stored)
    if user is None or not right:
        return None
    if better:  # the old hash was a weaker one
        user.password = better
    db.session.execute(sa.delete(Try).where(Try.who == who))
    db.session.commit()
    return user
# endregion: passwords


# region: signup
@pages.route("/signup", methods=["GET", "POST"])
def sign_up():
    if request.method == "GET":
        return render_template("form.html", title="Sign up")
    username = request.form.get("username", "")
    password = request.form.get("password", "")
    if not re.fullmatch(r"[\w.-]{1,150}", username):
        return again("Sign up", "Choose another name.")
    if not 12 <= len(password) <= 128:
        return again("Sign up", "Choose 12 to 128 characters.")
    user = User(username=username, password=hasher.hash(password))
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        return again("Sign up", "Choose another name.")
    return redirect("/login", 303)


def again(title, error):
    """The form once more, with what was wrong."""
    return render_template("form.html", title=title, error=error), 422
# endregion: signup


# region: session
def digest(secret):
    """What is stored of a secret: from this nobody can log in."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin(user, seconds):
    """Write down that this user is logged in; gives the secret."""
    secret = secrets.token_urlsafe(32)
    login = Login(
        user_id=user.id,
        key=digest(secret),
        expires=int(time.time()) + seconds,
    )
    db.session.add(login)
    db.session.commit()
    return login, secret


def end(secret):
    over = sa.delete(Login).where(Login.key == digest(secret))
    db.session.execute(over)
    db.session.commit()


@logins.user_loader
def load_user(user_id):
    # The signed cookie alone opens nothing once the row is gone.
    return db.session.scalar(
        sa.select(User)
        .join(Login)
        .where(
            User.id == int(user_id),
            Login.key == digest(session["secret"]),
            Login.expires > time.time(),
        )
    )
# endregion: session


# region: login
# One slash, then no second one, no backslash, blank or control.
LOCAL = re.compile(r"/(?!/)[^\\\x00-\x20]*")


def local(target):
    return target if LOCAL.fullmatch(target) else "/account"


@pages.route("/login", methods=["GET", "POST"])
def log_in():
    if request.method == "GET":
        return render_template("form.html", title="Log in")
    user = authenticate(
        request.form.get("username", ""),
        request.form.get("password", ""),
    )
    if user is None:
        return again("Log in", "Name and password do not match.")
    end(session.get("secret", ""))
    session.clear()  # what was there before was a stranger's
    _, session["secret"] = begin(user, 14 * DAY)
    login_user(user)
    return redirect(local(request.args.get("next", "")), 303)


@pages.post("/logout")
def log_out():
    end(session.get("secret", ""))
    logout_user()
    session.clear()
    return redirect("/login", 303)
# endregion: login


# region: required
@pages.get("/account")
@login_required  # else a redirect to login_view
def account():
    return render_template("account.html", user=current_user)
# endregion: required


# region: roles
PERMISSIONS = {"customer": set(), "staff": {"delete_review"}}


def may(user, permission):
    return permission in PERMISSIONS.get(user.role, ())


def permission_required(permission):
    """Below login_required: 403 for a user who lacks it."""

    def decorate(view):
        @wraps(view)
        def guarded(*args, **kwargs):
            if not may(current_user, permission):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate


@pages.get("/moderation")
@login_required
@permission_required("delete_review")
def moderation():
    reviews = db.session.scalars(sa.select(Review)).all()
    return render_template("moderation.html", reviews=reviews)
# endregion: roles


# region: tokens
# Yours comes from the environment, with 32 bytes or more.
KEY = secrets.token_hex()
ISSUER = "https://shop.example"
MINUTES = 15


def sign(login, audience, expires, **more):
    """A token that says who its bearer is, to whom and until when."""
    claims = {
        "iss": ISSUER,
        "aud": audience,
        "sub": str(login.user_id),
        "sid": login.id,
        "iat": int(time.time()),
        "exp": expires,
    }
    return jwt.encode(claims | more, KEY, algorithm="HS256")


def read(token, audience):
    """Its claims; jwt.InvalidTokenError if anything is wrong."""
    return jwt.decode(
        token,
        KEY,
        algorithms=["HS256"],  # never what the token itself says
        audience=audience,
        issuer=ISSUER,
        options={"require": ["exp", "sub", "sid"]},
    )


def pair(login, secret):
    """A token for the API, and one to get the next pair with."""
    soon = int(time.time()) + MINUTES * 60
    return {
        "access_token": sign(login, "shop-api", soon),
        "token_type": "bearer",
        "expires_in": MINUTES * 60,
        "refresh_token": sign(
            login, "shop-refresh", login.expires, jti=secret
        ),
    }


@api.post("/token")
def give_token():
    user = authenticate(
        request.form.get("username", ""),
        request.form.get("password", ""),
    )
    if user is None:
        return {"error": "invalid_grant"}, 400
    return pair(*begin(user, 14 * DAY))
# endregion: tokens


# region: refresh
@api.post("/refresh")
def refresh():
    token = request.form.get("refresh_token", "")
    try:
        claims = read(token, "shop-refresh")
    except jwt.InvalidTokenError:
        return {"error": "invalid_grant"}, 400
    secret = secrets.token_urlsafe(32)
    login = db.session.scalar(
        sa.update(Login)
        .where(Login.id == claims["sid"])
        .where(Login.key == digest(claims["jti"]))
        .values(key=digest(secret))
        .returning(Login)
    )
    if login is None:
        # Used before. One of the two is a thief, so both are out.
        over = sa.delete(Login).where(Login.id == claims["sid"])
        db.session.execute(over)
    db.session.commit()
    if login is None:
        return {"error": "invalid_grant"}, 400
    return pair(login, secret)
# endregion: refresh


# region: bearer
@api.errorhandler(HTTPException)
def as_json(error):
    response = error.get_response()
    response.mimetype = "application/json"
    response.data = f'{{"error": "{error.name}"}}'
    if error.code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def bearer_required(view):
    """Let nobody in without a good token; g has its user."""

    @wraps(view)
    def guarded(*args, **kwargs):
        sent = request.authorization
        if sent is None or sent.type != "bearer" or not sent.token:
            abort(401)
        try:
            claims = read(sent.token, "shop-api")
        except jwt.InvalidTokenError:
            abort(401)
        g.login = db.session.get(Login, claims["sid"]) or abort(401)
        g.user = db.session.get(User, g.login.user_id)
        return view(*args, **kwargs)

    return guarded


@api.get("/me")
@bearer_required
def me():
    return {"username": g.user.username}


@api.post("/logout")
@bearer_required
def end_login():
    db.session.delete(g.login)
    db.session.commit()
    return "", 204
# endregion: bearer


# region: objects
class Review(Base):
    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    text: Mapped[str] = mapped_column(sa.String(1000))


@api.post("/reviews")
@bearer_required
def add_review():
    text = request.form.get("text", "")
    if not 1 <= len(text) <= 1000:
        abort(422)
    review = Review(user_id=g.user.id, text=text)
    db.session.add(review)
    db.session.commit()
    return {"id": review.id, "text": text}, 201


@api.delete("/reviews/<int:review_id>")
@bearer_required
def delete_review(review_id):
    review = db.session.get(Review, review_id) or abort(404)
    own = review.user_id == g.user.id
    if not (own or may(g.user, "delete_review")):
        abort(403)
    db.session.delete(review)
    db.session.commit()
    return "", 204
# endregion: objects


# region: keys
class ApiKey(Base):
    """For a program that nobody logs in for: a key, shown once."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)


@api.post("/keys")
@bearer_required
def make_key():
    key = f"shop_{secrets.token_urlsafe(32)}"  # tells what it opens
    row = ApiKey(user_id=g.user.id, digest=digest(key))
    db.session.add(row)
    db.session.commit()
    return {"id": row.id, "key": key}, 201


@api.delete("/keys/<int:key_id>")
@bearer_required
def delete_key(key_id):
    row = db.session.get(ApiKey, key_id) or abort(404)
    if row.user_id != g.user.id:
        abort(404)  # others need not know that it exists
    db.session.delete(row)
    db.session.commit()
    return "", 204


@api.get("/stock")
def stock():
    sent = request.headers.get("X-API-Key", "")
    known = sa.select(ApiKey).where(ApiKey.digest == digest(sent))
    if db.session.scalar(known) is None:
        headers = {"WWW-Authenticate": "APIKey"}
        return {"error": "Unauthorized"}, 401, headers
    return {"Dune": 3, "Emma": 0}
# endregion: keys
