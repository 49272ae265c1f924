"""Ray clusters: what their charts are told, who their pods talk to, and how notebooks find them."""
