"""Who is asking, in FastAPI: dependencies for pages and an API.

>>> from snippets.fastapi.authentication import hasher, local
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
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import jwt
import sqlalchemy as sa
from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    Form,
    HTTPException,
    Request,
)
from fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
)
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
)
from fastapi.templating import Jinja2Templates
from pwdlib import PasswordHash
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.concurrency import run_in_threadpool


# region: models
class Base(DeclarativeBase):
    pass


class User(Base):
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


@asynccontextmanager
async def lifespan(app):
    url = os.environ.get("DATABASE_URL", "sqlite://")
    engine = create_async_engine(
        url.replace("sqlite:", "sqlite+aiosqlite:"),
        hide_parameters=True,  # a row's values are not for the log
    )
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    app.state.sessions = async_sessionmaker(
        engine, expire_on_commit=False
    )
    yield
    await engine.dispose()


async def open_session(request: Request):
    async with request.app.state.sessions() as session:
        yield session


def own_form(request: Request):
    """Refuse a form that the page of another site has sent."""
    site = request.headers.get("sec-fetch-site")
    if site is None:  # over plain HTTP browsers may leave it out
        here = f"{request.url.scheme}://{request.url.netloc}"
        trusted = request.headers.get("origin") == here
    else:  # "none" is the user's own doing, and no page's
        trusted = site in ("same-origin", "none")
    if request.method == "POST" and not trusted:
        raise HTTPException(403, "Not sent from this site")


Session = Annotated[AsyncSession, Depends(open_session)]
app = FastAPI(lifespan=lifespan, max_body_size=100_000)  # bytes
templates = Jinja2Templates(
    Path(__file__).parent / "authentication_files"
)
pages = APIRouter(
    dependencies=[Depends(own_form)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)
api = APIRouter(prefix="/api")
# endregion: setup


# region: tries
TRIES, WINDOW = 5, 5 * 60  # seconds


class Try(Base):
    """Somebody at an address has tried a name."""

    __tablename__ = "try"

    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(sa.String(64), index=True)
    at: Mapped[float]


async def note_try(session, address, username):
    """Refuse the sixth try; gives the name of tries like it."""
    who = digest(f"{address} {username}")
    now = time.time()
    await session.execute(sa.delete(Try).where(Try.at < now - WINDOW))
    # Noted, then counted: many at once are counted, too.
    session.add(Try(who=who, at=now))
    await session.commit()
    tries = sa.select(sa.func.count(Try.id)).where(Try.who == who)
    if (await session.scalars(tries)).one() > TRIES:
        headers = {"Retry-After": str(WINDOW)}
        raise HTTPException(429, "Too Many Requests", headers)
    return who
# endregion: tries


# region: passwords
hasher = PasswordHash.recommended()  # Argon2
DUMMY = hasher.hash(secrets.token_hex())


async def authenticate(session, request, username, password):
    """The user with this name and this password, or None."""
    who = await note_try(session, request.client.host, username)
    user = await session.scalar(
        sa.select(User).where(User.username == username)
    )
    # A name that nobody has takes as long as one that somebody has.
    stored = user.password if user else DUMMY
    right, better = await run_in_threadpool(
        hasher.verify_and_update, password, stored
    )
    if user is None or not right:
        return None
    if better:  # the old hash was a weaker one
        user.password = better
    await session.execute(sa.delete(Try).where(Try.who == who))
    await session.commit()
    return user
# endregion: passwords


# region: signup
def show(request, title, error="", status=200):
    return templates.TemplateResponse(
        request,
        "form.html",
        {"title": title, "error": error},
        status_code=status,
    )


@pages.get("/signup")
async def show_signup(request: Request):
    return show(request, "Sign up")


@pages.post("/signup")
async def sign_up(
    request: Request,
    session: Session,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
):
    error = "Choose another name."
    if not re.fullmatch(r"[\w.-]{1,150}", username):
        return show(request, "Sign up", error, 422)
    if not 12 <= len(password) <= 128:
        error = "Choose 12 to 128 characters."
        return show(request, "Sign up", error, 422)
    stored = await run_in_threadpool(hasher.hash, password)
    session.add(User(username=username, password=stored))
    try:
        await session.commit()
    except IntegrityError:
        return show(request, "Sign up", error, 422)
    return RedirectResponse("/login", 303)
# endregion: signup


# region: session
def digest(secret):
    """What is stored of a secret: from this nobody can log in."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def begin(session, user, seconds):
    """Write down that this user is logged in; gives the secret."""
    secret = secrets.token_urlsafe(32)
    login = Login(
        user_id=user.id,
        key=digest(secret),
        expires=int(time.time()) + seconds,
    )
    session.add(login)
    await session.commit()
    return login, secret


async def end(session, secret):
    over = sa.delete(Login).where(Login.key == digest(secret or ""))
    await session.execute(over)
    await session.commit()


cookie = APIKeyCookie(name="session", auto_error=False)
Secret = Annotated[str | None, Depends(cookie)]


class LoginRequired(Exception):
    pass


async def logged_in(secret: Secret, session: Session):
    """The user whose browser has sent the secret of a login."""
    user = await session.scalar(
        sa.select(User)
        .join(Login)
        .where(
            Login.key == digest(secret or ""),
            Login.expires > time.time(),
        )
    )
    if user is None:
        raise LoginRequired
    return user
# endregion: session


# region: login
# One slash, then no second one, no backslash, blank or control.
LOCAL = re.compile(r"/(?!/)[^\\\x00-\x20]*")


def local(target):
    return target if LOCAL.fullmatch(target) else "/account"


@pages.get("/login")
async def show_login(request: Request):
    return show(request, "Log in")


@pages.post("/login")
async def log_in(
    request: Request,
    session: Session,
    secret: Secret,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
):
    user = await authenticate(session, request, username, password)
    if user is None:
        error = "Name and password do not match."
        return show(request, "Log in", error, 422)
    await end(session, secret)  # what this browser had before
    _, secret = await begin(session, user, 14 * DAY)
    target = local(request.query_params.get("next", ""))
    response = RedirectResponse(target, 303)
    response.set_cookie(
        cookie.model.name,
        secret,
        secure=True,  # by HTTPS alone
        httponly=True,  # not for scripts
        samesite="lax",
    )
    return response


@pages.post("/logout")
async def log_out(secret: Secret, session: Session):
    await end(session, secret)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(
        cookie.model.name, secure=True, httponly=True, samesite="lax"
    )
    return response
# endregion: login


# region: required
@app.exception_handler(LoginRequired)
async def to_login(request, error):
    path = request.url.path
    query = f"?{request.url.query}" if request.url.query else ""
    where = urlencode({"next": path + query})
    return RedirectResponse(f"/login?{where}", 303)


@pages.get("/account")
async def account(
    request: Request, user: Annotated[User, Depends(logged_in)]
):
    return templates.TemplateResponse(
        request, "account.html", {"user": user}
    )
# endregion: required


# region: roles
PERMISSIONS = {"customer": set(), "staff": {"delete_review"}}


def may(user, permission):
    return permission in PERMISSIONS.get(user.role, ())


def allowed(permission):
    """A dependency: 403 for a user who lacks the permission."""

    async def check(user: Annotated[User, Depends(logged_in)]):
        if not may(user, permission):
            raise HTTPException(403)

    return check


@pages.get(
    "/moderation", dependencies=[Depends(allowed("delete_review"))]
)
async def moderation(request: Request, session: Session):
    reviews = (await session.scalars(sa.select(Review))).all()
    return templates.TemplateResponse(
        request, "moderation.html", {"reviews": reviews}
    )
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
async def give_token(
    request: Request,
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    session: Session,
):
    user = await authenticate(
        session, request, form.username, form.password
    )
    if user is None:
        return JSONResponse({"error": "invalid_grant"}, 400)
    return pair(*await begin(session, user, 14 * DAY))
# endregion: tokens


# region: refresh
@api.post("/refresh")
async def refresh(
    session: Session, refresh_token: Annotated[str, Form()] = ""
):
    refused = JSONResponse({"error": "invalid_grant"}, 400)
    try:
        claims = read(refresh_token, "shop-refresh")
    except jwt.InvalidTokenError:
        return refused
    secret = secrets.token_urlsafe(32)
    login = await session.scalar(
        sa.update(Login)
        .where(Login.id == claims["sid"])
        .where(Login.key == digest(claims["jti"]))
        .values(key=digest(secret))
        .returning(Login)
    )
    if login is None:
        # Used before. One of the two is a thief, so both are out.
        over = sa.delete(Login).where(Login.id == claims["sid"])
        await session.execute(over)
    await session.commit()
    return refused if login is None else pair(login, secret)
# endregion: refresh


# region: bearer
@app.exception_handler(HTTPException)
async def as_json(request, error):
    status, headers = error.status_code, error.headers
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": error.detail}, status, headers)
    return HTMLResponse(f"<h1>{error.detail}</h1>", status, headers)


bearer = OAuth2PasswordBearer(tokenUrl="/api/token", auto_error=False)


async def token_login(
    token: Annotated[str | None, Depends(bearer)], session: Session
):
    """The login that a good token belongs to."""
    headers = {"WWW-Authenticate": "Bearer"}
    unauthorized = HTTPException(401, "Unauthorized", headers)
    try:
        claims = read(token or "", "shop-api")
    except jwt.InvalidTokenError:
        raise unauthorized from None
    login = await session.get(Login, claims["sid"])
    if login is None:
        raise unauthorized
    return login


ApiLogin = Annotated[Login, Depends(token_login)]


async def api_user(login: ApiLogin, session: Session):
    return await session.get_one(User, login.user_id)


ApiUser = Annotated[User, Depends(api_user)]


@api.get("/me")
async def me(user: ApiUser):
    return {"username": user.username}


@api.post("/logout", status_code=204)
async def end_login(login: ApiLogin, session: Session) -> None:
    await session.delete(login)
    await session.commit()
# endregion: bearer


# region: objects
class Review(Base):
    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    text: Mapped[str] = mapped_column(sa.String(1000))


Text = Annotated[str, Form(min_length=1, max_length=1000)]


@api.post("/reviews", status_code=201)
async def add_review(user: ApiUser, session: Session, text: Text):
    review = Review(user_id=user.id, text=text)
    session.add(review)
    await session.commit()
    return {"id": review.id, "text": text}


@api.delete("/reviews/{review_id}", status_code=204)
async def delete_review(
    review_id: int, user: ApiUser, session: Session
) -> None:
    review = await session.get(Review, review_id)
    if review is None:
        raise HTTPException(404)
    own = review.user_id == user.id
    if not (own or may(user, "delete_review")):
        raise HTTPException(403)
    await session.delete(review)
    await session.commit()
# endregion: objects


# region: keys
class ApiKey(Base):
    """For a program that nobody logs in for: a key, shown once."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)


@api.post("/keys", status_code=201)
async def make_key(user: ApiUser, session: Session):
    key = f"shop_{secrets.token_urlsafe(32)}"  # tells what it opens
    row = ApiKey(user_id=user.id, digest=digest(key))
    session.add(row)
    await session.commit()
    return {"id": row.id, "key": key}


@api.delete("/keys/{key_id}", status_code=204)
async def delete_key(
    key_id: int, user: ApiUser, session: Session
) -> None:
    row = await session.get(ApiKey, key_id)
    if row is None or row.user_id != user.id:
        raise HTTPException(404)  # others need not know of it
    await session.delete(row)
    await session.commit()


header = APIKeyHeader(name="X-API-Key")  # 401 without it


async def known_key(
    sent: Annotated[str, Depends(header)], session: Session
):
    known = sa.select(ApiKey).where(ApiKey.digest == digest(sent))
    if await session.scalar(known) is None:
        raise header.make_not_authenticated_error()


@api.get("/stock", dependencies=[Depends(known_key)])
async def stock():
    return {"Dune": 3, "Emma": 0}
# endregion: keys


app.include_router(pages)
app.include_router(api)
