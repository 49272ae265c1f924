"""What Terraform's errors mean for an operator: one table from a pattern to a class, a sentence and what to do.

Codes of AWS's own calls (boto3) are in aws_errors; this table reads the text that Terraform and its AWS provider print.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from modules.config.redact import redact
from modules.ops.events import Diagnostic

#: The classes worth another try, each with its first pause in seconds; the pause doubles from one try to the next.
TRANSIENT = {"throttled": 10.0, "consistency": 10.0, "timeout": 15.0, "connection": 5.0}
_AGAIN = "run the same command again"
#: More of AWS's own words than this is no longer read; the log has them all.
_WORDS_MAX = 600


@dataclass(frozen=True)
class Failure:
    """Why a stack stopped. what: a sentence with the resource's address; why: AWS's or Terraform's words."""

    kind: str
    what: str
    why: str
    fix: str
    address: str = ""

    @property
    def is_transient(self) -> bool:
        """Whether trying again by itself may help."""
        return self.kind in TRANSIENT


@dataclass(frozen=True)
class Rule:
    """One row: the first pattern found in an error decides. Texts may use the pattern's named groups, {call} and {code}."""

    kind: str
    pattern: str
    what: str
    fix: str


_RULES = (
    Rule("unsaved", r"errored\.tfstate|Failed to (?:save|persist) state", "Terraform could not save its state", "{unsaved}"),
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
        f"{_AGAIN}: it removes a stale digest before it starts",
    ),
    Rule("stale", r"Saved plan is stale", "the state changed after the plan was made", f"{_AGAIN}; it makes a new plan"),
    Rule(
        "credentials",
        r"ExpiredToken|InvalidClientTokenId|RequestExpired|No valid credential sources|UnrecognizedClientException|SignatureDoesNotMatch"
        r"|failed to refresh cached credentials|InvalidAccessKeyId|AuthFailure",
        "the AWS credentials are missing, wrong or expired",
        f"sign in again (aws sso login) or set AWS_PROFILE, then {_AGAIN}",
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
        f"wait a minute, then {_AGAIN}",
    ),
    Rule(
        "capacity",
        r"UnsupportedAvailabilityZoneException.*?(?:choose from these availability zones|these zones):? *(?P<zones>[a-z0-9, -]+[a-z0-9])",
        "AWS refused {call}: an availability zone cannot carry the cluster",
        f"set network.azs to zones of: {{zones}}; then {_AGAIN}",
    ),
    Rule(
        "capacity",
        r"UnsupportedAvailabilityZone|InsufficientInstanceCapacity|InsufficientFreeAddressesInSubnet|Unsupported: .*availability zone",
        "AWS refused {call}: the zone lacks what was asked for",
        f"choose other zones (network.azs) or instance types, then {_AGAIN}",
    ),
    Rule(
        "quota",
        r"LimitExceeded|QuotaExceeded|TooManyBuckets|maximum number of .* (?:has been )?reached|exceeded (?:the )?(?:quota|limit)",
        "a quota of this account is used up ({call})",
        f"ask for more in the Service Quotas console ({{service}}), then {_AGAIN}",
    ),
    Rule(
        "denied",
        r"AccessDenied|UnauthorizedOperation|not authorized to perform: (?P<action>[\w:-]+)|Forbidden: |AuthorizationError",
        "these credentials may not call {call}",
        f"give the role what ./hub iam-policy {{env}} prints (it needs {{service}}: {{call}}), then {_AGAIN}",
    ),
    Rule(
        "exists",
        r"AlreadyExists|BucketAlready|already exists|InvalidGroup\.Duplicate|DuplicateRequest",
        "it exists already and is in no state",
        f"{_AGAIN}: what carries this env's tags is taken over. What does not is somebody else's: change the name in hub.yaml",
    ),
    Rule(
        "consistency",
        r"NoSuchEntity|InvalidParameterException: .*(?:role|Role).*(?:not exist|cannot be assumed|not authorized)"
        r"|MalformedPolicyDocument.*Invalid principal|Invalid IAM Instance Profile|couldn't find resource|Invalid\w+ID\.NotFound"
        r"|InvalidGroup\.NotFound|OperationAborted|ConcurrentModification|empty result|conflicting conditional operation",
        "AWS does not know yet what it was told a moment ago ({call})",
        f"{_AGAIN}; if it stays, look whether somebody removed the thing by hand",
    ),
    Rule(
        "busy",
        r"DependencyViolation|ResourceInUse|DeleteConflict|BucketNotEmpty|has dependencies|is currently in use",
        "something still uses it",
        f"{_AGAIN} in a minute; ./cleanup.sh {{env}} --dry-run lists what is there",
    ),
    Rule(
        "timeout",
        r"timeout while waiting|context deadline exceeded|RequestTimeout|TLS handshake timeout|i/o timeout|Client\.Timeout",
        "AWS took longer than Terraform waits ({call})",
        f"{_AGAIN}: it goes on where this one stopped",
    ),
    Rule(
        "connection",
        r"connection refused|connection reset|broken pipe|unexpected EOF|no such host|ServiceUnavailable|InternalError|InternalFailure"
        r"|StatusCode: 50[0234]|Bad Gateway|network is unreachable|InternalServer|server misbehaving",
        "the connection to AWS failed ({call})",
        f"check the network and https://health.aws.amazon.com, then {_AGAIN}",
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
    Rule("crashed", r"panic:|plugin (?:did not respond|crashed)|Plugin did not respond", "Terraform's provider crashed", _AGAIN),
    Rule(
        "invalid",
        r"ValidationException|InvalidParameter|InvalidRequest|Malformed|ValidationError|InvalidArgument",
        "AWS refused {call} as it stands",
        "correct the value it names in hub.yaml; when hub.yaml does not hold it, report it: this is a defect of ours",
    ),
    Rule("refused", r"operation error", "AWS refused {call}", f"read its words; {_AGAIN} when the cause is gone"),
    Rule("other", r"", "Terraform stopped", "read the log; if hub.yaml is not at fault, report it with the log"),
)
_COMPILED = tuple((rule, re.compile(rule.pattern, re.DOTALL)) for rule in _RULES)
#: `operation error EKS: CreateCluster, https response error StatusCode: 400, RequestID: …, api error Code: words`
_OPERATION = re.compile(r"operation error (?P<service>[\w .-]+): (?P<call>\w+),")
_CODE = re.compile(r"(?:api error |RequestID: [\w-]*, (?:HostID: [^,]*, )?)(?P<words>(?P<code>[A-Z][\w.]+): .*)", re.DOTALL)
_LOCK_FIELD = re.compile(r"^\s*(ID|Who|Operation|Created|Path):\s*(.+?)\s*$", re.MULTILINE)


def classify(found: Diagnostic, env: str) -> Failure:
    """The Failure that one error diagnostic means."""
    text = f"{found.summary}\n{found.detail}"
    rule, match = next((rule, match) for rule, pattern in _COMPILED if (match := pattern.search(text)))
    operation, code = _OPERATION.search(text), _CODE.search(text)
    words = {name: value for name, value in match.groupdict().items() if value}
    words |= {
        "env": env,
        "call": operation["call"] if operation else "it",
        "service": operation["service"] if operation else "AWS",
        "unsaved": "before anything else on this env: `terraform state push errored.tfstate` in the work directory of the stack",
    }
    if rule.kind == "locked":
        return _locked(rule, text, words)
    what = rule.what.format_map(words).replace(" (it)", "")
    return Failure(
        kind=rule.kind,
        what=f"{found.address}: {what}" if found.address else what,
        why=_shorten(code["words"] if code else _plain(found)),
        fix=rule.fix.format_map(words),
        address=found.address,
    )


def worst(found: Sequence[Diagnostic], env: str) -> Failure | None:
    """The Failure to act on, of all errors of one run; None when there was no error.

    One that trying again does not help comes before those it does; the number of the others is told.
    """
    failures = [classify(each, env) for each in found if each.severity == "error"]
    if not failures:
        return None
    first = next((each for each in failures if not each.is_transient), failures[0])
    same = {each.what for each in failures} - {first.what}
    if not same:
        return first
    more = f"{first.why} (and {len(same)} more, in the log)"
    return Failure(first.kind, first.what, more, first.fix, first.address)


def _locked(rule: Rule, text: str, words: dict[str, str]) -> Failure:
    lock = dict(_LOCK_FIELD.findall(text))
    words["lock_id"] = lock.get("ID", "unknown")
    operation = lock.get("Operation", "").removeprefix("OperationType").lower() or "run"
    since = lock.get("Created", "").split(".")[0] or "an unknown time"
    why = f"{lock.get('Who', 'somebody')} since {since} UTC ({operation} of {lock.get('Path', 'this state')})"
    return Failure(rule.kind, rule.what, why, rule.fix.format_map(words))


def _plain(found: Diagnostic) -> str:
    return f"{found.summary}: {found.detail}" if found.detail and found.detail != found.summary else found.summary


def _shorten(words: str) -> str:
    """One line without secrets, Terraform's own indentation or AWS's encoded messages."""
    words = re.sub(r"Encoded authorization failure message: \S+", "", words)
    flat = redact(" ".join(words.split()))
    return flat if len(flat) <= _WORDS_MAX else f"{flat[: _WORDS_MAX - 1]}…"
