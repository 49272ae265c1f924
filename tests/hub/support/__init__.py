"""A real hub for tests: what it talks to, what starts it, and who looks at it."""
