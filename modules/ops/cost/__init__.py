"""What an env costs: idle, asleep, and per server."""
