"""Forms in Django: Form, ModelForm and formsets.

>>> from snippets.django.form_handling import LineForm
>>> line = LineForm({"title": "Dune", "copies": "100"})
>>> line.is_valid()
False
>>> line.errors["copies"]
['Ensure this value is less than or equal to 99.']
"""

from pathlib import Path

from django import forms
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, models, transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import (
    sensitive_post_parameters,
    sensitive_variables,
)
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from pydantic_core import from_json

# region: setup
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "form_handling_files"],
    }
]
SETTINGS = {"TEMPLATES": TEMPLATES}
# endregion: setup


# region: models
class Customer(models.Model):
    email = models.EmailField(unique=True)
    password = models.CharField(max_length=255)  # a hash
    age = models.PositiveSmallIntegerField()
    staff = models.BooleanField(default=False)


class Book(models.Model):
    title = models.CharField(max_length=120)
    stock = models.PositiveIntegerField()
    excerpt = models.TextField(default="")
    featured = models.BooleanField(default=False)
# endregion: models


# region: fields
TAKEN = "This address has an account already."


class CustomerForm(forms.ModelForm):
    age = forms.IntegerField(min_value=16, max_value=120)
    password = forms.CharField(
        min_length=12,
        max_length=128,
        strip=False,
        widget=forms.PasswordInput,
    )

    class Meta:
        model = Customer
        fields = ["email", "age"]  # the columns a stranger may set
        error_messages = {"email": {"unique": TAKEN}}

    # Django calls clean_… because of its name.
    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def save(self, commit=True):
        password = self.cleaned_data["password"]
        self.instance.password = make_password(password)
        return super().save(commit)


class SignupForm(CustomerForm):
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput,
    )

    # For rules about several fields; wrong ones are missing here.
    def clean(self):
        super().clean()
        again = self.cleaned_data.get("again")
        if again != self.cleaned_data.get("password", again):
            self.add_error("again", "The passwords differ.")
# endregion: fields


# region: store
def store(form):
    """The new customer; None if another request was faster."""
    try:
        with transaction.atomic():  # a savepoint, if one is open
            return form.save()
    except IntegrityError:
        form.add_error("email", TAKEN)
        return None
# endregion: store


# region: page
@sensitive_post_parameters("password", "again")  # not in a report
@sensitive_variables("password")  # the one of save(), neither
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request):
    if request.method != "POST":
        return render(request, "signup.html", {"form": SignupForm()})
    form = SignupForm(request.POST)
    if form.is_valid() and store(form):
        return redirect("welcome")
    return render(request, "signup.html", {"form": form}, status=422)


@require_safe
def welcome(request):
    return HttpResponse("<h1>Welcome to the bookshop</h1>")
# endregion: page


# region: json
def texts(data):
    """What a form can read of JSON; the rest counts as missing."""
    items = data.items() if isinstance(data, dict) else ()
    return {k: str(v) for k, v in items if type(v) in (str, int)}


@csrf_exempt  # no cookie says here who the caller is
@require_POST
def add_customer(request):
    if request.content_type != "application/json":
        return JsonResponse({"error": "not json"}, status=415)
    try:
        data = from_json(request.body)
    except ValueError:
        return JsonResponse({"error": "invalid json"}, status=400)
    form = CustomerForm(texts(data))
    if form.is_valid() and (customer := store(form)):
        answer = {
            "email": customer.email,
            "age": customer.age,
            "staff": customer.staff,
        }
        return JsonResponse(answer, status=201)
    return JsonResponse({"errors": form.errors}, status=422)
# endregion: json


# region: file
class TextFileField(forms.FileField):
    """A small file of text, which is read at once."""

    def clean(self, data, initial=None):
        upload = super().clean(data, initial)
        if upload is initial or not upload:  # no file was sent
            return initial or ""
        data = upload.read(20_001)
        if len(data) > 20_000:
            raise forms.ValidationError("The file is too long.")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:  # nor would PostgreSQL store that
            raise forms.ValidationError("This is not a text file.")
        return text
# endregion: file


# region: bound
class BookForm(forms.ModelForm):
    stock = forms.IntegerField(min_value=0, max_value=9999)
    excerpt = TextFileField(required=False)

    class Meta:
        model = Book
        fields = ["title", "stock", "excerpt"]


# Who may do this is for the chapter on authentication.
@require_http_methods(["GET", "HEAD", "POST"])
def edit_book(request, book_id=None):
    book = Book()
    if book_id is not None:
        book = get_object_or_404(Book, id=book_id)
    form = BookForm(instance=book)
    if request.method == "POST":
        form = BookForm(request.POST, request.FILES, instance=book)
        if form.is_valid():
            form.save()
            return redirect("edit_book", book.id)
    return render(
        request,
        "book.html",
        {"form": form, "book": book},
        status=422 if form.errors else 200,
    )
# endregion: bound


# region: lines
ORDERS = []


class LineForm(forms.Form):
    title = forms.CharField(max_length=120)
    copies = forms.IntegerField(min_value=1, max_value=99)


class Lines(forms.BaseFormSet):
    def clean(self):
        if not any(form.has_changed() for form in self):
            raise forms.ValidationError("Order at least one book.")


LineFormSet = forms.formset_factory(
    LineForm,
    formset=Lines,
    extra=3,
    max_num=10,
    absolute_max=10,  # however many a stranger claims to send
    validate_max=True,
)


@require_http_methods(["GET", "HEAD", "POST"])
def order(request):
    lines = LineFormSet(prefix="lines")
    if request.method == "POST":
        lines = LineFormSet(request.POST, prefix="lines")
        if lines.is_valid():
            # A line that was left blank has no data.
            sent = [x for x in lines.cleaned_data if x]
            ORDERS.append(sent)
            return redirect("order")
    return render(
        request,
        "orders.html",
        {"lines": lines, "orders": ORDERS},
        status=422 if lines.total_error_count() else 200,
    )
# endregion: lines


urlpatterns = [
    path("signup", sign_up, name="sign_up"),
    path("welcome", welcome, name="welcome"),
    path("api/customers", add_customer),
    path("books/new", edit_book),
    path("books/<int:book_id>", edit_book, name="edit_book"),
    path("orders", order, name="order"),
]
