"""The roles AWS services need of their own in an account: spot's has to be there before Karpenter asks for the first spot node.

EC2 makes AWSServiceRoleForEC2Spot for whoever asks for spot capacity and may create service-linked roles,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html; Karpenter's role may not, so
in an account that never had a spot instance its first node would fail. EKS, node groups, Auto Scaling, file systems and backups
get theirs with the call that creates the first of them (the deployer may), load balancers by the controller's own role.
"""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from modules.common.errors import HubError
from modules.config.models import HubConfig
from modules.config.place import places
from modules.ops.failures.aws import Kind, doing, explain, is_missing, kind_of
from modules.ops.preflight.check import Answer, Check, Context, Finding

ROLE = "AWSServiceRoleForEC2Spot"
SERVICE = "spot.amazonaws.com"
BY_HAND = f"aws iam create-service-linked-role --aws-service-name {SERVICE}"


def check_spot_role(context: Context) -> Answer:
    """Say whether the role is there; nothing is made. Raises HubError when AWS does not let us look."""
    users = spot_users(context.config)
    if not users:
        return Answer("nothing uses spot")
    if _exists(context):
        return Answer(f"{ROLE} is there, for {_named(users)}")
    if context.may_create:
        return Answer(f"{ROLE} is made next, for {_named(users)}")
    what = f"this account has no {ROLE}, and never had a spot instance"
    return Answer("not there yet", [Finding("note", users[0], what, f"the install makes it; by hand: {BY_HAND}")])


def make_spot_role(context: Context) -> str:
    """Make the role when something uses spot and it is missing: what was done, "" for nothing. It belongs to the account and stays.

    Raises HubError with the command an administrator runs when these credentials may not.
    """
    if not spot_users(context.config) or _exists(context):
        return ""
    try:
        context.client("iam").create_service_linked_role(AWSServiceName=SERVICE)
    except ClientError as error:
        # Another env's install was quicker: InvalidInput says that the name is taken, and nothing of a kind.
        if _exists(context):
            return ""
        if kind_of(error) is Kind.DENIED:
            raise HubError(
                f"spot nodes need {ROLE}, which this account lacks and these credentials may not create",
                where=spot_users(context.config)[0],
                fix=f"an administrator runs once: {BY_HAND}",
            ) from error
        raise explain(error, f"create {ROLE}") from error
    except BotoCoreError as error:
        raise explain(error, f"create {ROLE}") from error
    return f"made {ROLE}; it belongs to the account and stays"


def spot_users(config: HubConfig) -> tuple[str, ...]:
    """The pools and node groups whose nodes may be spot, as fields of hub.yaml; desktops, Dask and Ray run on those too."""
    return tuple(".".join(map(str, place.path)) for place in places(config).values() if place.spot)


def _exists(context: Context) -> bool:
    with doing(f"look for {ROLE}"):
        try:
            context.client("iam").get_role(RoleName=ROLE)
        except ClientError as error:
            if is_missing(error):
                return False
            raise
    return True


def _named(users: tuple[str, ...]) -> str:
    more = f" and {len(users) - 2} more" if len(users) > 2 else ""
    return ", ".join(users[:2]) + more


SPOT_ROLE = Check("spot role", check_spot_role)
