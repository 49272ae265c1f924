"""A stand-in for Vault's HTTP API: the endpoints that `./hub vault` and a notebook use, and nothing else.

It checks path, method, token, policy and every key of a body, and is stricter than Vault, which ignores keys it does not know.
Its limits: one member, nothing is encrypted or stored, leases do not end, signatures of AWS and of web tokens are not
verified (their claims and headers are), AWS answers as `trusting` says, policies are judged without deny, `+` or templates.
What Vault 2.0.4 itself says differently from its documentation, this cannot show.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.vault.acl import allows, rules

#: Longest session of a role assumed by a role, https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
_HOUR = 3600
_MOUNT_KEYS = {"type", "description", "config", "options", "local", "seal_wrap"}
#: Writable keys by what a path is: of audit devices and mounts, of the engines' own settings and roles.
_KEYS: dict[str, set[str]] = {
    "auth/aws/config/client": {"iam_server_id_header_value", "sts_endpoint", "sts_region", "iam_endpoint", "access_key", "secret_key"},
    "auth/aws/role/": {
        "auth_type",
        "bound_iam_principal_arn",
        "resolve_aws_unique_ids",
        "token_policies",
        "token_ttl",
        "token_max_ttl",
    },
    "auth/hub/config": {"oidc_discovery_url", "bound_issuer", "jwks_url", "oidc_discovery_ca_pem"},
    "auth/hub/role/": {
        "role_type",
        "bound_audiences",
        "bound_claims",
        "bound_claims_type",
        "bound_subject",
        "user_claim",
        "user_claim_json_pointer",
        "token_policies",
        "token_ttl",
        "token_max_ttl",
    },
    "aws/config/root": {"access_key", "secret_key", "region", "iam_endpoint", "sts_endpoint", "sts_region"},
    "aws/roles/": {"credential_type", "role_arns", "external_id", "default_sts_ttl", "max_sts_ttl"},
    "sys/policies/acl/": {"policy"},
}
_LISTS = ("auth/aws/role", "auth/hub/role", "aws/roles", "sys/policies/acl")


class Refused(Exception):
    """An answer of Vault's that is no success."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(status, errors)
        self.status, self.errors = status, list(errors)


@dataclass
class Token:
    """policies: names, "root" for all."""

    policies: tuple[str, ...]


@dataclass
class FakeVault:
    """One member. kind: of its seal. kms: what AWS says when the key is used, "" for yes. opens_after: how often it is asked for its
    seal until it is open. trusting: external id by role ARN that AWS would let Vault assume. callers: role ARN by access key.

    calls: method and path of each; tokens, secrets_given: what must show nowhere; unknown: paths it has no handler for.
    """

    kind: str = "awskms"
    initialised: bool = False
    sealed: bool = True
    kms: str = ""
    opens_after: int = 0
    standby: bool = False
    trusting: dict[str, str] = field(default_factory=dict)
    callers: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    store: dict[str, dict[str, Any]] = field(default_factory=dict)
    switched: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    secrets_given: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Calls that change something, logins and logouts apart."""
        return [each for each in self.calls if each[0] != "GET" and not each[1].endswith(("/login", "/revoke-self"))]

    def answer(self, method: str, path: str, query: dict[str, list[str]], token: str, body: Any) -> tuple[int, Any]:
        """Status and JSON body of one call; None for 204."""
        with self.lock:
            self.calls.append((method, path))
            try:
                return 200, self._open(method, path, body) if path in _OPEN else self._guarded(method, path, query, token, body)
            except Refused as refused:
                return refused.status, {"errors": refused.errors}

    def _open(self, method: str, path: str, body: Any) -> Any:
        """What needs no token."""
        if method not in _OPEN[path]:
            raise Refused(405, "unsupported operation")
        if path == "sys/seal-status":
            return self._seal_status()
        if path == "sys/init":
            return self._init(body) if method != "GET" else {"initialized": self.initialised}
        if path == "sys/leader":
            return {"ha_enabled": True, "is_self": not self.standby, "leader_address": "https://vault-0.vault-internal:8200"}
        self._check_open()
        return self._login_aws(body) if path == "auth/aws/login" else self._login_hub(body)

    def _seal_status(self) -> dict[str, Any]:
        if self.initialised and self.sealed and not self.kms:
            self.opens_after -= 1
            self.sealed = self.opens_after >= 0
        return {"type": self.kind, "initialized": self.initialised, "sealed": self.sealed, "t": 3, "n": 5, "version": "2.0.4"}

    def _init(self, body: Any) -> dict[str, Any]:
        if self.initialised:
            raise Refused(400, "Vault is already initialized")
        if self.kms:
            raise Refused(500, f"failed to store keys: failed to encrypt keys for storage: error encrypting data using awskms: {self.kms}")
        if set(body) != {"recovery_shares", "recovery_threshold"} or not 1 < body["recovery_threshold"] <= body["recovery_shares"]:
            raise Refused(400, "recovery_shares and recovery_threshold are needed where a key opens Vault")
        keys = [base64.b64encode(secrets.token_bytes(33)).decode() for _ in range(body["recovery_shares"])]
        plain = [base64.b64decode(each).hex() for each in keys]
        root = self.issue("root")
        self.secrets_given += [*keys, *plain]
        self.initialised = True
        return {"keys": [], "keys_base64": [], "recovery_keys": plain, "recovery_keys_base64": keys, "root_token": root}

    def issue(self, *policies: str) -> str:
        """A token with these policies."""
        made = f"hvs.{secrets.token_urlsafe(24)}"
        self.tokens[made] = Token(policies)
        self.secrets_given.append(made)
        return made

    def _check_open(self) -> None:
        if not self.initialised:
            raise Refused(503, "Vault is not initialized")
        if self.sealed:
            raise Refused(503, "Vault is sealed")
        if self.standby:
            raise Refused(307)

    def _guarded(self, method: str, path: str, query: dict[str, list[str]], token: str, body: Any) -> Any:
        self._check_open()
        held = self.tokens.get(token)
        if held is None:
            raise Refused(403, "permission denied", "invalid token")
        if path == "auth/token/revoke-self" and method in ("POST", "PUT"):
            del self.tokens[token]
            return None
        listing = method == "GET" and query.get("list") == ["True"]
        self._check_allowed(held, path, "list" if listing else _CAPABILITY[method])
        if listing:
            return self._keys(path)
        handler = self._handler(path)
        return handler(method, path, body)

    def _check_allowed(self, held: Token, path: str, capability: str) -> None:
        texts = [self.store.get(f"sys/policies/acl/{each}", {}).get("policy", "") for each in held.policies]
        if "root" not in held.policies and not allows(texts, path, capability):
            raise Refused(403, "1 error occurred:\n\t* permission denied\n\n")

    def _keys(self, path: str) -> Any:
        if path not in _LISTS:
            self.unknown.append(path)
            raise Refused(404)
        found = sorted(each.removeprefix(f"{path}/") for each in self.store if each.startswith(f"{path}/"))
        found += ["default", "root"] if path == "sys/policies/acl" else []
        if not found:
            raise Refused(404)
        return {"data": {"keys": found}}

    def _handler(self, path: str) -> Callable[[str, str, Any], Any]:
        if path in ("sys/auth", "sys/mounts", "sys/audit"):
            return self._switches
        if path.startswith(("sys/auth/", "sys/mounts/", "sys/audit/")):
            return self._switch
        if path.startswith("aws/sts/"):
            return self._credentials
        return self._stored

    def _switches(self, method: str, path: str, body: Any) -> Any:
        if method != "GET":
            raise Refused(405, "unsupported operation")
        return {"data": {f"{name.rpartition('/')[2]}/": held for name, held in self.switched.items() if name.rpartition("/")[0] == path}}

    def _switch(self, method: str, path: str, body: Any) -> Any:
        if method not in ("POST", "PUT"):
            raise Refused(405, "unsupported operation")
        if path.endswith("/tune"):
            self.switched[path.removesuffix("/tune")]["config"].update(body)
            return None
        if path in self.switched:
            raise Refused(400, f"path is already in use at {path.rpartition('/')[2]}/")
        if not set(body) <= _MOUNT_KEYS or body.get("type") not in _TYPES[path.split("/")[1]]:
            raise Refused(400, f"invalid mount {sorted(body)}")
        # Vault fills the lifetimes of what is given none with zeros, which stand for its own.
        config = {"default_lease_ttl": 0, "max_lease_ttl": 0, **(body.get("config") or {})}
        self.switched[path] = {
            "type": body["type"],
            "description": body.get("description", ""),
            "config": config,
            "options": body.get("options"),
        }
        return None

    def _stored(self, method: str, path: str, body: Any) -> Any:
        keys = next((keys for place, keys in _KEYS.items() if path == place or (place.endswith("/") and path.startswith(place))), None)
        if keys is None:
            self.unknown.append(f"{method} {path}")
            raise Refused(404, f"no handler for route {path!r}")
        self._check_switched(path)
        if method == "GET":
            if path not in self.store:
                raise Refused(404)
            return {"data": dict(self.store[path])}
        if method == "DELETE":
            self.store.pop(path, None)
            return None
        if not set(body) <= keys:
            raise Refused(400, f"unknown keys {sorted(set(body) - keys)} at {path}")
        self._check_body(path, body)
        self.store[path] = {**self.store.get(path, {}), **{key: value for key, value in body.items() if key != "secret_key"}}
        return None

    def _check_switched(self, path: str) -> None:
        room, name = path.split("/")[:2]
        needed = f"sys/auth/{name}" if room == "auth" else "sys/mounts/aws" if room == "aws" else ""
        if needed and needed not in self.switched:
            raise Refused(404, f"no handler for route {path!r}. route entry not found.")

    def _check_body(self, path: str, body: dict[str, Any]) -> None:
        if path.startswith("sys/policies/"):
            try:
                rules(body["policy"])
            except ValueError:
                raise Refused(400, "failed to parse policy") from None
        if path.startswith("aws/roles/") and body.get("credential_type") != "assumed_role":
            raise Refused(400, "unrecognized credential_type")
        if path.startswith("auth/hub/role/") and not body.get("bound_claims") and not body.get("bound_audiences"):
            raise Refused(400, "must have at least one bound constraint")

    def _credentials(self, method: str, path: str, body: Any) -> Any:
        name = path.removeprefix("aws/sts/")
        role = self.store.get(f"aws/roles/{name}")
        if role is None:
            raise Refused(400, f"Role {name!r} not found")
        arn = role["role_arns"][0]
        lasts = (body or {}).get("ttl") or role.get("default_sts_ttl") or _HOUR
        if lasts > min(_HOUR, role.get("max_sts_ttl") or _HOUR):
            raise Refused(400, "DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
        if arn not in self.trusting or self.trusting[arn] != role.get("external_id"):
            raise Refused(
                400,
                "Error assuming role: operation error STS: AssumeRole, https response error StatusCode: 403, api error AccessDenied: User: "
                f"arn:aws:sts::123456789012:assumed-role/lab-vault/1 is not authorized to perform: sts:AssumeRole on resource: {arn}",
            )
        given = {
            "access_key": f"ASIA{secrets.token_hex(8).upper()}",
            "secret_key": secrets.token_hex(20),
            "session_token": secrets.token_hex(40),
        }
        self.secrets_given += given.values()
        return {"lease_id": f"{path}/1", "lease_duration": lasts, "data": {**given, "security_token": given["session_token"], "arn": arn}}

    def _login_aws(self, body: dict[str, str]) -> Any:
        role = self.store.get(f"auth/aws/role/{body['role']}")
        if role is None:
            raise Refused(400, f"entry for role {body['role']!r} not found")
        headers = {key.lower(): value[0] for key, value in json.loads(base64.b64decode(body["iam_request_headers"])).items()}
        client = self.store["auth/aws/config/client"]
        signed = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
        if headers.get("x-vault-aws-iam-server-id") != client["iam_server_id_header_value"] or "x-vault-aws-iam-server-id" not in signed:
            raise Refused(400, "error validating X-Vault-AWS-IAM-Server-ID header")
        url = base64.b64decode(body["iam_request_url"]).decode()
        if url.rstrip("/") != client["sts_endpoint"] or f"/{client['sts_region']}/sts/" not in headers["authorization"]:
            raise Refused(400, "error making upstream request: received error code 403 from STS: SignatureDoesNotMatch")
        key = headers["authorization"].partition("Credential=")[2].partition("/")[0]
        if self.callers.get(key) not in role["bound_iam_principal_arn"]:
            raise Refused(400, f"IAM Principal {self.callers.get(key)!r} does not belong to the role {body['role']!r}")
        return {"auth": {"client_token": self.issue(*role["token_policies"]), "lease_duration": role["token_ttl"]}}

    def _login_hub(self, body: dict[str, str]) -> Any:
        role = self.store.get(f"auth/hub/role/{body['role']}")
        if role is None:
            raise Refused(400, f"role {body['role']!r} could not be found")
        claims = json.loads(base64.urlsafe_b64decode(body["jwt"].split(".")[1] + "=="))
        if claims["iss"] != self.store["auth/hub/config"]["bound_issuer"]:
            raise Refused(400, "error validating token: invalid issuer (iss) claim")
        if not set(role["bound_audiences"]) & set(claims["aud"]):
            raise Refused(400, "error validating token: invalid audience (aud) claim: audience claim does not match any bound audience")
        for pointer, wanted in role["bound_claims"].items():
            if _at(claims, pointer) != wanted:
                raise Refused(400, f"error validating claims: claim {pointer!r} does not match any associated bound claim values")
        return {"auth": {"client_token": self.issue(*role["token_policies"]), "token_policies": ["default", *role["token_policies"]]}}


_OPEN = {
    "sys/seal-status": ("GET",),
    "sys/leader": ("GET",),
    "sys/init": ("GET", "POST", "PUT"),
    "auth/aws/login": ("POST", "PUT"),
    "auth/hub/login": ("POST", "PUT"),
}
_CAPABILITY = {"GET": "read", "POST": "update", "PUT": "update", "DELETE": "delete"}
_TYPES = {"auth": ("aws", "jwt"), "mounts": ("aws",), "audit": ("file",)}


def _at(claims: Any, pointer: str) -> Any:
    """What a JSON pointer of a bound claim leads to."""
    for part in pointer.strip("/").split("/"):
        claims = claims.get(part) if isinstance(claims, dict) else None
    return claims
