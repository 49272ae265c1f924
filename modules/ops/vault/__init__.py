"""./hub vault: initialising and configuring an env's Vault, and the users who keep a role of their own behind it."""
