"""WHY, for operators: one procedure a module, a generator of steps with free parameters.

`recipes.attach(...)` gives a plan.  A recipe's module is imported when the recipe is first asked for, and only by
the shelf: what recipes and lessons share is in modules that hold no recipe (`wiring`, `nat`).
"""

from typing import TYPE_CHECKING

from bridgekit.recipes.registry import Shelf

if TYPE_CHECKING:
    from bridgekit.recipes.attach import attach as attach
    from bridgekit.recipes.bridge import bridge as bridge
    from bridgekit.recipes.cleanup import cleanup as cleanup
    from bridgekit.recipes.dhcp import dhcp as dhcp
    from bridgekit.recipes.dns import dns as dns
    from bridgekit.recipes.docker0 import docker0 as docker0
    from bridgekit.recipes.dummy import dummy as dummy
    from bridgekit.recipes.forwarding import forwarding as forwarding
    from bridgekit.recipes.install import install as install
    from bridgekit.recipes.ipoib import ipoib as ipoib
    from bridgekit.recipes.ipvlan import ipvlan as ipvlan
    from bridgekit.recipes.leak import leak as leak
    from bridgekit.recipes.link import link as link
    from bridgekit.recipes.macvlan import macvlan as macvlan
    from bridgekit.recipes.mesh import mesh as mesh
    from bridgekit.recipes.move import move as move
    from bridgekit.recipes.network import network as network
    from bridgekit.recipes.outbound import outbound as outbound
    from bridgekit.recipes.ovs import ovs as ovs
    from bridgekit.recipes.own_bridge import own_bridge as own_bridge
    from bridgekit.recipes.p2p import p2p as p2p
    from bridgekit.recipes.pipework import pipework as pipework
    from bridgekit.recipes.publish import publish as publish
    from bridgekit.recipes.route import route as route
    from bridgekit.recipes.rule import rule as rule
    from bridgekit.recipes.tc import tc as tc
    from bridgekit.recipes.vlan import vlan as vlan
    from bridgekit.recipes.vm import vm as vm
    from bridgekit.recipes.vrf import vrf as vrf
    from bridgekit.recipes.wire import wire as wire

RECIPES = Shelf(
    __name__,
    "bridge",
    "attach",
    "outbound",
    "mesh",
    "p2p",
    "macvlan",
    "ipvlan",
    "vlan",
    "move",
    "dummy",
    "ovs",
    "ipoib",
    "pipework",
    "vrf",
    "leak",
    "vm",
    "dhcp",
    "route",
    "rule",
    "tc",
    "dns",
    "forwarding",
    "cleanup",
    "docker0",
    "network",
    "wire",
    "publish",
    "link",
    "own-bridge",
    "install",
)
__getattr__ = RECIPES.function
