"""How every refusal looks (RFC 9457)."""

from ninja import Schema
from pydantic import ConfigDict, Field


class Problem(Schema):
    """Why something was refused, in a sentence that a person can act on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:siso-academy:problem:refused",
                    "title": "Unprocessable Entity",
                    "status": 422,
                    "detail": "A position is from 0 to 1.",
                    "code": "refused",
                    "errors": {"position": "At most 1."},
                    "request_id": "01982f0a-6c1f-7b52-9d0c-5f1e0a3b7c11",
                }
            ]
        }
    )

    type: str = Field(description="A URN that names the kind of problem; it ends with `code`.")
    title: str = Field(description="The meaning of the status.")
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="One sentence about this very refusal.")
    code: str = Field(description="A stable word for programs.")
    errors: dict[str, str] = Field(description="A sentence for each field that is at fault; often empty.")
    request_id: str = Field(description="Stands in our logs and in the header X-Request-Id.")
