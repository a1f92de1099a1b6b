"""What the tests of templating have in common."""

import pytest


@pytest.fixture
def volatile():
    """Tokens and the cookies that hold them are random, and some cookies have a date."""
    return {
        r'(?<=csrf_token" value=")[^"]+': "(token)",
        r'(?<=csrfmiddlewaretoken" value=")[^"]+': "(token)",
        r"(?<=csrf_token=)[^&]+": "(token)",
        r"(?<=csrfmiddlewaretoken=)[^&]+": "(token)",
        r"(?<=x-csrftoken: ).+": "(token)",
        r"(?<=session=)[^;]+": "(signed)",
        r"(?<=csrftoken=)[^;]+": "(secret)",
        r"(?<=expires=)[^;]+": "(date)",
    }
