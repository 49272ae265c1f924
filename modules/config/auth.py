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
    """Organisations whose members enter."""
    teams: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+:[A-Za-z0-9_.-]+$")], ...] = ()
    """`org:team`."""
    dandi_registered: tuple[Annotated[str, Field(pattern=r"^https://[^/]+$")], ...] = ()
    """DANDI API servers; a user registered with any of them enters."""


class GithubAuth(_Login):
    """Log in with GitHub."""

    kind: Literal["github"]
    """Which login; the other settings depend on it."""
    allow: GithubAllow = GithubAllow()
    """Who enters besides admins and allowed."""
    scopes: tuple[str, ...] = ("read:user", "user:email")
    """What the login asks GitHub for; read:org is needed for private membership."""
    dandi_token: SecretName = "dandi-api-credentials"
    """Secret that holds the API tokens by server, as JSON."""
    pass_identity: bool = False
    """Give notebooks GITHUB_TOKEN, GITHUB_USER and GITHUB_EMAIL."""


class Auth0Auth(_Login):
    """Log in with Auth0."""

    kind: Literal["auth0"]
    """Which login; the other settings depend on it."""
    domain: DnsName
    """The tenant's domain, such as team.us.auth0.com."""
    scopes: tuple[str, ...] = ("openid", "email")
    """What the login asks Auth0 for."""


class PasswordPolicy(Model):
    """Of the Cognito user pool."""

    minimum_length: Annotated[int, Field(ge=14, le=99)] = 14
    """Characters a password has at least."""
    temporary_days: Annotated[int, Field(ge=1, le=7)] = 7
    """How long the password of an invitation is good."""


class CognitoAuth(_Login):
    """Log in with a Cognito user pool that this env creates (stack data)."""

    kind: Literal["cognito"]
    """Which login; the other settings depend on it."""
    domain_prefix: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")] | None = None
    """Unique in the region among all of AWS; default: the deployment id."""
    mfa: Literal["ON", "OPTIONAL", "OFF"] = "OPTIONAL"
    """A second factor: asked of everybody (ON), of whoever set one up (OPTIONAL), of nobody (OFF)."""
    password: PasswordPolicy = PasswordPolicy()
    """Rules for passwords."""
    self_sign_up: bool = False
    """Whether strangers may make themselves an account."""
    groups: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,128}$")], ...] = ()
    """Groups of the pool, for profiles that name them."""
    invite_subject: str = "Your account"
    """Subject of the mail that invites a new user."""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    """What the login asks Cognito for."""


class OidcAuth(_Login):
    """Log in with any OpenID Connect provider."""

    kind: Literal["oidc"]
    """Which login; the other settings depend on it."""
    issuer: Annotated[str, Field(pattern=r"^https://.+")]
    """The provider's address, below which it serves .well-known/openid-configuration."""
    username_claim: str = "preferred_username"
    """The claim that becomes the user's name."""
    groups_claim: str | None = None
    """The claim that lists the user's groups."""
    allowed_groups: tuple[str, ...] = ()
    """Groups whose members enter; needs groups_claim."""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    """What the login asks the provider for."""


class DummyAuth(Model):
    """Anybody with any password. Only for an env without a domain that says insecure: true."""

    kind: Literal["dummy"]
    """Which login; the other settings depend on it."""
    admins: tuple[str, ...] = ()
    """Hub admins, by the name they log in with."""
    allowed: tuple[str, ...] = ()
    """Users let in by name; empty means everybody."""


Auth = Annotated[GithubAuth | Auth0Auth | CognitoAuth | OidcAuth | DummyAuth, Field(discriminator="kind")]
