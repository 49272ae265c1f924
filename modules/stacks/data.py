"""`data`: what outlives the cluster. Kept by cleanup until --delete-data and the env's name are typed."""

from __future__ import annotations

from modules.aws.backup import Backups
from modules.aws.buckets import Bucket, BucketProps
from modules.aws.cognito import CognitoProps, UserPool
from modules.aws.efs import FileSystem, FileSystemProps
from modules.aws.kms import Key
from modules.aws.role import Role
from modules.aws.secrets import SecretContainers
from modules.cdk import App, aws
from modules.common import launcher as launcher_refs
from modules.common import names
from modules.common import vault as vault_refs
from modules.config import HubConfig
from modules.config.extras import Launcher
from modules.iam import backup as backup_policies
from modules.iam import buckets as bucket_policies
from modules.iam import efs as efs_policies
from modules.iam import kms as key_policies
from modules.iam import managed
from modules.iam.document import document
from modules.k8s.dask.refs import TOKEN_KEY
from modules.k8s.jupyterhub import refs
from modules.k8s.jupyterhub.login import logout_url
from modules.k8s.ray.notebooks import token_secrets
from modules.stacks.base import HubStack

#: Homes are made per user below this directory; 0755, because each user's own directory inside is 0700.
HOMES_TREE = "home"
#: Secrets that nobody needs to know. They outlive the hub: with new ones everybody would be logged out.
MADE_ONCE = ("hub-cookie-secret", "hub-crypt-key")
#: The same for an env with Dask: what hub and gateway share. With a new one running clusters would lose their gateway.
GATEWAY_TOKEN = "dask-gateway-token"


class DataStack(HubStack):
    """Key, file system, buckets, backups, user pool, containers for secrets."""

    def __init__(self, app: App, config: HubConfig) -> None:
        super().__init__(app, config, "data")
        self._account = aws.data_aws_caller_identity.DataAwsCallerIdentity(self, "account").account_id
        self.key = Key(
            self,
            "data-key",
            deployment=config.deployment,
            purpose="data",
            policy=document(key_policies.account_root(config.partition, self._account)),
            protect=self.protected,
        )
        self.output("kms_key_arn", self.key.arn, description="Key of everything in this stack")
        self.vault_key = self._vault_key() if config.vault else None
        self.file_system = self._file_system() if config.storage.efs.enabled else None
        self.buckets = self._buckets()
        self.user_pool = self._user_pool()
        self._secrets()

    @property
    def protected(self) -> bool:
        """As the env says (storage.protect)."""
        return self.config.storage.protect

    def _vault_key(self) -> Key:
        """Without it Vault's data are lost for good, recovery keys or not, so it lives as long as they may."""
        policy = document(key_policies.account_root(self.config.partition, self._account))
        return Key(
            self, "vault-unseal-key", deployment=self.config.deployment, purpose="vault-unseal", policy=policy, protect=self.protected
        )

    def _secrets(self) -> None:
        config = self.config
        names = sorted({*secret_names(config), *made_once(config), *hub_secrets(config).values(), *vault_secrets(config)})
        containers = SecretContainers(self, "secret", deployment=config.deployment, names=names, kms_key_arn=self.key.arn, protect=False)
        #: ARNs of the containers, by the name people know.
        self.secrets = containers.arns
        for name in made_once(config):
            containers.make_once(name)
        if self.user_pool is not None and config.cognito is not None:
            containers.copy(config.cognito.client_secret, self.user_pool.client.client_secret, owner=self.user_pool.client)

    def _file_system(self) -> FileSystem:
        config = self.config
        efs = config.storage.efs
        trees = {HOMES_TREE: "0755", **{tree: "0775" if mode == "read-write" else "0755" for tree, mode in efs.trees.items()}}
        system = FileSystem(
            self,
            "homes",
            FileSystemProps(
                token=f"{config.deployment}-homes",
                kms_key_arn=self.key.arn,
                throughput=efs.throughput,
                infrequent_access_days=efs.infrequent_access_days,
                trees=trees,
                protect=self.protected,
            ),
        )
        system.policy(self, "homes-policy", efs_policies.file_system_policy(system.arn, through=list(system.access_point_arns.values())))
        if config.storage.backup.enabled:
            self._backups(system)
        self.output("file_system_id", system.id, description="EFS file system of homes and shared trees")
        return system

    def _backups(self, system: FileSystem) -> None:
        config = self.config
        role = Role(
            self,
            "backup-role",
            name=names.role_name(config.name, "backup"),
            path=self.role_path,
            boundary=self.boundary,
            trust=backup_policies.role_trust(self._account),
            managed={
                key: managed.arn(config.partition, name) for key, name in {"backup": managed.BACKUP, "restores": managed.RESTORE}.items()
            },
        )
        Backups(
            self,
            "backup",
            name=config.deployment,
            kms_key_arn=self.key.arn,
            schedule=config.storage.backup.schedule,
            keep_days=config.storage.backup.keep_days,
            resource_arn=system.arn,
            role_arn=role.arn,
            protect=self.protected,
        )

    def _buckets(self) -> dict[str, Bucket]:
        config = self.config
        settings = config.storage.buckets
        wanted: dict[str, int | None] = {}
        if settings.shared:
            wanted["shared"] = None
        if settings.scratch:
            wanted["scratch"] = settings.scratch_days
        made = {}
        for purpose, days in wanted.items():
            name = names.bucket_name(config.deployment, purpose)
            arn = f"arn:{config.partition}:s3:::{name}"
            made[purpose] = Bucket(
                self,
                purpose,
                BucketProps(
                    name=name,
                    kms_key_arn=self.key.arn,
                    policy=bucket_policies.tls_only(arn),
                    protect=self.protected,
                    expire_days=days,
                ),
            )
            self.output(f"{purpose}_bucket", made[purpose].name, description=f"The {purpose} bucket of the hub's users")
        return made

    def _user_pool(self) -> UserPool | None:
        config, auth = self.config, self.config.cognito
        if auth is None or config.callback_url is None:
            return None
        pool = UserPool(
            self,
            "users",
            CognitoProps(
                name=config.deployment,
                domain_prefix=auth.domain_prefix or config.deployment,
                mfa=auth.mfa,
                minimum_length=auth.password.minimum_length,
                temporary_days=auth.password.temporary_days,
                self_sign_up=auth.self_sign_up,
                groups=auth.groups,
                scopes=auth.scopes,
                invite_subject=auth.invite_subject,
                callback_url=config.callback_url,
                logout_url=logout_url(config),
                protect=self.protected,
            ),
        )
        self.output("user_pool_id", pool.id, description="Cognito user pool")
        self.output("user_pool_client_id", pool.client_id, description="OAuth client of the hub")
        return pool


def hub_secrets(config: HubConfig) -> dict[str, str]:
    """The secrets the hub reads: the key each gets in the hub's own Secret, and its name in Secrets Manager."""
    auth = config.auth
    found = dict(zip(("cookie-secret", "crypt-key"), MADE_ONCE, strict=True))
    if config.dask:
        found[TOKEN_KEY] = GATEWAY_TOKEN
    if config.launcher:
        found[refs.LAUNCHER_KEY] = launcher_refs.HUB_TOKEN
    if auth.kind != "dummy":
        found["client-secret"] = auth.client_secret
    if auth.kind == "github" and auth.allow.dandi_registered:
        found["dandi-tokens"] = auth.dandi_token
    return found


def vault_secrets(config: HubConfig) -> tuple[str, ...]:
    """The secrets of Vault, none of which a person sets: `./install.sh` makes the certificate, `./hub vault init` the rest."""
    return vault_refs.SECRETS if config.vault else ()


def made_once(config: HubConfig) -> list[str]:
    """The secrets that Terraform fills, once."""
    of_services = [*([GATEWAY_TOKEN] if config.dask else []), *([launcher_refs.HUB_TOKEN] if config.launcher else [])]
    return [*MADE_ONCE, *of_services, *token_secrets(config).values()]


def launcher_secrets(settings: Launcher) -> list[str]:
    """The secrets that processes may be given, by the names people set them under."""
    return [f"{launcher_refs.SECRET_PREFIX}{name}" for name in settings.secrets]


def secret_names(config: HubConfig) -> list[str]:
    """The secrets whose values people set, in a stable order."""
    wanted = set(hub_secrets(config).values()) - set(made_once(config))
    if config.cognito is not None:
        wanted.discard(config.cognito.client_secret)
    if config.desktop:
        wanted.update(config.desktop.credentials)
    if config.launcher:
        wanted.update(launcher_secrets(config.launcher))
    return sorted(wanted)
