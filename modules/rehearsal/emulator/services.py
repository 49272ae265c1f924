"""Which of our modules completes which of moto's services. Loaded with the service's first request, to start quickly."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PACKAGE = "modules.rehearsal.emulator"
#: moto's name of the service → modules with an `install()` that completes it.
COMPLETED_BY: dict[str, tuple[str, ...]] = {
    "backup": ("backup",),
    "cognitoidp": ("cognito", "cognito_users"),
    "ec2": ("ec2", "ec2_mended", "interfaces"),
    "efs": ("efs",),
    "eks": ("eks",),
    "iam": ("iam",),
    "resourcegroupstaggingapi": ("tagging",),
    "route53": ("route53",),
    "s3": ("s3",),
    "servicequotas": ("quotas",),
    "ssm": ("ssm", "ssm_sessions"),
}


def create_app(service: str) -> Any:
    """moto's Flask application for one service, completed."""
    from moto.moto_server.werkzeug_app import create_backend_app

    for name in COMPLETED_BY.get(service, ()):
        import_module(f"{_PACKAGE}.{name}").install()
    return create_backend_app(service)
