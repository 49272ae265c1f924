"""The hub's certificate, validated by records in the zone, so that TLS is ready before the load balancer is."""

from __future__ import annotations

from modules.cdk import Stack, aws


class Certificate:
    """An ACM certificate for `domain`; `arn` is usable once AWS has seen the validation record.

    validate_in: the public Route 53 zone's name, or None to leave validation to a person (then `arn` is that of the request).
    """

    def __init__(self, stack: Stack, *, domain: str, validate_in: str | None) -> None:
        certificate = aws.acm_certificate.AcmCertificate(
            stack, "hub", domain_name=domain, validation_method="DNS", lifecycle={"create_before_destroy": True}, tags={"Name": domain}
        )
        self.arn: str = certificate.arn
        if validate_in is None:
            return
        zone = aws.data_aws_route53_zone.DataAwsRoute53Zone(stack, "zone", name=validate_in, private_zone=False)
        # One domain gives one validation option; `one` keeps that a fact Terraform checks, not an index that may be missing.
        option = f"one({certificate.domain_validation_options.fqn})"
        record = aws.route53_record.Route53Record(
            stack,
            "hub-validation",
            zone_id=zone.zone_id,
            name=f"${{{option}.resource_record_name}}",
            type=f"${{{option}.resource_record_type}}",
            records=[f"${{{option}.resource_record_value}}"],
            ttl=300,
            # The same certificate asked for twice validates by the same record; it is never anybody else's.
            allow_overwrite=True,
        )
        validated = aws.acm_certificate_validation.AcmCertificateValidation(
            stack, "hub-validated", certificate_arn=certificate.arn, validation_record_fqdns=[record.fqdn]
        )
        self.arn = validated.certificate_arn
