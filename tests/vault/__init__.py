"""A stand-in for HashiCorp Vault, and what is tested against it. See double.py for what it is and is not."""
