"""Policy documents and trust policies as pure functions that return plain dicts; one Sid per intent.

Arguments may be engine tokens: they are put into the document or into an f-string and never read.
"""
