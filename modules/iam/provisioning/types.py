"""Which IAM actions Terraform needs for each resource type that our stacks hold: create, read, change, delete.

A type without an entry here fails the tests, so a new resource cannot reach an account whose role lacks the permission.
Source: the calls of provider hashicorp/aws 5.100.0 for each resource, and the dependent actions named in AWS's service
authorization reference.
"""

from __future__ import annotations

_TABLE = """
# EC2
aws_default_security_group
    ec2: CreateTags DeleteTags DescribeSecurityGroups RevokeSecurityGroupEgress RevokeSecurityGroupIngress
aws_eip
    ec2: AllocateAddress CreateTags DeleteTags DescribeAddresses DescribeAddressesAttribute DisassociateAddress ReleaseAddress
aws_flow_log
    ec2: CreateFlowLogs CreateTags DeleteFlowLogs DeleteTags DescribeFlowLogs
    iam: PassRole
aws_instance
    ec2: CreateTags DeleteTags DescribeImages DescribeInstanceAttribute DescribeInstanceCreditSpecifications DescribeInstanceTypes
        DescribeInstances DescribeTags DescribeVolumes ModifyInstanceAttribute ModifyInstanceMetadataOptions RunInstances
        StartInstances StopInstances TerminateInstances
    iam: GetInstanceProfile PassRole
aws_internet_gateway
    ec2: AttachInternetGateway CreateInternetGateway CreateTags DeleteInternetGateway DeleteTags DescribeInternetGateways
        DetachInternetGateway
aws_launch_template
    ec2: CreateLaunchTemplate CreateLaunchTemplateVersion CreateTags DeleteLaunchTemplate DeleteTags DescribeLaunchTemplateVersions
        DescribeLaunchTemplates ModifyLaunchTemplate
aws_nat_gateway
    ec2: CreateNatGateway CreateTags DeleteNatGateway DeleteTags DescribeNatGateways
aws_route
    ec2: CreateRoute DeleteRoute DescribeRouteTables ReplaceRoute
aws_route_table
    ec2: CreateRouteTable CreateTags DeleteRouteTable DeleteTags DescribeRouteTables
aws_route_table_association
    ec2: AssociateRouteTable DescribeRouteTables DisassociateRouteTable ReplaceRouteTableAssociation
aws_security_group
    ec2: CreateSecurityGroup CreateTags DeleteSecurityGroup DeleteTags DescribeNetworkInterfaces DescribeSecurityGroups
        RevokeSecurityGroupEgress
aws_subnet
    ec2: CreateSubnet CreateTags DeleteSubnet DeleteTags DescribeNetworkInterfaces DescribeSubnets ModifySubnetAttribute
aws_vpc
    ec2: CreateTags CreateVpc DeleteTags DeleteVpc DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups DescribeVpcAttribute
        DescribeVpcs ModifyVpcAttribute
aws_vpc_endpoint
    ec2: CreateTags CreateVpcEndpoint DeleteTags DeleteVpcEndpoints DescribePrefixLists DescribeVpcEndpoints ModifyVpcEndpoint
    route53: AssociateVPCWithHostedZone
aws_vpc_ipv4_cidr_block_association
    ec2: AssociateVpcCidrBlock DescribeVpcs DisassociateVpcCidrBlock
aws_vpc_security_group_egress_rule
    ec2: AuthorizeSecurityGroupEgress CreateTags DeleteTags DescribeSecurityGroupRules ModifySecurityGroupRules
        RevokeSecurityGroupEgress
aws_vpc_security_group_ingress_rule
    ec2: AuthorizeSecurityGroupIngress CreateTags DeleteTags DescribeSecurityGroupRules ModifySecurityGroupRules
        RevokeSecurityGroupIngress
# IAM
aws_iam_instance_profile
    iam: AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile PassRole
        RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile
aws_iam_openid_connect_provider
    iam: CreateOpenIDConnectProvider DeleteOpenIDConnectProvider GetOpenIDConnectProvider TagOpenIDConnectProvider
        UntagOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint
aws_iam_policy
    iam: CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion ListPolicyVersions TagPolicy
        UntagPolicy
aws_iam_role
    iam: CreateRole DeleteRole GetRole ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies
        PutRolePermissionsBoundary TagRole UntagRole UpdateAssumeRolePolicy UpdateRole
aws_iam_role_policy
    iam: DeleteRolePolicy GetRolePolicy PutRolePolicy
aws_iam_role_policy_attachment
    iam: AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies
# EKS and what stands around it
aws_autoscaling_group_tag
    autoscaling: CreateOrUpdateTags DeleteTags DescribeTags
aws_cloudwatch_event_rule
    events: DeleteRule DescribeRule ListTagsForResource PutRule TagResource UntagResource
aws_cloudwatch_event_target
    events: ListTargetsByRule PutTargets RemoveTargets
aws_cloudwatch_log_group
    logs: AssociateKmsKey CreateLogGroup DeleteLogGroup DescribeLogGroups ListTagsForResource PutRetentionPolicy TagResource
        UntagResource
aws_eks_access_entry
    eks: CreateAccessEntry DeleteAccessEntry DescribeAccessEntry TagResource UntagResource UpdateAccessEntry
aws_eks_access_policy_association
    eks: AssociateAccessPolicy DisassociateAccessPolicy ListAssociatedAccessPolicies
aws_eks_addon
    eks: CreateAddon DeleteAddon DescribeAddon DescribeUpdate TagResource UntagResource UpdateAddon
    iam: PassRole
aws_eks_cluster
    ec2: DescribeSecurityGroups DescribeSubnets
    eks: CreateCluster DeleteCluster DescribeCluster DescribeUpdate TagResource UntagResource UpdateClusterConfig UpdateClusterVersion
    iam: CreateServiceLinkedRole GetRole PassRole
    kms: CreateGrant DescribeKey
aws_eks_node_group
    ec2: DescribeLaunchTemplateVersions RunInstances
    eks: CreateNodegroup DeleteNodegroup DescribeNodegroup DescribeUpdate TagResource UntagResource UpdateNodegroupConfig
        UpdateNodegroupVersion
    iam: CreateServiceLinkedRole GetRole ListAttachedRolePolicies PassRole
aws_sqs_queue
    sqs: CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue UntagQueue
aws_sqs_queue_policy
    sqs: GetQueueAttributes SetQueueAttributes
# what outlives the cluster
aws_backup_plan
    backup: CreateBackupPlan DeleteBackupPlan GetBackupPlan ListTags TagResource UntagResource UpdateBackupPlan
aws_backup_selection
    backup: CreateBackupSelection DeleteBackupSelection GetBackupSelection
    iam: PassRole
aws_backup_vault
    backup: CreateBackupVault DeleteBackupVault DescribeBackupVault ListTags TagResource UntagResource
    backup-storage: MountCapsule
    kms: CreateGrant Decrypt DescribeKey GenerateDataKey RetireGrant
aws_cognito_user_group
    cognito-idp: CreateGroup DeleteGroup GetGroup UpdateGroup
aws_cognito_user_pool
    cognito-idp: CreateUserPool DeleteUserPool DescribeUserPool GetUserPoolMfaConfig SetUserPoolMfaConfig TagResource UntagResource
        UpdateUserPool
aws_cognito_user_pool_client
    cognito-idp: CreateUserPoolClient DeleteUserPoolClient DescribeUserPoolClient UpdateUserPoolClient
aws_cognito_user_pool_domain
    cognito-idp: CreateUserPoolDomain DeleteUserPoolDomain DescribeUserPoolDomain
aws_efs_access_point
    elasticfilesystem: CreateAccessPoint DeleteAccessPoint DescribeAccessPoints TagResource UntagResource
aws_efs_file_system
    elasticfilesystem: CreateFileSystem DeleteFileSystem DescribeFileSystems DescribeLifecycleConfiguration PutLifecycleConfiguration
        TagResource UntagResource UpdateFileSystem
    kms: CreateGrant DescribeKey GenerateDataKeyWithoutPlaintext
aws_efs_file_system_policy
    elasticfilesystem: DeleteFileSystemPolicy DescribeFileSystemPolicy PutFileSystemPolicy
aws_efs_mount_target
    ec2: CreateNetworkInterface DeleteNetworkInterface DescribeNetworkInterfaces DescribeSubnets ModifyNetworkInterfaceAttribute
    elasticfilesystem: CreateMountTarget DeleteMountTarget DescribeMountTargetSecurityGroups DescribeMountTargets
        ModifyMountTargetSecurityGroups
aws_kms_alias
    kms: CreateAlias DeleteAlias ListAliases UpdateAlias
aws_kms_key
    kms: CreateKey DescribeKey EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListResourceTags PutKeyPolicy ScheduleKeyDeletion
        TagResource UntagResource UpdateKeyDescription
aws_s3_bucket
    s3: CreateBucket DeleteBucket DeleteObject DeleteObjectVersion GetAccelerateConfiguration GetBucketAcl GetBucketCORS
        GetBucketLocation GetBucketLogging GetBucketObjectLockConfiguration GetBucketPolicy GetBucketRequestPayment GetBucketTagging
        GetBucketVersioning GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration
        ListBucket ListBucketVersions PutBucketTagging
aws_s3_bucket_lifecycle_configuration
    s3: GetLifecycleConfiguration PutLifecycleConfiguration
aws_s3_bucket_ownership_controls
    s3: GetBucketOwnershipControls PutBucketOwnershipControls
aws_s3_bucket_policy
    s3: DeleteBucketPolicy GetBucketPolicy PutBucketPolicy
aws_s3_bucket_public_access_block
    s3: GetBucketPublicAccessBlock PutBucketPublicAccessBlock
aws_s3_bucket_server_side_encryption_configuration
    s3: GetEncryptionConfiguration PutEncryptionConfiguration
aws_s3_bucket_versioning
    s3: GetBucketVersioning PutBucketVersioning
aws_secretsmanager_secret
    secretsmanager: CreateSecret DeleteSecret DescribeSecret GetResourcePolicy TagResource UntagResource UpdateSecret
aws_secretsmanager_secret_version
    kms: Decrypt GenerateDataKey
    secretsmanager: DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage
# desktops
aws_ssm_parameter
    ssm: AddTagsToResource DeleteParameter DescribeParameters GetParameter ListTagsForResource PutParameter RemoveTagsFromResource
# names
aws_acm_certificate
    acm: AddTagsToCertificate DeleteCertificate DescribeCertificate ListTagsForCertificate RemoveTagsFromCertificate
        RequestCertificate
aws_acm_certificate_validation
    acm: DescribeCertificate
aws_route53_record
    route53: ChangeResourceRecordSets GetChange GetHostedZone ListResourceRecordSets
# data sources; GetCallerIdentity needs no permission
data.aws_caller_identity
data.aws_eks_cluster
    eks: DescribeCluster
data.aws_iam_session_context
    iam: GetRole
data.aws_partition
data.aws_route53_zone
    route53: GetHostedZone ListHostedZones ListTagsForResource
data.aws_secretsmanager_secret_version
    kms: Decrypt
    secretsmanager: DescribeSecret GetSecretValue
data.aws_secretsmanager_secret_versions
    secretsmanager: ListSecretVersionIds
data.aws_ssm_parameter
    ssm: GetParameter
data.terraform_remote_state
    s3: GetObject
# ephemeral blocks: values that no plan and no state keeps
ephemeral.aws_secretsmanager_random_password
    secretsmanager: GetRandomPassword
ephemeral.aws_secretsmanager_secret_version
    kms: Decrypt
    secretsmanager: GetSecretValue
# around Terraform (modules/ops): state backend, locks, adoption after a crash, inventory
ops
    backup: DeleteRecoveryPoint DescribeBackupJob DescribeRecoveryPoint DescribeRestoreJob GetRecoveryPointRestoreMetadata
        ListBackupPlans ListBackupSelections ListBackupVaults ListRecoveryPointsByBackupVault ListRestoreJobs StartBackupJob
        StartRestoreJob
    cognito-idp: AdminAddUserToGroup AdminCreateUser AdminDisableUser AdminEnableUser AdminGetUser AdminRemoveUserFromGroup
        AdminResetUserPassword AdminUserGlobalSignOut DescribeUserPool DescribeUserPoolDomain
        ListGroups ListUserPoolClients ListUsers ListUsersInGroup
    dynamodb: CreateTable DeleteItem DescribeContinuousBackups DescribeTable GetItem ListTagsOfResource PutItem Scan TagResource
        UpdateContinuousBackups UpdateTable
    acm: DescribeCertificate ListCertificates ListTagsForCertificate
    ec2: DescribeAddresses DescribeInstanceTypeOfferings DescribeInstances DescribeNatGateways DescribeRegions DescribeSubnets DescribeVpcs
    eks: DescribeAddonVersions DescribeCluster DescribeUpdate ListAccessEntries ListAddons ListAssociatedAccessPolicies ListClusters
        ListInsights ListNodegroups UpdateAddon UpdateNodegroupVersion
    elasticloadbalancing: DescribeLoadBalancers DescribeTags DescribeTargetGroups
    iam: CreateServiceLinkedRole GetRole ListInstanceProfiles ListOpenIDConnectProviders ListPolicies ListRoles SimulatePrincipalPolicy
    kms: DescribeKey ListAliases ListResourceTags
    logs: DescribeLogGroups ListTagsForResource
    s3: CreateBucket DeleteObject GetBucketTagging GetObject ListBucket PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging
        PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration PutObject
    secretsmanager: DescribeSecret
    servicequotas: ListServiceQuotas
    tag: GetResources
ops.desktop
    ec2: DescribeInstances
    ssm: DeleteParameters GetParametersByPath StartSession TerminateSession
    ssmmessages: OpenDataChannel
"""


def _parse(table: str) -> dict[str, tuple[str, ...]]:
    """Types stand at the margin; below each, by service, the names of its actions."""
    found: dict[str, list[str]] = {}
    kind = service = ""
    for line in table.splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith(" "):
            kind = line
            found[kind] = []
            continue
        head, colon, rest = line.strip().partition(": ")
        if colon:
            service = head
        found[kind] += [f"{service}:{name}" for name in (rest if colon else head).split()]
    return {kind: tuple(actions) for kind, actions in found.items()}


_PARSED = _parse(_TABLE)
#: Actions by resource type.
ACTIONS: dict[str, tuple[str, ...]] = {kind: actions for kind, actions in _PARSED.items() if kind.startswith("aws_")}
#: Actions by data source, as `data.<type>`.
DATA_SOURCES: dict[str, tuple[str, ...]] = {kind: actions for kind, actions in _PARSED.items() if kind.startswith("data.")}
#: Actions by ephemeral block, as `ephemeral.<type>`.
EPHEMERAL: dict[str, tuple[str, ...]] = {kind: actions for kind, actions in _PARSED.items() if kind.startswith("ephemeral.")}
#: What the commands ask of AWS themselves.
OPS: tuple[str, ...] = _PARSED["ops"]
#: Those of them that concern desktops.
DESKTOP_OPS: tuple[str, ...] = _PARSED["ops.desktop"]
