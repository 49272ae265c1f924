"""./hub support-bundle: what somebody who helps needs to see, without a secret in it."""
