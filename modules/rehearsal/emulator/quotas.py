"""Service Quotas: an account that was granted vCPUs of every kind; all else is as AWS gives it to a new account, and not listed."""

from __future__ import annotations

from modules.rehearsal.emulator.answers import Answers, Call, Document

_answers = Answers()
#: Running instances, in vCPUs, on-demand and spot: standard, G, P, Inf, Trn, X, F, DL.
_GRANTED = (
    "L-1216C47A L-34B43A08 L-DB2E81BA L-3819A6DF L-417A185B L-7212CCBC L-1945791B L-B5D1601B",
    "L-2C3B7624 L-6B0D517C L-7295265B L-E3A00192 L-74FC7D96 L-88CF9481 L-6E869C2A L-85EED4F7",
)
_VCPUS = 1152.0


def install() -> None:
    """Complete moto's Service Quotas."""
    from moto.servicequotas.responses import ServiceQuotasResponse

    _answers.install(ServiceQuotasResponse)


@_answers("ListServiceQuotas")
def _list_service_quotas(call: Call) -> Document:
    codes = [code for line in _GRANTED for code in line.split()] if call["ServiceCode"] == "ec2" else []
    return {"Quotas": [{"ServiceCode": "ec2", "QuotaCode": code, "Value": _VCPUS, "Adjustable": True} for code in codes]}
