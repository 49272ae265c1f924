"""HubConfig: what the operator says, typed and frozen; loader, checks, JSON schema and tfvars import around it."""

from modules.config.models import HubConfig

__all__ = ["HubConfig"]
