"""A whole topology: a file that says what the network is, compiled to one plan by the recipes' own parts.

reading: YAML -> data, each value with its line and column.  models: what may be said, also as a JSON Schema.
outside: what a containerlab file says beyond that.  topology: all of it resolved.  checks: whether it can be.
building: topology -> Plan.
"""
