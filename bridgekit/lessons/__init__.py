"""WHY, for learners: a document's walk - recipes in its order, its names, its checks.

The order here is the one to learn in.
"""

from typing import TYPE_CHECKING

from bridgekit.recipes.registry import Shelf

if TYPE_CHECKING:
    from bridgekit.lessons.customise_docker0 import customise_docker0 as customise_docker0
    from bridgekit.lessons.dns_files import dns_files as dns_files
    from bridgekit.lessons.docker0 import docker0 as docker0
    from bridgekit.lessons.docker_by_hand import docker_by_hand as docker_by_hand
    from bridgekit.lessons.forwarding import forwarding as forwarding
    from bridgekit.lessons.four_steps import four_steps as four_steps
    from bridgekit.lessons.icc_and_links import icc_and_links as icc_and_links
    from bridgekit.lessons.isolation import isolation as isolation
    from bridgekit.lessons.masquerade import masquerade as masquerade
    from bridgekit.lessons.mesh import mesh as mesh
    from bridgekit.lessons.net_modes import net_modes as net_modes
    from bridgekit.lessons.options import options as options
    from bridgekit.lessons.own_bridge import own_bridge as own_bridge
    from bridgekit.lessons.pipework import pipework as pipework
    from bridgekit.lessons.playground import playground as playground
    from bridgekit.lessons.point_to_point import point_to_point as point_to_point
    from bridgekit.lessons.publish_ports import publish_ports as publish_ports
    from bridgekit.lessons.veth_peers import veth_peers as veth_peers
    from bridgekit.lessons.vm_bridge import vm_bridge as vm_bridge
    from bridgekit.lessons.vrf import vrf as vrf

LESSONS = Shelf(
    __name__,
    "docker-by-hand",
    "four-steps",
    "mesh",
    "forwarding",
    "masquerade",
    "publish-ports",
    "icc-and-links",
    "customise-docker0",
    "isolation",
    "options",
    "point-to-point",
    "pipework",
    "vrf",
    "vm-bridge",
    "dns-files",
    "docker0",
    "veth-peers",
    "net-modes",
    "own-bridge",
    "playground",
)
__getattr__ = LESSONS.function
