"""Who gets in: account, login, the Kubernetes API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network

from modules.common import arn
from modules.config.auth import Auth, Auth0Auth, CognitoAuth, DummyAuth, GithubAuth, OidcAuth
from modules.config.checks._check import Finding, reads
from modules.config.models import HubConfig

#: EKS refuses these in publicAccessCidrs, and at most 40 entries, https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
_RESERVED = tuple(
    IPv4Network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")
)
_MOST_CIDRS = 40


@reads("aws", "rehearsal")
def account(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.rehearsal and config.aws.account:
        yield ("aws", "account"), "a rehearsal names no account. Remove it, or remove rehearsal: true to deploy for real."
    if not config.rehearsal and not config.aws.account:
        yield ("aws", "account"), 'is missing. Write the twelve digits in quotes, such as account: "123456789012".'
    if config.rehearsal and config.aws.profile:
        yield ("aws", "profile"), "a rehearsal uses no profile. Remove it."


@reads("aws", "cluster")
def deployer(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.cluster.admins and not config.aws.deployer_role_arn and not config.cluster.existing:
        yield (
            ("aws", "deployer_role_arn"),
            "is missing. With cluster.admins named, nobody else gets in: write the ARN of the role that installs, which may be one of "
            "them.",
        )


@reads("auth", "domain", "insecure")
def login(config: HubConfig, _: date) -> Iterator[Finding]:
    auth = config.auth
    if isinstance(auth, DummyAuth):
        if config.domain:
            yield ("auth", "kind"), "dummy lets anybody in, so an env with a domain refuses it. Choose github, auth0, cognito or oidc."
        if not config.insecure:
            yield ("auth", "kind"), "dummy lets anybody in with any password. Say insecure: true if that is meant."
        return
    if not config.domain:
        yield ("domain",), f"is missing. Login by {auth.kind} sends people back to a host name; write domain: hub.example.org."
    if isinstance(auth, GithubAuth):
        open_to = (auth.allow.orgs, auth.allow.teams, auth.allow.dandi_registered)
    elif isinstance(auth, OidcAuth):
        open_to = (auth.allowed_groups, (), ())
    else:
        open_to = ((), (), ())
    if not isinstance(auth, CognitoAuth) and not any((auth.admins, auth.allowed, *open_to)):
        yield ("auth",), "lets nobody in. Name admins, allowed users, or an organisation, team or group."
    yield from _who_enters(auth)
    if isinstance(auth, Auth0Auth | CognitoAuth):
        yield from _addresses(auth)


def _who_enters(auth: Auth) -> Iterator[Finding]:
    if isinstance(auth, CognitoAuth) and auth.self_sign_up and not (auth.admins or auth.allowed):
        who = "makes being in the pool no reason to enter, and no list lets anybody in"
        yield ("auth", "self_sign_up"), f"{who}. Name admins or allowed users."
    if isinstance(auth, OidcAuth) and auth.allowed_groups and not auth.groups_claim:
        yield ("auth", "groups_claim"), "is missing, so allowed_groups cannot be looked at. Write the claim that lists groups."


def _addresses(auth: Auth0Auth | CognitoAuth) -> Iterator[Finding]:
    """The address becomes the user's name (modules/hub/{auth0,cognito}.py), so a list of other names matches nobody."""
    service = "Auth0" if isinstance(auth, Auth0Auth) else "Cognito"
    if not {"openid", "email"} <= set(auth.scopes):
        yield ("auth", "scopes"), "lack openid or email; the address becomes the user's name, so no login works. Add both."
    for field, listed in (("admins", auth.admins), ("allowed", auth.allowed)):
        for index, name in enumerate(listed):
            if "@" not in name:
                yield ("auth", field, index), f'"{name}" is no e-mail address, and that is what people are called with {service}. Write it.'


@reads("auth", "hub")
def groups(config: HubConfig, _: date) -> Iterator[Finding]:
    auth = config.auth
    if all(profile.groups for profile in config.hub.profiles):
        yield ("hub", "profiles"), "are all for members of groups, so others could log in and start nothing. Leave one without groups."
    for index, profile in enumerate(config.hub.profiles):
        for group in profile.groups:
            if isinstance(auth, CognitoAuth) and group not in auth.groups:
                yield ("hub", "profiles", index, "groups"), f'"{group}" is not in auth.groups. Add it there, or take it out here.'
            if isinstance(auth, OidcAuth) and not auth.groups_claim:
                yield ("hub", "profiles", index, "groups"), "needs auth.groups_claim, which says where the login lists groups."


@reads("domain", "dns")
def domain(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.dns and not config.domain:
        yield ("dns",), "names a zone although there is no domain. Write domain: or remove dns."
    if config.dns and config.domain and config.domain != config.dns.zone and not config.domain.endswith(f".{config.dns.zone}"):
        yield ("domain",), f'"{config.domain}" does not lie in the zone "{config.dns.zone}". Change one of them.'


@reads("auth", "domain", "region", "aws", "env")
def cognito_prefix(config: HubConfig, _: date) -> Iterator[Finding]:
    if config.cognito:
        prefix = config.cognito.domain_prefix or config.deployment
        taken = next((word for word in ("cognito", "amazon", "aws") if word in prefix), None)
        if taken:
            yield ("auth", "domain_prefix"), f'"{prefix}" holds "{taken}", which AWS keeps for itself. Write another prefix.'


@reads("cluster")
def endpoint(config: HubConfig, _: date) -> Iterator[Finding]:
    cidrs = config.cluster.endpoint.public_cidrs
    if len(cidrs) > _MOST_CIDRS:
        yield ("cluster", "endpoint", "public_cidrs"), f"holds {len(cidrs)} ranges; EKS takes {_MOST_CIDRS}. Join neighbours."
    for index, text in enumerate(cidrs):
        path = ("cluster", "endpoint", "public_cidrs", index)
        if text == "0.0.0.0/0":
            if not config.cluster.endpoint.open_to_the_world:
                yield path, "opens the Kubernetes API to every address. List your networks, or say open_to_the_world: true."
        elif any(IPv4Network(text).subnet_of(net) for net in _RESERVED):
            yield path, f'"{text}" is a private range, which EKS refuses here; inside the VPC the API is always reached. Remove it.'


@reads("cluster", "aws", "region")
def principals(config: HubConfig, _: date) -> Iterator[Finding]:
    named = [("admins", index, who) for index, who in enumerate(config.cluster.admins)]
    named += [("viewers", index, who) for index, who in enumerate(config.cluster.viewers)]
    counts = Counter(who for _, _, who in named)
    deployer = config.aws.deployer_role_arn
    if deployer in config.cluster.viewers:
        yield ("aws", "deployer_role_arn"), "is among cluster.viewers too, and EKS takes one entry a principal. Take it out there."
    for key, index, who in named:
        path = ("cluster", key, index)
        parsed = arn.parse(who)
        if parsed.service != "iam" or parsed.resource_type not in {"role", "user"}:
            yield path, f'"{who}" is neither a role nor a user. Write arn:{config.partition}:iam::<account>:role/<name>.'
        elif parsed.partition != config.partition:
            yield path, f'"{who}" belongs to partition {parsed.partition}, and {config.region} to {config.partition}. Change the ARN.'
        if counts[who] > 1 and (key == "viewers" or config.cluster.admins.index(who) != index):
            yield path, f'"{who}" is listed twice, and EKS takes one entry a principal. Keep one.'


@reads("cluster")
def existing_cluster(config: HubConfig, _: date) -> Iterator[Finding]:
    existing = config.cluster.existing
    if existing is None:
        return
    provider = arn.parse(existing.oidc_provider_arn)
    if provider.resource != f"oidc-provider/{existing.oidc_issuer}":
        path = ("cluster", "existing", "oidc_provider_arn")
        yield path, f"is not the provider of oidc_issuer ({existing.oidc_issuer}), so no pod would get a role. Correct one of them."
    for name in ("admin_role_arn", "node_role_arn"):
        text = getattr(existing, name)
        if text and arn.parse(text).resource_type != "role":
            yield ("cluster", "existing", name), f'"{text}" is no role. Write arn:{provider.partition}:iam::<account>:role/<name>.'


CHECKS = (account, deployer, login, groups, domain, cognito_prefix, endpoint, principals, existing_cluster)
