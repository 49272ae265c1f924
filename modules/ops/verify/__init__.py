"""./hub verify: whether what an install made works, seen from outside and from inside."""
