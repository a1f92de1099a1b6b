"""Where the settings come from, and which are refused."""

from dotenv import load_dotenv


# region: sources
def read_environment(config):
    # Variables that are there already win over those of the file.
    load_dotenv(".env")
    # SHOP_PAGE_SIZE=5 becomes PAGE_SIZE, and by JSON a number.
    config.from_prefixed_env("SHOP")
# endregion: sources


# region: refuse
def check(config):
    """Flask takes any value, so the shop looks at each itself."""
    keys = config["SECRET_KEY_FALLBACKS"]
    if not is_key(config["SECRET_KEY"]):
        refuse("SECRET_KEY", "a text of 32 characters or more")
    if not isinstance(keys, list) or not all(map(is_key, keys)):
        refuse("SECRET_KEY_FALLBACKS", "a JSON list of such keys")
    if not isinstance(config["DEBUG"], bool):
        refuse("DEBUG", "true or false")
    size = config["PAGE_SIZE"]
    if type(size) is not int or not 1 <= size <= 100:
        refuse("PAGE_SIZE", "a number from 1 to 100")


def is_key(value):
    return isinstance(value, str) and len(value) >= 32


def refuse(name, wanted):
    # Not the value: this ends up in logs, and it may be a secret.
    raise RuntimeError(f"SHOP_{name} has to be {wanted}")
# endregion: refuse
