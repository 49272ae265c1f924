"""Route 53: a zone made with a VPC is a private zone, and says which VPC."""

from __future__ import annotations

from typing import Any

from modules.rehearsal.emulator.answers import Answers, Call, Document, now

_answers = Answers()


def install() -> None:
    """Mend moto's Route 53."""
    from moto.route53.responses import Route53

    _answers.install(Route53)


@_answers("CreateHostedZone")
def _create_hosted_zone(call: Call) -> Document:
    vpc, config = call.get("VPC", {}), call.get("HostedZoneConfig", {})
    zone = _route53(call).create_hosted_zone(
        call["Name"].rstrip(".") + ".",
        comment=config.get("Comment"),
        private_zone=bool(vpc) or bool(config.get("PrivateZone")),
        caller_reference=call["CallerReference"],
        vpcid=vpc.get("VPCId"),
        vpcregion=vpc.get("VPCRegion"),
        delegation_set_id=call.get("DelegationSetId"),
    )
    return {
        **_shown(zone),
        "VPC": next(iter(_vpcs(zone)), None),
        "ChangeInfo": {"Id": "/change/C0000000000000000000", "Status": "INSYNC", "SubmittedAt": now()},
        "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{zone.resource_id}",
    }


@_answers("GetHostedZone")
def _get_hosted_zone(call: Call) -> Document:
    zone = _route53(call).get_hosted_zone(call["Id"])
    return {**_shown(zone), "VPCs": _vpcs(zone) if zone.private_zone else None}


def _shown(zone: Any) -> Document:
    return {"HostedZone": zone, "DelegationSet": None if zone.private_zone else zone.delegation_set}


def _vpcs(zone: Any) -> list[Document]:
    return [{"VPCId": vpc["vpc_id"], "VPCRegion": vpc["vpc_region"]} for vpc in zone.vpcs]


def _route53(call: Call) -> Any:
    from moto.route53.models import route53_backends

    return route53_backends[call.account][call.partition]
