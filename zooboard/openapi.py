"""What the OpenAPI schema says of every operation: who may call, and what any call may be answered with.

Imported by `zooboard.urls`, which registers the two kinds of bearer tokens.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apps.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "API token of a user: `zbt_<id>_<secret>`."}


class AgentScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apps.fleet.authentication.AgentAuthentication"
    name = "agent"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "Token of an agent: `zba_<id>_<secret>`."}


REFUSALS = {
    "400": "The address or the body cannot be understood.",
    "401": "A token that is wrong, expired or revoked, or none where one is needed.",
    "403": "The caller may not do this.",
    "404": "There is nothing at this address.",
    "409": "It cannot be done in the present state.",
    "413": "Too large.",
    "415": "The body is in another form than those that are taken.",
    "416": "Nothing begins there.",
    "422": "Some fields are not valid.",
    "426": "The agent speaks another version.",
    "429": "Too many calls: `Retry-After` says in how many seconds to try again.",
}
ALWAYS = ("400", "401", "429")
ANYTHING = "*/*"
PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
ONE_FORMAT = {"in": "query", "name": "format", "schema": {"type": "string", "enum": ["json"]}}
ETAG = {"ETag": {"schema": {"type": "string"}, "description": "Send it as `If-None-Match` the next time."}}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}


def complete(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: what is the same for all operations is said once, here."""
    result["components"]["responses"] = {
        _refusal(status): {"description": said, "content": PROBLEM}
        | ({"headers": RETRY_AFTER} if status == "429" else {})
        for status, said in REFUSALS.items()
    }
    for method, operation in _operations(result):
        responses = operation["responses"]
        refused = {status for status, response in responses.items() if response.get("content") == PROBLEM}
        refused.update(ALWAYS, _refusals_of_input(method, operation))
        for status in sorted(refused):
            responses[status] = {"$ref": f"#/components/responses/{_refusal(status)}"}
        if method == "get":
            _say_format(operation)
            responses["200"]["headers"] = ETAG
            responses.setdefault("304", {"description": "Not changed since the `ETag` in `If-None-Match`."})
            _make_rows_sparse(result, operation)
        operation["responses"] = dict(sorted(responses.items()))
    return result


def _refusal(status: str) -> str:
    return f"Refused{status}"


def _refusals_of_input(method: str, operation: dict[str, Any]) -> set[str]:
    """What a path or a body may be refused with; says on the way that whoever creates has to send a body."""
    refused = {"404"} if any(each["in"] == "path" for each in operation.get("parameters", [])) else set()
    if body := operation.get("requestBody"):
        refused |= {"413"} if ANYTHING in body["content"] else {"413", "415"}
        if method == "post":
            body["required"] = True
    return refused


def _say_format(operation: dict[str, Any]) -> None:
    """Of what has one format; the others say theirs."""
    parameters = operation.setdefault("parameters", [])
    is_said = "format" in {parameter["name"] for parameter in parameters}
    if not is_said and "application/json" in operation["responses"]["200"]["content"]:
        parameters.append(ONE_FORMAT)


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in result["paths"].values():
        yield from methods.items()


def _make_rows_sparse(result: dict[str, Any], operation: dict[str, Any]) -> None:
    """With `fields` a row has fewer fields: those rows have a shape of their own, of which nothing is required."""
    if "fields" not in {parameter["name"] for parameter in operation.get("parameters", [])}:
        return
    shapes = result["components"]["schemas"]
    items = _named(shapes, operation["responses"]["200"]["content"]["application/json"]["schema"])["properties"][
        "results"
    ]["items"]
    name = items["$ref"].rpartition("/")[2]
    if name.startswith("Sparse"):
        return
    sparse = deepcopy(shapes[name])
    sparse.pop("required")
    sparse["title"] = f"Sparse{name}"
    sparse["description"] = (
        f"{sparse.get('description', '')}\n\nAll fields are there, unless `fields` names fewer.".strip()
    )
    shapes[f"Sparse{name}"] = sparse
    items["$ref"] = f"#/components/schemas/Sparse{name}"


def _named(shapes: dict[str, Any], reference: dict[str, str]) -> dict[str, Any]:
    shape: dict[str, Any] = shapes[reference["$ref"].rpartition("/")[2]]
    return shape
