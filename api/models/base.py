"""What every model shares."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("half of a character is no text") from error
    return text


Text = Annotated[str, AfterValidator(_whole)]
"""What comes back in the answer or goes into the store: JSON can write a lone surrogate, UTF-8 can't."""


def example(**fields: Any) -> ConfigDict:
    """Configure a model whose example in the OpenAPI document is ``fields``."""
    return ConfigDict(
        json_schema_extra={"examples": [fields]}, from_attributes=True, populate_by_name=True
    )


def written(path: Path) -> str:
    r"""Give ``path`` as JSON can carry it: Linux lets names be no text at all.

    >>> written(Path("caf\udce9"))
    'caf?'
    """
    return str(path).encode("utf-8", "replace").decode()


class Body(BaseModel):
    """What a client sends: a number is a number and `false` no zero, as the document says."""

    model_config = ConfigDict(strict=True)


class Detail(BaseModel):
    """Every error of these calls."""

    model_config = example(detail="No library is set.")
    detail: str


class Success(BaseModel):
    """It is done."""

    model_config = example(success=True)
    success: Literal[True] = True
