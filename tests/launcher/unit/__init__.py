"""The launcher's core: models, objects, runtime and API."""
