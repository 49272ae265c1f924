"""What outlives the cluster: keys, secrets, files, backups, buckets, the user pool, names in DNS."""

from __future__ import annotations

from modules.iam.document import Document, Statement, allow, document
from modules.iam.provisioning.scope import Scope

_KEYS = (
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)
_ALIASES = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")
#: EKS, EFS, AWS Backup and Secrets Manager ask for these in the caller's name when they are given a key.
_HAND_OVER = ("kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:RetireGrant")
#: Values of the deployment's own secrets are read into ephemeral values and written from them, so that no plan and no state
#: holds one; the role itself could read them, as it could read them in the cluster it administers.
_SECRETS = (
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecretVersionIds",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RestoreSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
)
_FILES = (
    "elasticfilesystem:CreateAccessPoint",
    "elasticfilesystem:CreateMountTarget",
    "elasticfilesystem:DeleteAccessPoint",
    "elasticfilesystem:DeleteFileSystem",
    "elasticfilesystem:DeleteFileSystemPolicy",
    "elasticfilesystem:DeleteMountTarget",
    "elasticfilesystem:DescribeFileSystemPolicy",
    "elasticfilesystem:DescribeLifecycleConfiguration",
    "elasticfilesystem:DescribeMountTargetSecurityGroups",
    "elasticfilesystem:ListTagsForResource",
    "elasticfilesystem:ModifyMountTargetSecurityGroups",
    "elasticfilesystem:PutFileSystemPolicy",
    "elasticfilesystem:PutLifecycleConfiguration",
    "elasticfilesystem:TagResource",
    "elasticfilesystem:UntagResource",
    "elasticfilesystem:UpdateFileSystem",
    "elasticfilesystem:UpdateFileSystemProtection",
)
_SEE_FILES = (
    "elasticfilesystem:DescribeAccessPoints",
    "elasticfilesystem:DescribeFileSystems",
    "elasticfilesystem:DescribeMountTargets",
)
_VAULT = (
    "backup:CreateBackupVault",
    "backup:DeleteBackupVault",
    "backup:DescribeBackupVault",
    "backup:ListRecoveryPointsByBackupVault",
    "backup:ListTags",
    "backup:StartBackupJob",
    "backup:TagResource",
    "backup:UntagResource",
)
#: ./hub restore, and the end of a vault. A point's ARN names neither its vault nor its deployment.
_POINTS = (
    "backup:DeleteRecoveryPoint",
    "backup:DescribeRecoveryPoint",
    "backup:GetRecoveryPointRestoreMetadata",
    "backup:StartRestoreJob",
)
_JOBS = ("backup:DescribeBackupJob", "backup:DescribeRestoreJob", "backup:ListRestoreJobs")
_PLAN = (
    "backup:CreateBackupPlan",
    "backup:CreateBackupSelection",
    "backup:DeleteBackupPlan",
    "backup:DeleteBackupSelection",
    "backup:GetBackupPlan",
    "backup:GetBackupSelection",
    "backup:ListBackupSelections",
    "backup:ListTags",
    "backup:TagResource",
    "backup:UntagResource",
    "backup:UpdateBackupPlan",
)
_POOL = (
    "cognito-idp:CreateGroup",
    "cognito-idp:CreateUserPoolClient",
    "cognito-idp:CreateUserPoolDomain",
    "cognito-idp:DeleteGroup",
    "cognito-idp:DeleteUserPool",
    "cognito-idp:DeleteUserPoolClient",
    "cognito-idp:DeleteUserPoolDomain",
    "cognito-idp:DescribeUserPool",
    "cognito-idp:DescribeUserPoolClient",
    "cognito-idp:GetGroup",
    "cognito-idp:GetUserPoolMfaConfig",
    "cognito-idp:ListTagsForResource",
    "cognito-idp:ListUserPoolClients",
    "cognito-idp:SetUserPoolMfaConfig",
    "cognito-idp:TagResource",
    "cognito-idp:UntagResource",
    "cognito-idp:UpdateGroup",
    "cognito-idp:UpdateUserPool",
    "cognito-idp:UpdateUserPoolClient",
    "cognito-idp:UpdateUserPoolDomain",
)
#: ./hub users. Neither setting a password of choice nor removing a person is among them.
_USERS = (
    "cognito-idp:AdminAddUserToGroup",
    "cognito-idp:AdminCreateUser",
    "cognito-idp:AdminDisableUser",
    "cognito-idp:AdminEnableUser",
    "cognito-idp:AdminGetUser",
    "cognito-idp:AdminRemoveUserFromGroup",
    "cognito-idp:AdminResetUserPassword",
    "cognito-idp:AdminUserGlobalSignOut",
    "cognito-idp:ListGroups",
    "cognito-idp:ListUsers",
    "cognito-idp:ListUsersInGroup",
)
_CERTIFICATE = (
    "acm:AddTagsToCertificate",
    "acm:DeleteCertificate",
    "acm:DescribeCertificate",
    "acm:ListTagsForCertificate",
    "acm:RemoveTagsFromCertificate",
)


def keys(scope: Scope) -> Document:
    """KMS keys and their aliases, containers of secrets."""
    every_key = scope.arn("kms", "key/*")
    own_alias = scope.arn("kms", f"alias/hubsmith/{scope.deployment}/*")
    for_aws = {**scope.owned, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    secret = scope.arn("secretsmanager", f"secret:{scope.deployment}/*")
    return document(
        allow("CreateKeys", "kms:CreateKey", "*", conditions=scope.asked),
        # Tagging is part of creating, when the key carries nothing yet.
        allow("TagNewKeys", "kms:TagResource", every_key, conditions=scope.asked),
        allow("OwnKeys", (*_KEYS, *_ALIASES, *_HAND_OVER), every_key, conditions=scope.owned),
        allow("GrantOwnKeys", "kms:CreateGrant", every_key, conditions=for_aws),
        allow("OwnAliases", _ALIASES, own_alias),
        allow("FindKeys", ("kms:ListAliases", "kms:ListKeys"), "*", conditions=scope.here),
        allow("CreateSecrets", ("secretsmanager:CreateSecret", "secretsmanager:TagResource"), secret, conditions=scope.asked),
        allow("OwnSecrets", _SECRETS, secret),
        allow("DrawSecrets", "secretsmanager:GetRandomPassword", "*"),
        allow("FindSecrets", "secretsmanager:ListSecrets", "*", conditions=scope.here),
    )


def files(scope: Scope) -> Document:
    """The file system with its mount targets and access points, and its backups."""
    system, point = scope.arn("elasticfilesystem", "file-system/*"), scope.arn("elasticfilesystem", "access-point/*")
    in_our_name = {"Bool": {"aws:ViaAWSService": "true"}}
    return document(
        allow("CreateFiles", "elasticfilesystem:CreateFileSystem", "*", conditions=scope.asked),
        allow("TagNewFiles", "elasticfilesystem:TagResource", (system, point), conditions=scope.asked),
        allow("OwnFiles", _FILES, (system, point), conditions=scope.owned),
        allow("SeeFiles", _SEE_FILES, (system, point)),
        # EFS makes and removes a mount target's interface in the caller's name, and does not tag it as ours.
        allow(
            "MountTargetInterfaces",
            ("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"),
            scope.ec2("network-interface"),
            conditions=in_our_name,
        ),
        allow("OwnVault", _VAULT, scope.arn("backup", f"backup-vault:{scope.deployment}*")),
        allow(
            "OwnRecoveryPoints",
            _POINTS,
            f"arn:{scope.partition}:backup:{scope.region}:{scope.account}:recovery-point:*",
        ),
        allow("FindBackups", ("backup:ListBackupPlans", "backup:ListBackupVaults"), "*", conditions=scope.here),
        allow("FollowBackupJobs", _JOBS, "*", conditions=scope.here),
        allow("VaultStorage", "backup-storage:MountCapsule", "*"),
        allow(
            "CreatePlans", ("backup:CreateBackupPlan", "backup:TagResource"), scope.arn("backup", "backup-plan:*"), conditions=scope.asked
        ),
        allow("OwnPlans", _PLAN, scope.arn("backup", "backup-plan:*"), conditions=scope.owned),
    )


def names(scope: Scope) -> Document:
    """The user pool, the certificate, and the records of one DNS zone."""
    pool, certificate = scope.arn("cognito-idp", "userpool/*"), scope.arn("acm", "certificate/*")
    return document(
        allow("CreatePool", "cognito-idp:CreateUserPool", "*", conditions=scope.asked),
        allow("TagNewPool", "cognito-idp:TagResource", pool, conditions=scope.asked),
        allow("OwnPool", _POOL, pool, conditions=scope.owned),
        allow("OwnUsers", _USERS, pool, conditions=scope.owned),
        allow("FindPools", ("cognito-idp:DescribeUserPoolDomain", "cognito-idp:ListUserPools"), "*", conditions=scope.here),
        allow("CreateCertificate", "acm:RequestCertificate", "*", conditions=scope.asked),
        allow("TagNewCertificate", "acm:AddTagsToCertificate", certificate, conditions=scope.asked),
        allow("OwnCertificate", _CERTIFICATE, certificate, conditions=scope.owned),
        allow("FindCertificates", "acm:ListCertificates", "*", conditions=scope.here),
        *_zone(scope),
    )


def _zone(scope: Scope) -> list[Statement]:
    """Records of the env's zone. Its id is not in the configuration, so the names of the records are what is limited."""
    if not scope.zone:
        return []
    zones = f"arn:{scope.partition}:route53:::hostedzone/*"
    inside = {"ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": [scope.zone, f"*.{scope.zone}"]}}
    return [
        allow("FindZone", ("route53:ListHostedZones", "route53:ListHostedZonesByName"), "*"),
        allow("ReadZone", ("route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource"), zones),
        allow("WriteRecords", "route53:ChangeResourceRecordSets", zones, conditions=inside),
        allow("FollowRecords", "route53:GetChange", f"arn:{scope.partition}:route53:::change/*"),
    ]
