"""What is read of the environment, and what is refused."""

import json
import os

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

# region: sources
# Variables that are there already win over those of the file.
load_dotenv(".env")


def read(name, default):
    """SHOP_PAGE_SIZE=5 is the number 5: each value is JSON."""
    text = os.environ.get(f"SHOP_{name}")
    try:
        return default if text is None else json.loads(text)
    except ValueError:
        return None
# endregion: sources


# region: refuse
def read_key():
    key = os.environ.get("SHOP_SECRET_KEY")
    if not is_key(key):
        refuse("SECRET_KEY", "a text of 32 characters or more")
    return key


def read_fallbacks():
    keys = read("SECRET_KEY_FALLBACKS", [])
    if not isinstance(keys, list) or not all(map(is_key, keys)):
        refuse("SECRET_KEY_FALLBACKS", "a JSON list of such keys")
    return keys


def read_flag(name):
    value = read(name, False)
    if not isinstance(value, bool):
        refuse(name, "true or false")
    return value


def read_number(name, default):
    value = read(name, default)
    if type(value) is not int or not 1 <= value <= 100:
        refuse(name, "a number from 1 to 100")
    return value


def is_key(value):
    return isinstance(value, str) and len(value) >= 32


def refuse(name, wanted):
    # Not the value: this ends up in logs, and it may be a secret.
    raise ImproperlyConfigured(f"SHOP_{name} has to be {wanted}")
# endregion: refuse
