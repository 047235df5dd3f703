"""WHAT can be done and HOW it is typed: one class an operation, in the field's own words, with its lines.

Fields hold values already checked by `names`, or a `Var`.  `KINDS` has every class by its name.
"""

from bridgekit.operations.base import (
    KINDS as KINDS,
    Given as Given,
    NetnsPath as NetnsPath,
    Operation as Operation,
    Question as Question,
    Value as Value,
)
from bridgekit.operations.cables import *  # noqa: F403
from bridgekit.operations.captures import *  # noqa: F403
from bridgekit.operations.engine import *  # noqa: F403
from bridgekit.operations.files import *  # noqa: F403
from bridgekit.operations.filter import *  # noqa: F403
from bridgekit.operations.guests import *  # noqa: F403
from bridgekit.operations.leases import *  # noqa: F403
from bridgekit.operations.lending import *  # noqa: F403
from bridgekit.operations.looks import *  # noqa: F403
from bridgekit.operations.macvlan import *  # noqa: F403
from bridgekit.operations.needs import *  # noqa: F403
from bridgekit.operations.network import *  # noqa: F403
from bridgekit.operations.ovs import *  # noqa: F403
from bridgekit.operations.packages import *  # noqa: F403
from bridgekit.operations.programs import *  # noqa: F403
from bridgekit.operations.proxies import *  # noqa: F403
from bridgekit.operations.services import *  # noqa: F403
from bridgekit.operations.settings import *  # noqa: F403
from bridgekit.operations.steering import *  # noqa: F403
from bridgekit.operations.upper import *  # noqa: F403
from bridgekit.operations.vlans import *  # noqa: F403
