"""The Cognito user pool: no self sign-up unless asked, MFA, one OAuth client whose URLs come from the hub's own host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modules.cdk import Stack, aws, keep

#: Cognito's own sender allows 50 mails a day; https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
_SENDER = "COGNITO_DEFAULT"


@dataclass(frozen=True)
class CognitoProps:
    """callback_url, logout_url: of the hub; known before the pool exists, so the client is right from the start. logout_url: its login."""

    name: str
    domain_prefix: str
    mfa: str
    minimum_length: int
    temporary_days: int
    self_sign_up: bool
    groups: tuple[str, ...]
    scopes: tuple[str, ...]
    invite_subject: str
    callback_url: str
    logout_url: str
    protect: bool


class UserPool:
    """A user pool, its hosted domain, its groups and the hub's client."""

    def __init__(self, stack: Stack, id: str, props: CognitoProps) -> None:
        self.resource = self._pool(stack, id, props)
        self.id: str = self.resource.id
        self._prefix = props.domain_prefix
        aws.cognito_user_pool_domain.CognitoUserPoolDomain(stack, f"{id}-domain", domain=props.domain_prefix, user_pool_id=self.id)
        for group in props.groups:
            aws.cognito_user_group.CognitoUserGroup(stack, f"{id}-group-{group}", name=group, user_pool_id=self.id)
        units = aws.cognito_user_pool_client.CognitoUserPoolClientTokenValidityUnits
        client = aws.cognito_user_pool_client.CognitoUserPoolClient(
            stack,
            f"{id}-client",
            name=props.name,
            user_pool_id=self.id,
            generate_secret=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_scopes=list(props.scopes),
            supported_identity_providers=["COGNITO"],
            callback_urls=[props.callback_url],
            logout_urls=[props.logout_url],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=60,
            id_token_validity=60,
            refresh_token_validity=1,
            token_validity_units=[units(access_token="minutes", id_token="minutes", refresh_token="days")],
        )
        self.client: Any = client
        self.client_id: str = client.id

    def domain_url(self, region: str) -> str:
        """The hosted login, https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html"""
        return f"https://{self._prefix}.auth.{region}.amazoncognito.com"

    def _pool(self, stack: Stack, id: str, props: CognitoProps) -> Any:
        ns = aws.cognito_user_pool
        return ns.CognitoUserPool(
            stack,
            id,
            name=props.name,
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            username_configuration=ns.CognitoUserPoolUsernameConfiguration(case_sensitive=False),
            mfa_configuration=props.mfa,
            software_token_mfa_configuration=None if props.mfa == "OFF" else ns.CognitoUserPoolSoftwareTokenMfaConfiguration(enabled=True),
            password_policy=ns.CognitoUserPoolPasswordPolicy(
                minimum_length=props.minimum_length,
                require_lowercase=True,
                require_uppercase=True,
                require_numbers=True,
                require_symbols=False,
                temporary_password_validity_days=props.temporary_days,
            ),
            account_recovery_setting=ns.CognitoUserPoolAccountRecoverySetting(
                recovery_mechanism=[ns.CognitoUserPoolAccountRecoverySettingRecoveryMechanism(name="verified_email", priority=1)]
            ),
            admin_create_user_config=ns.CognitoUserPoolAdminCreateUserConfig(
                allow_admin_create_user_only=not props.self_sign_up,
                invite_message_template=ns.CognitoUserPoolAdminCreateUserConfigInviteMessageTemplate(
                    email_subject=props.invite_subject,
                    email_message=_invitation(props),
                    sms_message="Your user name is {username} and your temporary password is {####}.",
                ),
            ),
            email_configuration=ns.CognitoUserPoolEmailConfiguration(email_sending_account=_SENDER),
            deletion_protection="ACTIVE" if props.protect else "INACTIVE",
            lifecycle=keep(props.protect),
        )


def _invitation(props: CognitoProps) -> str:
    """Cognito fills in both braces, and refuses a text without them; people know themselves by their address, not by `{username}`."""
    good = f"{props.temporary_days} day{'' if props.temporary_days == 1 else 's'}"
    return (
        f"You have an account. Log in at {props.logout_url} with your e-mail address ({{username}}) and the temporary password "
        f"{{####}} within {good}; you will be asked for a password of your own."
    )
