"""external-dns: the records of one hub in one hosted zone.

Source of the action list: https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/, narrowed to one zone, to
the record types it writes, and to the hub's own name and what is below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modules.iam.document import Document, allow, document

#: Addresses, and the TXT records in which it notes what is its own. No NS, no MX: it could give the domain away.
RECORD_TYPES = ("A", "AAAA", "CNAME", "TXT")


def controller_policy(*, partition: str, zone_id: str, names: Sequence[str]) -> Document:
    """The controller's policy. zone_id: `Z…`, without /hostedzone/. names: the hosts it may write, each with all below it.

    Raises ValueError when no name is given, which IAM would read as any name.
    """
    if not names:
        raise ValueError("external-dns needs at least one name it may write")
    zone = f"arn:{partition}:route53:::hostedzone/{zone_id}"
    allowed = [pattern for name in names for pattern in (name, f"*.{name}")]
    records: dict[str, dict[str, Any]] = {
        "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": allowed},
        "ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": list(RECORD_TYPES)},
    }
    return document(
        allow("ListZones", "route53:ListHostedZones", "*"),
        allow("ReadRecords", "route53:ListResourceRecordSets", zone),
        allow("WriteOwnRecords", "route53:ChangeResourceRecordSets", zone, conditions=records),
    )
