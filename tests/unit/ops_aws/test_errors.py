"""The table of AWS's refusals."""

from __future__ import annotations

import pytest
from botocore.exceptions import BotoCoreError, EndpointConnectionError, NoCredentialsError

from modules.common.errors import HubError
from modules.ops.failures import aws as aws_errors
from modules.ops.failures.aws import Kind, doing, explain, kind_of, missing_is_fine
from tests.unit.ops_aws.support import refusal


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("NoSuchBucket", 404, Kind.MISSING),
        ("404", 404, Kind.MISSING),
        ("InvalidVpcID.NotFound", 400, Kind.MISSING),
        ("BucketAlreadyExists", 409, Kind.FOREIGN),
        ("BucketAlreadyOwnedByYou", 409, Kind.EXISTS),
        ("UserNotFoundException", 400, Kind.MISSING),
        ("UsernameExistsException", 400, Kind.EXISTS),
        ("UnsupportedUserStateException", 400, Kind.INVALID),
        ("DependencyViolation", 400, Kind.BUSY),
        ("ConditionalCheckFailedException", 400, Kind.CONFLICT),
        ("RequestLimitExceeded", 503, Kind.THROTTLED),
        ("InternalError", 500, Kind.TRANSIENT),
        ("SomethingNobodyKnows", 503, Kind.TRANSIENT),
        ("UnauthorizedOperation", 403, Kind.DENIED),
        ("ExpiredToken", 403, Kind.CREDENTIALS),
        ("VpcLimitExceeded", 400, Kind.QUOTA),
        ("ValidationException", 400, Kind.INVALID),
        ("SomethingNobodyKnows", 400, Kind.UNKNOWN),
    ],
)
def test_a_code_has_one_kind(code: str, status: int, kind: Kind) -> None:
    assert kind_of(refusal(code, status=status)) is kind


def test_no_code_stands_twice_in_the_table() -> None:
    codes = [code for lines in aws_errors._CODES.values() for line in lines for code in line.split()]
    assert len(codes) == len(set(codes)) > 80


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        ("RequestTimeTooSkewed", "too large a difference", Kind.CLOCK),
        ("SignatureDoesNotMatch", "Signature expired: 20261121T000000Z is now earlier than 20261121T001000Z", Kind.CLOCK),
        ("InvalidSignatureException", "Signature not yet current: 20261121T001000Z is still later than 20261121T000000Z", Kind.CLOCK),
        ("SignatureDoesNotMatch", "Check your AWS Secret Access Key and signing method", Kind.CREDENTIALS),
    ],
)
def test_a_clock_that_is_off_is_told_from_a_key_that_is_wrong(code: str, words: str, kind: Kind) -> None:
    assert kind_of(refusal(code, message=words)) is kind


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_says_what_to_do(kind: Kind) -> None:
    advice = aws_errors._BY_KIND[kind]
    assert advice.sentence
    assert advice.fix
    assert not advice.fix.endswith(".")


def test_the_sentence_names_the_call_the_code_and_awss_words() -> None:
    error = explain(refusal("AccessDenied", "CreateBucket", message="not you"), "make the bucket")
    assert error.what == "could not make the bucket: these credentials may not do that; CreateBucket answered AccessDenied (not you)"
    assert "iam-policy" in error.fix


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NoCredentialsError(), "the credentials are missing"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "did not answer"),
    ],
)
def test_no_answer_at_all(error: BotoCoreError, expected: str) -> None:
    assert expected in explain(error, "look").what


def test_doing_turns_a_refusal_into_a_hub_error() -> None:
    with pytest.raises(HubError, match="could not look around"), doing("look around"):
        raise refusal("AccessDenied")


def test_missing_is_fine_lets_everything_else_through() -> None:
    with missing_is_fine():
        raise refusal("NoSuchKey")
    with pytest.raises(Exception, match="AccessDenied"), missing_is_fine():
        raise refusal("AccessDenied")
