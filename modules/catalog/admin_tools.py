"""The tools of the admin box, by version, with the checksums their makers publish; what AL2023 brings (AWS CLI, SSM agent) is not here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Tool:
    """One program. url: with {arch}, as amd64. member: its path in the archive, with {arch}. sums: checksum of the archive by
    architecture, as `algorithm` (sha256, sha512) makes it."""

    name: str
    version: str
    url: str
    member: str
    algorithm: str
    sums: dict[str, str]


TOOLS: tuple[Tool, ...] = (
    # kubectl talks to API servers one minor version older or newer, https://kubernetes.io/releases/version-skew-policy/#kubectl.
    # Sums: https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.35.md, read 2026-11-21.
    Tool(
        "kubectl",
        "1.35.4",
        "https://dl.k8s.io/v1.35.4/kubernetes-client-linux-{arch}.tar.gz",
        "kubernetes/client/bin/kubectl",
        "sha512",
        {
            "amd64": (
                "7c67019d82c7c70692948cd5843ae39c2854007cc117d6fa52fbd46b7521c7f7"
                "a10b6ec3085b68f021243529732d6af76b936406aba6c612e6b43e945bc7286b"
            ),
            "arm64": (
                "5dbbccd0c964894f5dae9e622619e5cec11f14e39457c8343a55bfa7ee0a30ca"
                "4155553647d0bc7dd8022ac0066fe11e9c8518300f8bc65a5a0a5ad83dfaa59f"
            ),
        },
    ),
    # Sums: the release's notes, https://github.com/helm/helm/releases/tag/v3.19.3, read 2026-11-21.
    Tool(
        "helm",
        "3.19.3",
        "https://get.helm.sh/helm-v3.19.3-linux-{arch}.tar.gz",
        "linux-{arch}/helm",
        "sha256",
        {
            "amd64": "d9439f58aa72a4580b25b641940f950fe20695345eb16ec8f106134007062df1",
            "arm64": "10136aef69056c7c5be9230782aab29cae659f7c8d63df24488b6c6469e17563",
        },
    ),
)
