"""Forms in Flask: classes of WTForms, tokens and files of Flask-WTF.

>>> from werkzeug.datastructures import FileStorage, MultiDict
>>> from snippets.flask.form_handling import Line
>>> line = Line(MultiDict({"title": "Dune", "copies": "100"}))
>>> line.validate()
False
>>> line.errors
{'copies': ['Number must be between 1 and 99.']}
"""

import os
import secrets

import sqlalchemy as sa
from flask import (
    Blueprint,
    Flask,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.file import FileField
from pydantic_core import from_json
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.security import generate_password_hash
from wtforms import (
    EmailField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    PasswordField,
    StringField,
)
from wtforms.validators import (
    Email,
    EqualTo,
    InputRequired,
    Length,
    NumberRange,
    Regexp,
    ValidationError,
)


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


# region: setup
db = SQLAlchemy()
csrf = CSRFProtect()
shop = Blueprint("shop", __name__)


def create_app():
    app = Flask(__name__, template_folder="form_handling_files")
    url = os.environ.get("DATABASE_URL", "sqlite://")
    app.config.update(
        # Yours comes from the environment: all processes need it.
        SECRET_KEY=secrets.token_hex(),
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=100_000,  # bytes
        # What goes into a row is not for the log.
        SQLALCHEMY_ENGINES={
            "default": {"url": url, "hide_parameters": True}
        },
    )
    db.init_app(app)
    csrf.init_app(app)
    app.register_blueprint(shop)
    with app.app_context():
        Base.metadata.create_all(db.engine)
    return app
# endregion: setup


# region: fields
TAKEN = "This address has an account already."


def trimmed(text):
    """Without blanks around it; None if nothing was sent."""
    return text and text.strip()


def tidy(text):
    """One address, in capitals or not."""
    return text and text.strip().lower()


class Between(NumberRange):
    def __call__(self, form, field):
        try:
            super().__call__(form, field)
        except OverflowError:  # no float holds 400 digits
            raise ValidationError("This is out of range.") from None


class CustomerForm(FlaskForm):
    email = EmailField(
        filters=[tidy], validators=[InputRequired(), Email()]
    )
    age = IntegerField(
        validators=[InputRequired(), Between(16, 120)]
    )
    password = PasswordField(
        validators=[InputRequired(), Length(12, 128)]
    )

    # WTForms calls this because of its name, after Email() has
    # failed, too: then the database is not asked.
    def validate_email(self, field):
        same = sa.select(Customer.id).where(
            Customer.email == field.data
        )
        if not field.errors and db.session.scalar(same):
            raise ValidationError(TAKEN)


class SignupForm(CustomerForm):
    again = PasswordField(
        "Password again",
        validators=[
            InputRequired(),
            EqualTo("password", "The passwords differ."),
        ],
    )
# endregion: fields


# region: store
def store(form):
    """The new customer; None if another request was faster."""
    customer = Customer(
        email=form.email.data,
        age=form.age.data,
        password=generate_password_hash(form.password.data),
    )
    db.session.add(customer)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        form.email.errors.append(TAKEN)
        return None
    return customer
# endregion: store


# region: page
@shop.route("/signup", methods=["GET", "POST"])
def sign_up():
    # Without an argument a FlaskForm reads files and JSON, too.
    form = SignupForm(request.form)
    if form.validate_on_submit() and store(form):
        return redirect(url_for("shop.welcome"))
    # There are no errors until something was sent.
    page = render_template("signup.html", form=form)
    return page, 422 if form.errors else 200


@shop.get("/welcome")
def welcome():
    return "<h1>Welcome to the bookshop</h1>"
# endregion: page


# region: json
def texts(data):
    """What a form can read of JSON; the rest counts as missing."""
    items = data.items() if isinstance(data, dict) else ()
    return {k: str(v) for k, v in items if type(v) in (str, int)}


@shop.post("/api/customers")
@csrf.exempt  # no cookie says here who the caller is
def add_customer():
    if not request.is_json:
        abort(415)
    try:
        data = from_json(request.get_data())
    except ValueError:
        return {"error": "invalid json"}, 400
    form = CustomerForm(MultiDict(texts(data)), meta={"csrf": False})
    if form.validate() and (customer := store(form)):
        return {
            "email": customer.email,
            "age": customer.age,
            "staff": customer.staff,
        }, 201
    return {"errors": form.errors}, 422
# endregion: json


# region: file
def text_of(upload):
    """The text of a small file."""
    data = upload.read(20_001)
    if len(data) > 20_000:
        raise ValueError("The file is too long.")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # nor would PostgreSQL store that
        raise ValueError("This is not a text file.")
    return text


class TextFileField(FileField):
    def process_formdata(self, sent):
        for upload in sent:
            # No file chosen? Then an empty one comes, which is false.
            if upload and isinstance(upload, FileStorage):
                self.data = text_of(upload)
# endregion: file


# region: bound
class BookForm(FlaskForm):
    title = StringField(
        filters=[trimmed],
        validators=[
            InputRequired(),
            Length(1, 120),
            Regexp(r"[^\x00]*$"),  # PostgreSQL stores no null
        ],
    )
    stock = IntegerField(
        validators=[InputRequired(), Between(0, 9999)]
    )
    excerpt = TextFileField()


# Who may do this is for the chapter on authentication.
@shop.route("/books/new", methods=["GET", "POST"])
@shop.route(
    "/books/<int(max=2147483647):book_id>",  # PostgreSQL's integer
    methods=["GET", "POST"],
)
def edit_book(book_id=None):
    book = Book()
    if book_id is not None:
        book = db.session.get(Book, book_id) or abort(404)
    if request.files.keys() - {"excerpt"}:
        abort(400)  # Length fails at a file where text belongs
    sent = request.form | request.files
    form = BookForm(sent, obj=book)  # the row fills what is missing
    if form.validate_on_submit():
        form.populate_obj(book)  # what the form has, no more
        db.session.add(book)
        db.session.commit()
        return redirect(url_for("shop.edit_book", book_id=book.id))
    page = render_template("book.html", form=form, book=book)
    return page, 422 if form.errors else 200
# endregion: bound


# region: lines
ORDERS = []


class Line(Form):  # not a FlaskForm: it needs no token of its own
    title = StringField(
        filters=[trimmed], validators=[Length(1, 120)]
    )
    copies = IntegerField(validators=[Between(1, 99)])

    def is_blank(self):
        return not any("".join(field.raw_data) for field in self)

    def validate(self, *rest):
        return self.is_blank() or super().validate(*rest)


class OrderForm(FlaskForm):
    lines = FieldList(
        FormField(Line),
        validators=[Length(max=10, message="Order at most 10 books.")],
        min_entries=3,
        max_entries=11,  # what comes after them is not even read
    )

    def validate_lines(self, field):
        if all(line.form.is_blank() for line in field):
            raise ValidationError("Order at least one book.")


@shop.route("/orders", methods=["GET", "POST"])
def order():
    form = OrderForm(request.form)
    if form.validate_on_submit():
        sent = [x.data for x in form.lines if not x.form.is_blank()]
        ORDERS.append(sent)
        return redirect(url_for("shop.order"))
    page = render_template("orders.html", form=form, orders=ORDERS)
    return page, 422 if form.errors else 200
# endregion: lines
