"""AWS constructs, one AWS noun a file. Each takes a stack, an id and the few values it needs, and offers named outputs."""
