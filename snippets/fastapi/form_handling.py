"""Forms in FastAPI: Pydantic models; pages and tokens are yours.

>>> from snippets.fastapi.form_handling import Line, read
>>> read(Line, {"title": "Dune", "copies": "100"}).errors
{'copies': ['Input should be less than or equal to 99']}
"""

import os
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Request,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
)
from fastapi.templating import Jinja2Templates
from pwdlib import PasswordHash
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    Secret,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_core import PydanticCustomError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.middleware.sessions import SessionMiddleware


# region: models
class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password: Mapped[str] = mapped_column(sa.String(255))  # a hash
    age: Mapped[int]
    staff: Mapped[bool] = mapped_column(default=False)


class Book(Base):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    stock: Mapped[int]
    excerpt: Mapped[str] = mapped_column(sa.Text, default="")
    featured: Mapped[bool] = mapped_column(default=False)
# endregion: models


# region: csrf
async def read_form(request: Request):
    # Closes the uploaded files when the answer is on its way.
    async with request.form(max_fields=100, max_files=1) as form:
        yield form


Posted = Annotated[FormData, Depends(read_form)]


def with_token(request: Request):
    """Give templates csrf_token(), which keeps it in the session."""
    token = partial(
        request.session.setdefault, "csrf_token", secrets.token_hex()
    )
    return {"csrf_token": token}


def own_form(request: Request, form: Posted):
    """Refuse a form that no page of this session has shown."""
    if request.method == "GET":
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    shown = request.session.get("csrf_token")
    # A stranger may send a file here, or letters beyond ASCII.
    sent = str(form.get("csrf_token"))
    if (
        site not in ("same-origin", "none")
        or not shown
        or not secrets.compare_digest(sent.encode(), shown.encode())
    ):
        raise HTTPException(403, "Open the page again and resend.")
# endregion: csrf


# region: setup
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


Session = Annotated[AsyncSession, Depends(open_session)]
app = FastAPI(lifespan=lifespan, max_body_size=100_000)  # bytes
# Yours comes from the environment: all processes need it.
app.add_middleware(SessionMiddleware, secret_key=secrets.token_hex())
templates = Jinja2Templates(
    Path(__file__).parent / "form_handling_files",
    context_processors=[with_token],
)
pages = APIRouter(
    dependencies=[Depends(own_form)],
    default_response_class=HTMLResponse,
    include_in_schema=False,
)
# endregion: setup


# region: fields
class NewCustomer(BaseModel):
    # Otherwise the text of an error repeats what was typed.
    model_config = ConfigDict(hide_input_in_errors=True)

    email: Annotated[EmailStr, AfterValidator(str.lower)]
    age: int = Field(ge=16, le=120)
    # Printed as stars, so that no log line shows it by accident.
    password: Secret[
        Annotated[str, Field(min_length=12, max_length=128)]
    ]


class Signup(NewCustomer):
    again: Secret[str]

    # A rule about two fields stands at the later one.
    @field_validator("again")
    @classmethod
    def check_again(cls, again, info):
        if again != info.data.get("password", again):
            raise PydanticCustomError("x", "The passwords differ.")
        return again
# endregion: fields


# region: form
@dataclass
class PageForm:
    """What WTForms and Django call a form."""

    values: dict = field(default_factory=dict)  # as they were typed
    errors: dict = field(default_factory=dict)
    data: BaseModel | None = None  # checked, if there is no error


def read(model, values):
    try:
        return PageForm(values, data=model.model_validate(values))
    except ValidationError as invalid:
        return PageForm(values, messages(invalid.errors()))


def messages(errors):
    found = {}
    for error in errors:
        name = ".".join(map(str, error["loc"])) or "body"
        found.setdefault(name, []).append(error["msg"])
    return found


def show(request, name, form, **more):
    return templates.TemplateResponse(
        request,
        name,
        {"form": form, **more},
        status_code=422 if form.errors else 200,
    )
# endregion: form


# region: store
TAKEN = "This address has an account already."
hasher = PasswordHash.recommended()


async def store(session, new):
    """The new customer; None if the address is taken."""
    password = new.password.get_secret_value()
    customer = Customer(
        email=new.email,
        age=new.age,
        # Slow on purpose: in a thread, so that others go on.
        password=await run_in_threadpool(hasher.hash, password),
    )
    session.add(customer)
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        return None
    return customer
# endregion: store


# region: page
@pages.get("/signup")
async def show_signup(request: Request):
    return show(request, "signup.html", PageForm())


@pages.post("/signup")
async def sign_up(request: Request, posted: Posted, session: Session):
    form = read(Signup, dict(posted))
    if form.data:
        if await store(session, form.data):
            url = request.url_for("welcome")
            return RedirectResponse(url.path, 303)
        form.errors["email"] = [TAKEN]
    return show(request, "signup.html", form)


@pages.get("/welcome")
async def welcome():
    return "<h1>Welcome to the bookshop</h1>"
# endregion: page


# region: json
@app.exception_handler(RequestValidationError)
async def refuse(request, invalid):
    # error["loc"] begins with "body"; error["input"] stays here.
    errors = [{**e, "loc": e["loc"][1:]} for e in invalid.errors()]
    if errors[0]["type"] == "json_invalid":
        return JSONResponse({"error": "invalid json"}, 400)
    return JSONResponse({"errors": messages(errors)}, 422)


class CustomerOut(BaseModel):
    """What may leave: the hash of the password is not in it."""

    email: str
    age: int
    staff: bool


@app.post("/api/customers", status_code=201)
async def add_customer(
    new: NewCustomer, session: Session
) -> CustomerOut:
    customer = await store(session, new)
    if customer is None:
        error = {"loc": ("body", "email"), "type": "x", "msg": TAKEN}
        raise RequestValidationError([error])
    return CustomerOut.model_validate(customer, from_attributes=True)
# endregion: json


# region: file
def text_of(upload):
    """The text of a small file; of no file, nothing."""
    if not isinstance(upload, UploadFile):
        return ""
    data = upload.file.read(20_001)
    if len(data) > 20_000:
        raise PydanticCustomError("x", "The file is too long.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # nor would PostgreSQL store that
        raise PydanticCustomError("x", "This is not a text file.")
    return text
# endregion: file


# region: bound
Title = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=120,
        pattern=r"^[^\x00]*$",  # PostgreSQL stores no null
    ),
]


class BookForm(BaseModel):
    title: Title
    stock: int = Field(ge=0, le=9999)
    excerpt: Annotated[str, BeforeValidator(text_of)] = ""


BookId = Annotated[int, Field(le=2147483647)]  # PostgreSQL's integer


# Who may do this is for the chapter on authentication.
async def find_book(book_id: BookId | Literal["new"], session: Session):
    if book_id == "new":
        return Book()
    book = await session.get(Book, book_id)
    if book is None:
        raise HTTPException(404)
    return book


Found = Annotated[Book, Depends(find_book)]


@pages.get("/books/{book_id}")
async def show_book(request: Request, book: Found):
    form = PageForm({"title": book.title, "stock": book.stock})
    return show(request, "book.html", form, book=book)


@pages.post("/books/{book_id}")
async def edit_book(
    request: Request,
    book: Found,
    posted: Posted,
    session: Session,
):
    form = read(BookForm, dict(posted))
    if not form.data:
        return show(request, "book.html", form, book=book)
    for name, value in form.data:  # what the model has, no more
        if name != "excerpt" or value:  # no file: the old text
            setattr(book, name, value)
    session.add(book)
    await session.commit()
    url = request.url_for("show_book", book_id=book.id)
    return RedirectResponse(url.path, 303)
# endregion: bound


# region: lines
ORDERS = []


class Line(BaseModel):
    title: Title
    copies: int = Field(ge=1, le=99)


class Order(BaseModel):
    lines: list[Line] = Field(min_length=1, max_length=10)


def show_order(request, form):
    lines = form.values.get("lines", [])
    lines = [*lines, {}, {}, {}][: max(3, len(lines))]
    return show(
        request, "orders.html", form, lines=lines, orders=ORDERS
    )


@pages.get("/orders")
async def new_order(request: Request):
    return show_order(request, PageForm())


@pages.post("/orders")
async def order(request: Request, posted: Posted):
    # The names come once in each line, so there are two lists.
    pairs = zip_longest(
        posted.getlist("title"), posted.getlist("copies"), fillvalue=""
    )
    lines = [{"title": t, "copies": c} for t, c in pairs if t or c]
    form = read(Order, {"lines": lines})
    if form.data:
        ORDERS.append(form.data.model_dump()["lines"])
        url = request.url_for("new_order")
        return RedirectResponse(url.path, 303)
    return show_order(request, form)
# endregion: lines


app.include_router(pages)
