"""HOW: one module a program, each an operation in, the exact argument vector out (or None: not mine)."""
