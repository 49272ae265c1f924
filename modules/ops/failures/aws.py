"""What AWS's error codes mean, in one table, so that no other module compares strings from an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound

from modules.common.errors import HubError


class Kind(StrEnum):
    """Why AWS said no, as far as a caller has to tell apart."""

    MISSING = "missing"
    EXISTS = "exists"
    FOREIGN = "foreign"
    BUSY = "busy"
    CONFLICT = "conflict"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    DENIED = "denied"
    CREDENTIALS = "credentials"
    CLOCK = "clock"
    QUOTA = "quota"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Advice:
    """One class of refusal: what it means, and what a person does about it."""

    kind: Kind
    sentence: str
    fix: str


#: EC2 says RequestExpired of both, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
_SIGN_IN = "sign in again (aws sso login) or set AWS_PROFILE; if you just did, set the clock of this machine"
_ADVICE = (
    Advice(Kind.MISSING, "it does not exist", "run the same command again; if it stays, look whether somebody removed it by hand"),
    Advice(Kind.EXISTS, "it exists already", "run the same command again"),
    Advice(Kind.FOREIGN, "it belongs to another AWS account", "give it another name in hub.yaml"),
    Advice(Kind.BUSY, "something still uses it", "wait a minute and run the same command again"),
    Advice(Kind.CONFLICT, "somebody changed it at the same moment", "see who else works on this env, then run the same command again"),
    Advice(Kind.THROTTLED, "AWS is throttling this account", "wait a minute and run the same command again"),
    Advice(Kind.TRANSIENT, "AWS did not answer properly", "run the same command again; https://health.aws.amazon.com tells of outages"),
    Advice(Kind.DENIED, "these credentials may not do that", "give the role the permission; ./hub iam-policy <env> prints all it needs"),
    Advice(Kind.CREDENTIALS, "the credentials are missing, wrong or expired", _SIGN_IN),
    Advice(Kind.CLOCK, "AWS says that the clock of this machine is wrong", "set the clock (timedatectl set-ntp true)"),
    Advice(Kind.QUOTA, "a quota of this account is used up", "ask for more in the Service Quotas console, then run the same command again"),
    Advice(Kind.INVALID, "AWS refused the request as it stands", "correct the value it names"),
    Advice(Kind.UNKNOWN, "AWS refused", "read its message; run the same command again when the cause is gone"),
)
_BY_KIND = {advice.kind: advice for advice in _ADVICE}

#: Codes per kind. Services disagree on spelling, hence the many forms; sources are the "Errors" sections of each API reference.
_CODES: dict[Kind, tuple[str, ...]] = {
    Kind.MISSING: (
        "404 NoSuchKey NoSuchBucket NoSuchBucketPolicy NoSuchTagSet NoSuchLifecycleConfiguration NoSuchVersion",
        "NoSuchPublicAccessBlockConfiguration OwnershipControlsNotFoundError ServerSideEncryptionConfigurationNotFoundError",
        "ResourceNotFoundException TableNotFoundException NotFoundException NotFound NoSuchEntity NoSuchEntityException",
        "NoSuchHostedZone FileSystemNotFound AccessPointNotFound MountTargetNotFound PolicyNotFound QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue LoadBalancerNotFound TargetGroupNotFound ListenerNotFound",
        "InvalidVpcID.NotFound InvalidSubnetID.NotFound InvalidGroup.NotFound InvalidGroupId.NotFound",
        "InvalidNetworkInterfaceID.NotFound InvalidInternetGatewayID.NotFound InvalidAllocationID.NotFound NatGatewayNotFound",
        "InvalidNatGatewayID.NotFound InvalidRouteTableID.NotFound InvalidVpcEndpointId.NotFound InvalidInstanceID.NotFound",
        "InvalidVolume.NotFound InvalidSnapshot.NotFound InvalidLaunchTemplateId.NotFound InvalidFlowLogId.NotFound",
        "InvalidSecurityGroupRuleId.NotFound InvalidAddress.NotFound InvalidNetworkInterfaceId.NotFound InvalidRoute.NotFound",
        "InvalidAssociationID.NotFound ParameterNotFound UserNotFoundException",
    ),
    Kind.EXISTS: (
        "BucketAlreadyOwnedByYou EntityAlreadyExists EntityAlreadyExistsException ResourceAlreadyExistsException",
        "AlreadyExistsException ResourceExistsException UsernameExistsException AliasExistsException",
    ),
    Kind.FOREIGN: ("BucketAlreadyExists",),
    Kind.BUSY: (
        "DependencyViolation ResourceInUse ResourceInUseException DeleteConflict DeleteConflictException BucketNotEmpty",
        "InvalidParameterValue.InUse VolumeInUse InvalidIPAddress.InUse InvalidNetworkInterface.InUse FileSystemInUse",
        "IncorrectInstanceState",
    ),
    Kind.CONFLICT: ("ConditionalCheckFailedException PreconditionFailed 412 OperationAborted ConditionalRequestConflict",),
    Kind.THROTTLED: (
        "Throttling ThrottlingException ThrottledException RequestLimitExceeded TooManyRequestsException SlowDown",
        "ProvisionedThroughputExceededException RequestThrottled RequestThrottledException PriorRequestNotComplete",
    ),
    Kind.TRANSIENT: (
        "500 502 503 504 InternalError InternalFailure InternalServerError InternalServiceError ServiceUnavailable",
        "Unavailable RequestTimeout RequestTimeoutException ServerException ServiceUnavailableException InternalErrorException",
    ),
    Kind.DENIED: (
        "403 AccessDenied AccessDeniedException UnauthorizedOperation AuthorizationError NotAuthorized AllAccessDisabled",
        "AuthorizationErrorException",
    ),
    Kind.CREDENTIALS: (
        "ExpiredToken ExpiredTokenException RequestExpired InvalidClientTokenId UnrecognizedClientException",
        "InvalidAccessKeyId SignatureDoesNotMatch AuthFailure TokenRefreshRequired OptInRequired",
    ),
    Kind.CLOCK: ("RequestTimeTooSkewed",),
    Kind.QUOTA: (
        "LimitExceeded LimitExceededException ServiceQuotaExceededException VpcLimitExceeded AddressLimitExceeded",
        "NatGatewayLimitExceeded TooManyBuckets InternetGatewayLimitExceeded VcpuLimitExceeded InstanceLimitExceeded",
        "ResourceLimitExceeded FileSystemLimitExceeded RouteTableLimitExceeded SecurityGroupLimitExceeded",
    ),
    Kind.INVALID: (
        "ValidationException ValidationError InvalidParameterValue InvalidParameterException InvalidParameterCombination",
        "InvalidBucketName MalformedPolicy MalformedPolicyDocument IllegalLocationConstraintException",
        "InvalidLocationConstraint InvalidRequest InvalidRequestException NotAuthorizedException UnsupportedUserStateException",
        "CodeDeliveryFailureException",
    ),
}
#: What comes under several codes for a signature that is too old or not yet valid.
_OF_THE_CLOCK = re.compile(r"Signature expired|Signature not yet current")
_KINDS = {code: kind for kind, lines in _CODES.items() for line in lines for code in line.split()}


def code_of(error: ClientError) -> str:
    """AWS's own code, such as AccessDenied."""
    return str(error.response.get("Error", {}).get("Code", ""))


def kind_of(error: ClientError) -> Kind:
    """Which class of refusal this is; an unknown code is judged by its HTTP status, 5xx being worth another try."""
    if _OF_THE_CLOCK.search(_words(error)):
        return Kind.CLOCK
    known = _KINDS.get(code_of(error))
    if known is not None:
        return known
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    return Kind.TRANSIENT if status >= 500 else Kind.UNKNOWN


def _words(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", "")).strip()


def is_missing(error: ClientError) -> bool:
    """Whether the thing asked for is simply not there."""
    return kind_of(error) is Kind.MISSING


def explain(error: ClientError | BotoCoreError, doing: str) -> HubError:
    """The error for a person. `doing` is the rest of "could not ...", such as "read the state of demo-network"."""
    if isinstance(error, ClientError):
        advice = _BY_KIND[kind_of(error)]
        words = _words(error)
        said = f"{error.operation_name} answered {code_of(error)}" + (f" ({words})" if words else "")
        return HubError(f"could not {doing}: {advice.sentence}; {said}", fix=advice.fix)
    credentials = isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound)
    advice = _BY_KIND[Kind.CREDENTIALS if credentials else Kind.TRANSIENT]
    return HubError(f"could not {doing}: {advice.sentence}; {error}", fix=advice.fix)


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Turns whatever AWS refuses inside the block into the HubError for `what` ("could not <what>: ...")."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise explain(error, what) from error


@contextmanager
def missing_is_fine() -> Iterator[None]:
    """Ends the block quietly when AWS says that the thing is not there; every other refusal goes on."""
    try:
        yield
    except ClientError as error:
        if not is_missing(error):
            raise
