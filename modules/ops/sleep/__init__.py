"""./hub sleep and ./hub wake: an env that costs its control plane and its storage while nobody works on it."""
