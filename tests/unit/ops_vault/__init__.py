"""./hub vault against the stand-in of tests/vault."""
