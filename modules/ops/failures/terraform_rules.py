"""What Terraform and its AWS provider print when something fails: one row a class, with a sentence and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from modules.ops.failures.disk import FULL

AGAIN = "run the same command again"


@dataclass(frozen=True)
class Rule:
    """One row: the first pattern found in an error decides. Texts may use the pattern's named groups, {call} and {code}."""

    kind: str
    pattern: str
    what: str
    fix: str


RULES = (
    Rule("disk", FULL, "the disk is full", f"make room (df -h), then {AGAIN}: nothing half-written is used"),
    Rule(
        "unreadable",
        r"Error reading source state",
        "Terraform cannot read the state that an earlier run could not save",
        f"when a newer Terraform wrote it, {AGAIN} with that one; else move errored.tfstate away, which lies in {{work}}, and {AGAIN}",
    ),
    Rule(
        "unsaved",
        r"errored\.tfstate|Failed to (?:save|persist) state",
        "Terraform could not save its state",
        f"when the cause is gone, {AGAIN} in this checkout: it saves the state first, which lies in {{work}}",
    ),
    Rule(
        "lock-left",
        r"Error releasing the state lock|Error unlocking state",
        "Terraform could not let go of the state lock",
        f"when the cause is gone: ./hub unlock {{env}}, then {AGAIN}",
    ),
    Rule(
        "locked",
        r"Error acquiring the state lock|Error locking state",
        "somebody else holds the state lock",
        "wait for that run. If it is dead: ./hub unlock {env} (lock {lock_id})",
    ),
    Rule(
        "upstream",
        r"Unable to find remote state|does not have an attribute named|This object (?:has no|does not have an) argument",
        "the stack it builds on has no outputs yet",
        "apply that stack first: ./install.sh {env}",
    ),
    Rule(
        "digest",
        r"state data in S3 does not have the expected content|checksum calculated for the state stored in S3",
        "the state object and its digest in the lock table disagree",
        f"{AGAIN}: it removes a stale digest before it starts",
    ),
    Rule(
        "secret",
        r"staging label: AWSCURRENT|Secrets? Manager Secret Version.*couldn't find resource"
        r"|Secrets Manager: (?:ListSecretVersionIds|GetSecretValue|DescribeSecret).*ResourceNotFoundException",
        "a secret it reads has no value",
        "./hub secrets list {env} shows which; ./hub secrets set {env} <name> sets it",
    ),
    Rule("stale", r"Saved plan is stale", "the state changed after the plan was made", f"{AGAIN}; it makes a new plan"),
    Rule(
        "clock",
        r"RequestTimeTooSkewed|Signature expired|Signature not yet current",
        "AWS says that the clock of this machine is wrong ({call})",
        f"set the clock (timedatectl set-ntp true), then {AGAIN}",
    ),
    # EC2 says RequestExpired of both, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    Rule(
        "credentials",
        r"RequestExpired|SignatureDoesNotMatch",
        "the AWS credentials are wrong or expired, or the clock of this machine is off ({call})",
        f"sign in again (aws sso login); if you just did, set the clock (timedatectl set-ntp true). Then {AGAIN}",
    ),
    Rule(
        "credentials",
        r"ExpiredToken|InvalidClientTokenId|No valid credential sources|UnrecognizedClientException"
        r"|failed to refresh cached credentials|InvalidAccessKeyId|AuthFailure",
        "the AWS credentials are missing, wrong or expired ({call})",
        f"sign in again (aws sso login) or set AWS_PROFILE, then {AGAIN}",
    ),
    Rule(
        "account",
        r"AWS account ID not allowed",
        "the credentials belong to another account",
        "choose the profile of the account that hub.yaml names",
    ),
    Rule(
        "throttled",
        r"Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|Rate exceeded|PriorRequestNotComplete",
        "AWS is throttling this account ({call})",
        f"wait a minute, then {AGAIN}",
    ),
    Rule(
        "capacity",
        r"UnsupportedAvailabilityZoneException.*?(?:choose from these availability zones|these zones):? *(?P<zones>[a-z0-9, -]+[a-z0-9])",
        "AWS refused {call}: an availability zone cannot carry the cluster",
        f"set network.azs to zones of: {{zones}}; then {AGAIN}",
    ),
    Rule(
        "capacity",
        r"UnsupportedAvailabilityZone|InsufficientInstanceCapacity|InsufficientFreeAddressesInSubnet|Unsupported: .*availability zone",
        "AWS refused {call}: the zone lacks what was asked for",
        f"choose other zones (network.azs) or instance types, then {AGAIN}",
    ),
    Rule(
        "quota",
        r"LimitExceeded|QuotaExceeded|TooManyBuckets|maximum number of .* (?:has been )?reached|exceeded (?:the )?(?:quota|limit)",
        "a quota of this account is used up ({call})",
        f"ask for more in the Service Quotas console ({{service}}), then {AGAIN}",
    ),
    Rule(
        "denied",
        r"AccessDenied|UnauthorizedOperation|not authorized to perform: (?P<action>[\w:-]+)|Forbidden: |AuthorizationError",
        "these credentials may not call {call}",
        f"give the role what ./hub iam-policy {{env}} prints (it needs {{service}}: {{call}}), then {AGAIN}",
    ),
    Rule(
        "exists",
        r"AlreadyExists|BucketAlready|already exists|InvalidGroup\.Duplicate|DuplicateRequest",
        "it exists already and is in no state",
        f"{AGAIN}: what carries this env's tags is taken over. What does not is somebody else's: change the name in hub.yaml",
    ),
    Rule(
        "consistency",
        r"NoSuchEntity|InvalidParameterException: .*(?:role|Role).*(?:not exist|cannot be assumed|not authorized)"
        r"|MalformedPolicyDocument.*Invalid principal|Invalid IAM Instance Profile|couldn't find resource|Invalid\w+ID\.NotFound"
        r"|InvalidGroup\.NotFound|OperationAborted|ConcurrentModification|empty result|conflicting conditional operation",
        "AWS does not know yet what it was told a moment ago ({call})",
        f"{AGAIN}; if it stays, look whether somebody removed the thing by hand",
    ),
    Rule(
        "busy",
        r"DependencyViolation|ResourceInUse|DeleteConflict|BucketNotEmpty|has dependencies|is currently in use",
        "something still uses it",
        f"{AGAIN} in a minute; ./cleanup.sh {{env}} --dry-run lists what is there",
    ),
    Rule(
        "timeout",
        r"timeout while waiting|context deadline exceeded|RequestTimeout|TLS handshake timeout|i/o timeout|Client\.Timeout",
        "AWS took longer than Terraform waits ({call})",
        f"{AGAIN}: it goes on where this one stopped",
    ),
    Rule(
        "connection",
        r"connection refused|connection reset|broken pipe|unexpected EOF|no such host|ServiceUnavailable|InternalError|InternalFailure"
        r"|StatusCode: 50[0234]|Bad Gateway|network is unreachable|InternalServer|server misbehaving",
        "the connection to AWS failed ({call})",
        f"check the network and https://health.aws.amazon.com, then {AGAIN}",
    ),
    Rule(
        "providers",
        r"Failed to (?:query|install)|Could not retrieve the list of available versions|Failed to resolve provider packages|registry\.",
        "a provider could not be installed",
        "check the network, or put the provider into a mirror and name it in HUB_PLUGIN_MIRROR",
    ),
    Rule(
        "protected",
        r"Instance cannot be destroyed|prevent_destroy",
        "the plan would destroy data that is protected",
        "look at the plan (--plan); to let go of it on purpose set storage.protect: false, install, then try again",
    ),
    Rule("crashed", r"panic:|plugin (?:did not respond|crashed)|Plugin did not respond", "Terraform's provider crashed", AGAIN),
    Rule(
        "invalid",
        r"ValidationException|InvalidParameter|InvalidRequest|Malformed|ValidationError|InvalidArgument",
        "AWS refused {call} as it stands",
        "correct the value it names in hub.yaml; when hub.yaml does not hold it, report it: this is a defect of ours",
    ),
    Rule("refused", r"operation error", "AWS refused {call}", f"read its words; {AGAIN} when the cause is gone"),
    Rule("other", r"", "Terraform stopped", "read the log; if hub.yaml is not at fault, report it with the log"),
)
