"""Where the settings come from, and which are refused."""

from typing import Annotated

from pydantic import Field, Json, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

# region: sources
Key = Annotated[SecretStr, Field(min_length=32)]


class Settings(BaseSettings):
    """Each field is SHOP_ and its name; variables beat the file."""

    model_config = SettingsConfigDict(
        env_prefix="SHOP_",
        env_file=".env",
        extra="ignore",  # the file may hold what others need
        hide_input_in_errors=True,  # a short secret is a secret
    )

    secret_key: Key  # no default: it has to be given
    secret_key_fallbacks: Json[list[Key]] = Field(default="[]")
    debug: bool = False
    page_size: int = Field(default=20, ge=1, le=100)

    @property
    def keys(self):
        """The key that signs, then those that still count."""
        keys = [self.secret_key, *self.secret_key_fallbacks]
        return [key.get_secret_value() for key in keys]
# endregion: sources


# region: refuse
def read_settings():
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(map(in_words, error.errors()))
    # Outside of `except`: a log shows this error without the other.
    raise RuntimeError(wrong)


def in_words(error):
    """The variable's name instead of the field's."""
    return f"SHOP_{error['loc'][0].upper()}: {error['msg']}"
# endregion: refuse
