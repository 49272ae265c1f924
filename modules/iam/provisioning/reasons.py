"""Why a statement of ours says `Resource: "*"`, by Sid. A test fails on one without a reason, and on a reason without one."""

from __future__ import annotations

_NO_RESOURCES = "AWS offers no resource for these calls"

REASONS: dict[str, str] = {
    # provisioning role
    "SeeNetwork": f"{_NO_RESOURCES}: EC2's Describe; limited to the region",
    "PrivateDnsOfEndpoints": "asked for in the caller's name when an interface endpoint gets private DNS; the zone is AWS's own",
    "FindIssuers": f"{_NO_RESOURCES}: a list",
    "SeeVersions": f"{_NO_RESOURCES}: AWS's catalogue of versions",
    "SeeQuotas": f"{_NO_RESOURCES}: lists, of quotas and clusters; limited to the region",
    "SeeGroups": f"{_NO_RESOURCES}: Auto Scaling's Describe; limited to the region",
    "FindLogs": f"{_NO_RESOURCES}: a list; limited to the region",
    "CreateKeys": "a key has no ARN before it exists; limited by the tag in the request",
    "FindKeys": f"{_NO_RESOURCES}: lists; limited to the region",
    "FindSecrets": f"{_NO_RESOURCES}: a list; limited to the region",
    "DrawSecrets": f"{_NO_RESOURCES}: random characters, which belong to nobody",
    "FindBackups": f"{_NO_RESOURCES}: lists; limited to the region",
    "FollowBackupJobs": f"{_NO_RESOURCES}: jobs have no ARN; limited to the region",
    "VaultStorage": f"{_NO_RESOURCES}: AWS Backup asks for it in the caller's name when a vault is made",
    "CreateCluster": "AWS checks no ARN when a cluster is created; limited by the tag in the request",
    "CreateFiles": "AWS checks no ARN when a file system is created; limited by the tag in the request",
    "CreatePool": "a pool has no ARN before it exists; limited by the tag in the request",
    "FindPools": f"{_NO_RESOURCES}: a list, and the lookup of a domain; limited to the region",
    "CreateCertificate": "a certificate has no ARN before it exists; limited by the tag in the request",
    "FindCertificates": f"{_NO_RESOURCES}: a list; limited to the region",
    "FindZone": f"{_NO_RESOURCES}: lists",
    "FindByTag": f"{_NO_RESOURCES}: the tag index",
    "SeeBalancers": f"{_NO_RESOURCES}: load balancers' Describe; limited to the region",
    "SeeSpotRequests": f"{_NO_RESOURCES}: EC2's Describe; limited to the region",
    "FindParameters": f"{_NO_RESOURCES}: a list, by which Terraform reads a parameter's description; limited to the region",
    "ListOwnRoles": f"{_NO_RESOURCES}: lists, filtered by path",
    # roles inside the hub
    "SeeRegion": f"{_NO_RESOURCES}: EC2's Describe; limited to the region",
    "ReadPrices": f"{_NO_RESOURCES}: public prices",
    "ListProfiles": f"{_NO_RESOURCES}: a list",
    "SeeNetworkHere": f"{_NO_RESOURCES}: EC2's Describe; limited to the region",
    "SeeBalancersHere": f"{_NO_RESOURCES}: load balancers' Describe; limited to the region",
    "ListZones": f"{_NO_RESOURCES}: a list",
    "FindLogGroup": f"{_NO_RESOURCES}: a list that the flow-log service makes before it writes",
    # key policies, where "*" is the key itself
    "AccountDecides": "in a key policy: this key",
    "LogsEncrypt": "in a key policy: this key",
    "NodeGroupsEncrypt": "in a key policy: this key",
    "NodeGroupsGrant": "in a key policy: this key",
}
