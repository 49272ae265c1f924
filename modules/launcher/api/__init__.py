"""The HTTP API: Hydroplane's paths, and who may call them."""

from modules.launcher.api.app import make_app

__all__ = ["make_app"]
