"""What each pattern of the models asks for, in words. A test finds any pattern without an entry."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    r"^([a-z]{2}(-[a-z]+)+-\d)?[a-z]$": "an availability zone: a letter such as a, or a full name such as us-east-2a",
    r"^(\d+h|Never)$": "a duration in hours such as 720h, or Never",
    r"^(al2023|bottlerocket)@v[0-9][0-9A-Za-z.-]*$": "a dated image alias such as al2023@v20260724 (latest would replace every node)",
    r"^(cron|rate)\(.+\)$": "a schedule such as cron(0 5 * * ? *)",
    r"^/[A-Za-z0-9/_.-]+$": "an absolute path such as /home/jovyan",
    r"^1\.\d{2}$": 'an EKS version in quotes such as "1.35"',
    r"^[A-Za-z0-9+=,.@_-]{1,64}$": "an IAM role name (letters, digits and +=,.@_-, at most 64)",
    r"^[A-Za-z0-9-]+$": "a GitHub organisation (letters, digits, hyphens)",
    r"^[A-Za-z0-9-]+:[A-Za-z0-9_.-]+$": "a GitHub team written org:team",
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$": "an EKS cluster name (letters, digits, hyphens, underscores)",
    r"^[A-Za-z0-9_.-]{3,255}$": "a DynamoDB table name (3 to 255 letters, digits and _.-)",
    r"^[a-z0-9-]+:[a-z0-9*-]+$": "a service account written namespace:name",
    r"^[a-z0-9-]{1,128}$": "a group name (lower-case letters, digits, hyphens)",
    r"^[a-z0-9.-]+$": "an endpoint service without the region, such as ecr.api",
    r"^[a-z0-9.-]+/.+$": "an OIDC issuer as host/path, without https://",
    r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$": "a Cognito domain prefix (lower-case letters, digits, hyphens, at most 63)",
    r"^[a-z0-9][a-z0-9-]*$": "a short name (lower-case letters, digits, hyphens)",
    r"^[a-z0-9][a-z0-9.-]*(:[0-9]+/)?[a-z0-9./_-]*$": "an image repository such as quay.io/jupyter/base-notebook (the tag stands apart)",
    r"^[a-zA-Z][a-zA-Z0-9-]*$": "a cluster name (letters, digits, hyphens; starts with a letter)",
    r"^\d+(m|h)$": "a duration such as 30m or 24h",
    r"^\d+(s|m|h)$": "a duration such as 60s, 5m or 1h",
    r"^\d+Gi$": "a size in Gi such as 10Gi",
    r"^https://.+": "an address that starts with https://",
    r"^https://[^/]+$": "a server's address such as https://api.dandiarchive.org, without a path",
    r"^sg-[0-9a-f]+$": "a security group id such as sg-0123456789abcdef0",
    r"^subnet-[0-9a-f]+$": "a subnet id such as subnet-0123456789abcdef0",
    r"^vpc-[0-9a-f]+$": "a VPC id such as vpc-0123456789abcdef0",
}
