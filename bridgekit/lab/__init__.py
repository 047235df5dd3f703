"""A whole topology: a file that says what the network is, compiled to one plan by the recipes' own parts.

reading: YAML -> data, each value with its line and column.  containerlab: its words, put into ours.
models, values: what may be said, also as a JSON Schema.  mistakes: what they refuse, in words.
resolving, routing, lodging: Lab -> Topology.  checks, hostports, probes: whether it can be.
doubts: what surely was not meant so.  building: Topology -> Plan.  planning: what `up` would do here now.
"""
