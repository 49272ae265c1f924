"""Who may log in. Nobody can until a list, an organisation or a registration check says so."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.config._base import DnsName, Model, SecretName


class _Login(Model):
    admins: tuple[str, ...] = ()
    """Hub admins, by the name they log in with."""
    allowed: tuple[str, ...] = ()
    """Users let in by name."""
    client_id: str = ""
    """The OAuth client's public id."""
    client_secret: SecretName = "oauth-client-secret"
    """Name of the Secrets Manager secret that holds the OAuth client secret (./hub secrets set)."""


class GithubAllow(Model):
    """Who of GitHub's users may enter, besides the lists."""

    orgs: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")], ...] = ()
    teams: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+:[A-Za-z0-9_.-]+$")], ...] = ()
    """`org:team`."""
    dandi_registered: tuple[Annotated[str, Field(pattern=r"^https://[^/]+$")], ...] = ()
    """DANDI API servers; a user registered with any of them enters."""


class GithubAuth(_Login):
    """Log in with GitHub."""

    kind: Literal["github"]
    allow: GithubAllow = GithubAllow()
    scopes: tuple[str, ...] = ("read:user", "user:email")
    dandi_token: SecretName = "dandi-api-credentials"
    """Secret that holds the API tokens by server, as JSON."""
    pass_identity: bool = False
    """Give notebooks GITHUB_TOKEN, GITHUB_USER and GITHUB_EMAIL."""


class Auth0Auth(_Login):
    """Log in with Auth0."""

    kind: Literal["auth0"]
    domain: DnsName
    """The tenant's domain, such as team.us.auth0.com."""
    scopes: tuple[str, ...] = ("openid", "email")


class PasswordPolicy(Model):
    """Of the Cognito user pool."""

    minimum_length: Annotated[int, Field(ge=14, le=99)] = 14
    temporary_days: Annotated[int, Field(ge=1, le=7)] = 7


class CognitoAuth(_Login):
    """Log in with a Cognito user pool that this env creates (stack data)."""

    kind: Literal["cognito"]
    domain_prefix: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")] | None = None
    """Unique in the region among all of AWS; default: the deployment id."""
    mfa: Literal["ON", "OPTIONAL", "OFF"] = "OPTIONAL"
    password: PasswordPolicy = PasswordPolicy()
    self_sign_up: bool = False
    groups: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,128}$")], ...] = ()
    """Groups of the pool, for profiles that name them."""
    invite_subject: str = "Your account"
    scopes: tuple[str, ...] = ("openid", "email", "profile")


class OidcAuth(_Login):
    """Log in with any OpenID Connect provider."""

    kind: Literal["oidc"]
    issuer: Annotated[str, Field(pattern=r"^https://.+")]
    username_claim: str = "preferred_username"
    groups_claim: str | None = None
    allowed_groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ("openid", "email", "profile")


class DummyAuth(Model):
    """Anybody with any password. Only for an env without a domain that says insecure: true."""

    kind: Literal["dummy"]
    admins: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


Auth = Annotated[GithubAuth | Auth0Auth | CognitoAuth | OidcAuth | DummyAuth, Field(discriminator="kind")]
