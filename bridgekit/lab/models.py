"""What a topology file may say: the models that check it, and of which its JSON Schema is made.

Words: containerlab's for nodes and links, netplan's for addresses and routes, compose's for the rest.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.lab.further import COMMANDS
from bridgekit.lab.values import (
    ALIKE,
    KINDS,
    ONE_OR_MORE,
    SHARING,
    Address,
    Cidr,
    EnvironmentName,
    Host,
    InterfaceName,
    Key,
    LabName,
    Mtu,
    Name,
    User,
    Value,
    Word,
    as_kind,
    as_list,
    checked,
    destination,
    one_port,
    own_file,
    program,
    publication,
    refused,
    router,
)
from bridgekit.names import hostnames
from bridgekit.translation import tr

Option = str | int | bool | list[Word]
Kind = Annotated[Literal["guest", "bridge", "router", "nat", "host", "outside"], BeforeValidator(as_kind)]


class Model(BaseModel):
    """Nothing that is not known; no value that has to be guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Machine(Model):
    """A machine that makes a part of the lab."""

    address: Address = Field(description="its own, on the network between the machines")
    user: User = Field(default="root", description="of SSH")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=22, description="of SSH")
    mtu: Annotated[int, checked(lambda value: names.mtu(value, 6))] = Field(
        default=1500, description="bytes, of the network between the machines"
    )


class Interface(Model):
    """An interface of a node."""

    addresses: list[Cidr] = Field(
        default=[], description="CIDR, such as 10.0.0.2/24, or the name of one of `subnets:`: its next free address"
    )
    mtu: Mtu | None = Field(default=None, description="bytes, of both ends")
    macaddress: Annotated[str, checked(names.mac)] | None = None


class Route(Model):
    """A route of a node."""

    to: Annotated[str, checked(destination)] = Field(description="`default`, or CIDR")
    via: Annotated[list[Annotated[str, checked(router)]], BeforeValidator(as_list), ONE_OR_MORE] = Field(
        default=[], description="the router's address, no node's name; several: each is as good as the others"
    )
    dev: InterfaceName | None = Field(default=None, description="its interface; alone: no router is between")


class Dns(Model):
    """Whom a node asks for names."""

    nameservers: list[Annotated[str, checked(hostnames.resolver)]] = Field(default=[], max_length=3)
    search: list[Annotated[str, checked(hostnames.domain)]] = []


class Service(Model):
    """A command that is kept running in a node, in the foreground of a folder of its own; or a server by name."""

    command: list[Word] = []
    server: Literal["web", "mail", "ftp", "telnet", "ssh", "dns"] | None = Field(
        None, description="in the place of a command: one that bridgekit brings, which listens at the usual ports"
    )
    args: list[Word] = Field([], description="the server's own: its name; of dns the options of dnsmasq")
    listens: list[Annotated[Word, checked(one_port)]] = Field(default=[], description="PORT[/udp], waited for")
    env: dict[EnvironmentName, Word] = {}
    files: dict[Annotated[str, checked(own_file)], str] = Field(
        default={}, description="by their paths in it, to the byte"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Service:
        if bool(self.command) == bool(self.server):
            raise refused(InputError(tr("'command' or 'server', and not both"), tr("what is to run")))
        if self.command:
            program(self.command[0])
        if self.args and not self.server:
            raise refused(InputError(tr("'args' without a 'server'"), tr("the words of a command stand in 'command'")))
        return self


class Node(Model):
    """A node, or what nodes of a kind share."""

    kind: Kind | None = Field(default=None, json_schema_extra={"enum": [*KINDS, *ALIKE]})
    machine: Name | None = Field(default=None, description="of `machines:`, the one that makes it")
    image: Annotated[str, checked(names.image)] | None = Field(default=None, description="a container, no namespace")
    runtime: Literal["docker", "podman"] | None = None
    command: list[Word] | None = Field(default=None, description="what the container runs")
    network_mode: str | None = Field(default=None, pattern=SHARING, description="container:NODE")
    interfaces: dict[InterfaceName, Interface] = {}
    addresses: list[Cidr] = Field(default=[], description="of a bridge: the host's on it")
    isolated: bool | None = Field(default=None, description="of a bridge: its guests do not reach each other")
    masquerade: bool | list[InterfaceName] | None = Field(
        default=None, description="nat: the interfaces that lead out; bridge: true"
    )
    routes: list[Route] = []
    dns: Dns | None = None
    extra_hosts: dict[Host, Address] = {}
    sysctls: dict[Key, Value] = {}
    ports: list[Annotated[Word, checked(publication)]] = Field(
        default=[],
        description="[ADDRESS:]PORT:PORT[/udp], published on the host; on a link to a bridge with `addresses:`",
    )
    services: dict[Name, Service] = {}
    also: list[dict[Literal[COMMANDS], dict[str, Option]]] = Field(  # type: ignore[valid-type]  # they are literals
        default=[], description="COMMAND: {OPTION: VALUE}, of bridgekit, in this order: the node is its guest"
    )


class Link(Model):
    """A cable between two nodes."""

    endpoints: list[str] = Field(min_length=2, max_length=2, description="NODE:INTERFACE, twice")
    mtu: Mtu | None = Field(default=None, description="bytes, of both ends")


class Topology(Model):
    """Nodes and links, as containerlab has them."""

    defaults: Node = Node()
    kinds: dict[Kind, Node] = {}
    nodes: dict[Name, Node] = Field(min_length=1)
    links: list[Link] = []


class Probe(Model):
    """What must work, or must not."""

    source: Name = Field(alias="from")
    to: str = Field(description="a node, an address, or a name that the first one can look up")
    port: Annotated[Word, checked(one_port)] | None = Field(default=None, description="PORT[/udp]; without: a ping")
    works: bool = True
    says: str | None = Field(None, description="what the web server at that port answers, in part")
    trace: list[Address] = Field(default=[], description="the hops of a traceroute, the last one the target")

    @model_validator(mode="after")
    def _answered(self) -> Probe:
        if self.says and not self.works:
            raise refused(InputError(tr("who must not answer says nothing: {0!r}", self.says), tr("works: true")))
        if self.trace and not self.works:
            what = tr("who must not answer has no way: {0}", ", ".join(self.trace))
            raise refused(InputError(what, tr("works: true")))
        if self.says and (self.port or "").endswith("/udp"):
            raise refused(InputError(tr("no web server is asked by UDP: {0!r}", self.port), tr("port: 80, say")))
        return self


class Lab(Model):
    """A topology file."""

    name: LabName
    subnets: dict[Name, Annotated[str, checked(names.subnet)]] = {}
    dns: Dns | None = None
    machines: dict[Name, Machine] = Field(default={}, description="where the nodes are made, if not all on this one")
    topology: Topology
    probes: list[Probe] = []


def schema() -> dict[str, Any]:
    """Its JSON Schema."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Lab.model_json_schema(by_alias=True)
