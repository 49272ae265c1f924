"""What runs inside JupyterHub: logins, the spawn page, the identity of notebooks. Shipped to the hub as package hubsmith_hub."""
