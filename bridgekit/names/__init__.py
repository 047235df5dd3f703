"""Checked values. Whatever a user types passes one of these functions or is refused with exit 2.

Every accepted value is plain ASCII from a short alphabet: it will stand in a script that root runs.
Names of name lookup are in `hostnames`.
"""

from bridgekit.names.addresses import (
    Address as Address,
    Interface as Interface,
    Network as Network,
    address_text as address_text,
    gateway as gateway,
    host_address as host_address,
    hosts as hosts,
    lone_address as lone_address,
    nobodys as nobodys,
    prefix as prefix,
    router as router,
    subnet as subnet,
    target as target,
)
from bridgekit.names.families import FORWARDING as FORWARDING, family as family, six as six, version as version
from bridgekit.names.labels import (
    HOST as HOST,
    LONGEST_NAME as LONGEST_NAME,
    Guest as Guest,
    guest as guest,
    image as image,
    interface as interface,
    mac as mac,
    mtu as mtu,
    netns as netns,
    network as network,
    number as number,
    queue as queue,
    run_name as run_name,
    slug as slug,
    truth as truth,
    vlan as vlan,
    whole as whole,
)
