"""Names, tags, CIDRs, ARNs and errors: pure functions on the standard library alone."""
