"""The program that stands in for rules where these do not reach."""

from __future__ import annotations

from bridgekit.operations.base import Operation, operation
from bridgekit.words import Text

_PROXY = "-proto {protocol} -host-ip {address} -host-port {port} -container-ip {to} -container-port {to_port}"


@operation
class ProxyRun(Operation):
    """Start docker-proxy: it listens at a port of the host and passes on what comes."""

    protocol: str
    address: str
    port: Text
    to: Text
    to_port: int
    line = f"start_proxy {_PROXY}"
    unless = f"has '' proxies {_PROXY}"
    undo = f"stop_proxy {_PROXY}"
    possible = "can_proxy {address}"
