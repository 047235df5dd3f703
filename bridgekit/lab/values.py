"""The checked values of a topology file: what `names` refuses is told where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.names import hostnames, ports
from bridgekit.translation import tr

KINDS = ("guest", "bridge", "router", "nat", "host", "outside")
ALIKE = {"linux": "guest"}  # containerlab's word
_KEEPERS = ("script", "log")  # of a service's folder
DEFAULT = "default"  # as the destination of a route
EVERYWHERE = {4: "0.0.0.0/0", 6: "::/0"}


def refused(error: InputError) -> PydanticCustomError:
    return PydanticCustomError("refused", "{message}", {"message": error.message, "error": error})


def checked(check: Callable[[str], object]) -> AfterValidator:
    """A value that `names` lets through, as it was written; its refusal is told where the value stands."""

    def valid(value: Any) -> Any:
        try:
            check(value)
        except InputError as error:
            raise refused(error) from None
        return value

    return AfterValidator(valid)


def as_text(value: Any) -> Any:
    """YAML reads 80 as a number where text is meant."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def as_kind(value: Any) -> Any:
    return ALIKE.get(value, value) if isinstance(value, str) else value


def destination(text: str) -> None:
    if text in EVERYWHERE.values():
        raise InputError(tr("written otherwise here: {0!r}", text), tr("to: default"))
    if text != DEFAULT:
        names.prefix(text)


def router(text: str) -> None:
    """Netplan, too, wants its address here."""
    try:
        names.lone_address(text)
    except InputError as error:
        hint = tr("the router's address, such as 10.1.1.1")
        raise error if text[:1].isdecimal() or ":" in text else InputError(error.message, hint) from None


def one_port(text: str) -> None:
    if len(ports.ports(text)) != 1:
        raise InputError(tr("several ports in one: {0!r}", text), tr("each alone: PORT, or PORT/udp"))


def publication(text: str) -> None:
    ports.publications([text])


def own_file(text: str) -> None:
    """A file of a service's own: a path without `..` that does not begin with `/`."""
    parts = text.split("/")
    if not {"", ".", ".."}.isdisjoint(parts) or max(map(len, map(str.encode, parts))) > 255 or not text.isprintable():
        raise InputError(tr("not a file of the service's own: {0!r}", text), tr("a path below its folder: conf/zone"))
    if parts[0] in _KEEPERS:
        raise InputError(tr("a file that keeps the service running: {0!r}", text), tr("another name"))


def program(text: str) -> None:
    """What can be started: `env` takes a word with `=` for a variable, and one with `-` for an option of its own."""
    if not text or text.startswith("-") or "=" in text:
        raise refused(InputError(tr("not a program: {0!r}", text), tr("the name or the path of one, first")))


def address(text: str) -> None:
    """CIDR, or the name of a subnet."""
    if "/" in text or "." in text or ":" in text:
        names.host_address(text)
    else:
        names.netns(text)


def as_list(value: Any) -> Any:
    """One stands for a list of one."""
    return [value] if isinstance(value, str) else value


_TEXT = {"type": "string"}
ONE_OR_MORE = WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT}], "default": []})
Word = Annotated[str, BeforeValidator(as_text), Field(json_schema_extra={"type": ["string", "integer"]})]
Name = Annotated[Word, checked(names.netns)]
_LAB, _ENV, _USER, _VALUE = (
    r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    r"^[A-Za-z_][A-Za-z0-9_]*$",
    r"^[a-z_][a-z0-9_-]{0,31}$",
    r"^[ -~]+$",
)
_SYSCTL = r"^net([./][a-zA-Z0-9_-]+)+$"  # its parts are names: `..` would lead out of net
SHARING = r"^(none|container:.+)$"
PATTERNS = {  # what fits
    _LAB: tr("a to z, 0 to 9 and `-`, which is neither first nor last"),
    _ENV: tr("letters, digits and `_`, no digit first"),
    _USER: tr("a user's name: a to z, 0 to 9, `_` and `-`"),
    _VALUE: tr("one line of ASCII"),
    _SYSCTL: tr("a parameter of the network, such as net.ipv4.ip_forward"),
    SHARING: tr("none, or container:NODE"),
}
LabName = Annotated[Word, Field(pattern=_LAB, max_length=32)]
EnvironmentName = Annotated[str, Field(pattern=_ENV)]
User = Annotated[str, Field(pattern=_USER)]
Key = Annotated[str, Field(pattern=_SYSCTL)]
Value = Annotated[Word, Field(pattern=_VALUE)]
InterfaceName = Annotated[str, checked(names.interface)]
Cidr = Annotated[str, checked(address)]
Mtu = Annotated[int, checked(lambda value: names.mtu(value, 4))]
Address = Annotated[str, checked(names.lone_address)]
Host = Annotated[str, checked(hostnames.host)]
