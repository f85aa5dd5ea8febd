"""Request bodies checked, field by field, against the SDK's own TypedDicts."""

import collections.abc
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, cast, get_args, get_origin

import typing_extensions
from anthropic.types.message_count_tokens_params import MessageCountTokensParams
from anthropic.types.message_create_params import MessageCreateParamsBase

from tests.doubles.messages_api.replies import Failure, refuse

HEADER_PARAMETERS = {"user_profile_id", "workspace_id"}
LISTS = {list, collections.abc.Iterable, collections.abc.Sequence}
WRAPPERS = {typing.Required, typing.NotRequired, typing.Annotated}


def check_fields(body: Any) -> None:
    """Raise the API's refusal for the first unknown, missing or mistyped field of a message."""
    check_body(body, MessageCreateParamsBase, {"stream": bool})


def check_count_fields(body: Any) -> None:
    """The same for a count of tokens, which takes no `max_tokens`."""
    check_body(body, MessageCountTokensParams, {})


def check_body(body: Any, typed_dict: type, added: dict[str, Any]) -> None:
    require(isinstance(body, dict), "request body", "an object")
    fields = {
        name: annotation
        for name, annotation in read_fields(typed_dict).items()
        if name not in HEADER_PARAMETERS
    }
    check_object(body, fields | added, "")


def check_batch_fields(body: Any) -> None:
    """A batch's own fields: the parameters of its entries are judged when they are processed."""
    fields = {"requests": list[BatchEntry]}
    require(isinstance(body, dict), "request body", "an object")
    check_object(body, {k: typing.Required[v] for k, v in fields.items()}, "")


class BatchEntry(typing_extensions.TypedDict, total=False):
    custom_id: typing_extensions.Required[str]
    params: typing_extensions.Required[dict[str, Any]]


@cache
def read_fields(typed_dict: type) -> Mapping[str, Any]:
    """Field names with their annotations, `Required[…]` kept."""
    return typing_extensions.get_type_hints(typed_dict, include_extras=True)


def check_object(
    value: dict[str, Any], fields: Mapping[str, Any], path: str, *, is_open: bool = False
) -> None:
    for name, element in value.items():
        if name in fields:
            check(element, fields[name], join(path, name))
        elif not is_open:
            raise refuse(f"{join(path, name)}: Extra inputs are not permitted")
    for name, annotation in fields.items():
        if get_origin(annotation) is typing.Required and name not in value:
            raise refuse(f"{join(path, name)}: Field required")


def check(value: Any, annotation: Any, path: str) -> None:
    """Raise unless `value` fits `annotation`."""
    annotation = unwrap(annotation)
    origin = get_origin(annotation)
    if annotation in (Any, object):
        return
    if is_union(annotation):
        check_union(value, [unwrap(a) for a in get_args(annotation)], path)
    elif origin is Literal:
        if value not in get_args(annotation) or isinstance(value, bool):
            expected = " or ".join(repr(a) for a in get_args(annotation))
            raise refuse(f"{path}: Input should be {expected}")
    elif origin in LISTS:
        check_list(value, get_args(annotation)[0], path)
    elif origin is dict or annotation is dict:
        require(isinstance(value, dict), path, "an object")
    elif typing_extensions.is_typeddict(annotation):
        require(isinstance(value, dict), path, "an object")
        config = getattr(annotation, "__pydantic_config__", {})
        is_open = config.get("extra") == "allow"
        check_object(value, read_fields(annotation), path, is_open=is_open)
    else:
        check_scalar(value, annotation, path)


def check_list(value: Any, item: Any, path: str) -> None:
    require(isinstance(value, list), path, "a valid list")
    for index, element in enumerate(value):
        check(element, item, join(path, str(index)))


def check_scalar(value: Any, kind: Any, path: str) -> None:
    if kind is type(None):
        require(value is None, path, "null")
    elif kind is bool:
        require(isinstance(value, bool), path, "a valid boolean")
    elif kind in (int, float):
        is_number = isinstance(value, int | (float if kind is float else int))
        require(is_number and not isinstance(value, bool), path, "a valid number")
    elif kind is str:
        require(isinstance(value, str), path, "a valid string")
    else:
        require(False, path, "of a type that JSON can carry")


def check_union(value: Any, members: list[Any], path: str) -> None:
    """An object is held against the one member whose tag it bears; the rest against any."""
    objects = [m for m in members if typing_extensions.is_typeddict(m)]
    if isinstance(value, dict) and objects:
        check_tagged(cast("dict[str, Any]", value), objects, path)
        return
    refusals: list[Failure] = []
    for member in members:
        try:
            check(value, member, path)
            return
        except Failure as refusal:
            refusals.append(refusal)
    raise max(refusals, key=lambda refusal: refusal.message.partition(": ")[0].count("."))


def check_tagged(value: dict[str, Any], members: list[Any], path: str) -> None:
    if len(members) == 1:
        check(value, members[0], path)
        return
    tag = "role" if "role" in read_fields(members[0]) else "type"
    fitting = [m for m in members if value.get(tag) in read_tags(m, tag)]
    if not fitting:
        known = ", ".join(repr(t) for m in members for t in read_tags(m, tag) if t)
        raise refuse(
            f"{path}: Input tag {value.get(tag)!r} found using {tag!r} does not match any of the "
            f"expected tags: {known}"
        )
    name = value.get(tag)
    check(value, fitting[0], path if tag == "role" else join(path, name or "custom"))


def read_tags(typed_dict: type, tag: str) -> tuple[Any, ...]:
    """The values of `tag` that mean this type, None among them where it may be left out."""
    annotation = read_fields(typed_dict).get(tag)
    if annotation is None:
        return ()
    inner = unwrap(annotation)
    literals = [unwrap(a) for a in get_args(inner)] if is_union(inner) else [inner]
    tags = tuple(v for a in literals if get_origin(a) is Literal for v in get_args(a))
    return tags if get_origin(annotation) is typing.Required else (*tags, None)


def unwrap(annotation: Any) -> Any:
    while get_origin(annotation) in WRAPPERS:
        annotation = get_args(annotation)[0]
    return annotation


def is_union(annotation: Any) -> bool:
    return get_origin(annotation) is typing.Union


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def require(condition: bool, path: str, expected: str) -> None:
    if not condition:
        raise refuse(f"{path}: Input should be {expected}")
