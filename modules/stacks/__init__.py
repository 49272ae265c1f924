"""One file a stack, by lifetime; each wires constructs to the env's configuration and owns the stack's outputs."""
