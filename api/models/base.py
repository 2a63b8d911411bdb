"""What every model shares."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


def example(**fields: Any) -> ConfigDict:
    """Configure a model whose example in the OpenAPI document is ``fields``."""
    return ConfigDict(
        json_schema_extra={"examples": [fields]}, from_attributes=True, populate_by_name=True
    )


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
