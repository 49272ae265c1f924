"""./hub ray: the Ray clusters of an env, up, down, larger, smaller, and whether the notebooks' images fit them."""
