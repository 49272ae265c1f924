"""Vault's certificate: made by the first install, signed anew by a later one before it ends. Its CA vouches for nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from modules.common import vault as refs
from modules.config.models import HubConfig

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec

    from modules.ops.secret_store import SecretStore
    from modules.ops.secrets import Need

#: The CA outlives the servers' certificates: agents in running pods trust it, and know no other until their pods start again.
CA_DAYS, DAYS = 3650, 365
#: An install signs anew when less is left.
RENEW_DAYS = 30
#: Clocks of nodes differ.
_EARLIER = timedelta(hours=1)
_CA_PRIVATE_KEY = "ca_key"


def due(store: SecretStore, config: HubConfig, needed: Sequence[Need], *, now: datetime | None = None) -> dict[str, str]:
    """Values by secret id that an install has to put: both for a new Vault, none where all is well. Raises HubError when AWS refuses."""
    by_name = {need.name: need.id for need in needed}
    if config.vault is None or refs.TLS_SECRET not in by_name:
        return {}
    moment = now or datetime.now(UTC)
    kept = store.value(by_name[refs.TLS_SECRET])
    bundle = current(kept, refs.certificate_names(config.vault.namespace), deployment=config.deployment, now=moment)
    values = {refs.TLS_SECRET: bundle, refs.CA_SECRET: json.loads(bundle)[refs.CA_KEY]}
    there = {refs.TLS_SECRET: kept, refs.CA_SECRET: store.value(by_name[refs.CA_SECRET])}
    return {by_name[name]: value for name, value in values.items() if there[name] != value}


def current(kept: str | None, names: Sequence[str], *, deployment: str, now: datetime) -> str:
    """The bundle, JSON, that is to be in use: `kept` while it is good for `names`, else one with a new certificate of the same CA."""
    bundle: Mapping[str, str] = json.loads(kept) if kept else _authority(deployment, now)
    if kept and not _is_due(bundle, names, now):
        return kept
    return json.dumps({**bundle, **_server(bundle, names, now)})


def _is_due(bundle: Mapping[str, str], names: Sequence[str], now: datetime) -> bool:
    from cryptography import x509

    found = x509.load_pem_x509_certificate(bundle[refs.CERTIFICATE_KEY].encode())
    said = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName)
    return found.not_valid_after_utc - now < timedelta(days=RENEW_DAYS) or set(said) != set(names)


def _authority(deployment: str, now: datetime) -> dict[str, str]:
    from cryptography import x509

    key, name = _new_key(), f"Vault of {deployment}"
    builder = _builder(name, name, key, now, CA_DAYS)
    made = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).add_extension(
        _usage(signs=True), critical=True
    )
    return {refs.CA_KEY: _pem(_signed(made, key)), _CA_PRIVATE_KEY: _private(key)}


def _server(bundle: Mapping[str, str], names: Sequence[str], now: datetime) -> dict[str, str]:
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509.oid import ExtendedKeyUsageOID

    authority = x509.load_pem_x509_certificate(bundle[refs.CA_KEY].encode())
    signer: Any = load_pem_private_key(bundle[_CA_PRIVATE_KEY].encode(), password=None)
    key = _new_key()
    # 127.0.0.1 is where `vault` in a member's own shell and a port-forward look for it.
    reached = x509.SubjectAlternativeName([*map(x509.DNSName, names), x509.IPAddress(ip_address("127.0.0.1"))])
    builder = _builder(refs.SERVICE, authority.subject, key, now, DAYS).add_extension(reached, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return {refs.CERTIFICATE_KEY: _pem(_signed(builder, signer)), refs.PRIVATE_KEY: _private(key)}


def _builder(subject: str, issuer: str | x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int) -> x509.CertificateBuilder:
    from cryptography import x509

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    return (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer) if isinstance(issuer, str) else issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    """A CA signs certificates; a server signs handshakes."""
    from cryptography import x509

    unused = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    return x509.KeyUsage(digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, **dict.fromkeys(unused, False))


def _new_key() -> ec.EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    from cryptography.hazmat.primitives import hashes

    return builder.sign(key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode()


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
