"""./hub roles: the application roles of an env."""
