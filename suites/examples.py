"""The example scripts of the documentation, step by step as printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from fixtures.model import (
    CallPattern,
    Case,
    Example,
    Expectation,
    ExpectedReply,
    Level,
    Pattern,
    ProcedureRequirement,
    Row,
)
from fixtures.model.documentation import BOTO_EXAMPLES
from suites.contract.query_authentication import VERSION_2
from suites.contract.suite import Check, Suite

FILE = "The file that the example puts.\n"
LISTS = CallPattern("listTemplates", harmless={"*": Pattern()}, times=None)
DEPLOYS = CallPattern(
    "deployVirtualMachine",
    parameters={
        "templateid": Pattern.of("{script.image}"),
        "serviceofferingid": Pattern.of("{small-offering.id}"),
        "zoneid": Pattern.of("{zone.id}"),
    },
    harmless={"*": Pattern()},
)


def _step(
    script: str, step: str, text: str, *calls: CallPattern, runs: int = 0, **fields: Any
) -> ProcedureRequirement:
    """A step of a script: what boto returns, and the CloudStack calls that it causes."""
    patterns = {name: Pattern.of(value) for name, value in fields.items()}
    expectation = (
        Expectation(requirement=text, fields=patterns, calls=calls)
        if script == "ec2"
        else ExpectedReply(fields=patterns)
    )
    number, title = ("1", "EC2") if script == "ec2" else ("2", "S3")
    name = f"{step.partition('/')[0]}-again" if runs else step
    return ProcedureRequirement(
        row=f"{title}-Boto",
        kind="steps",
        name=name,
        text=text,
        procedure=Example(script, step, expectation, runs=runs),
        drivers=("boto",),
        level=Level.MUST,
        capabilities=VERSION_2 | {"query"} if script == "ec2" else frozenset({"s3"}),
        source=BOTO_EXAMPLES.cite(f"example {number}", f"示例{number}.{title} Boto示例"),
    )


EC2 = (
    _step(
        "ec2",
        "connect",
        "The script connects boto to the EC2 API, with SignatureVersion 2 as in its time.",
        path={"present": True},
    ),
    _step(
        "ec2",
        "images",
        "get_all_images lists the images.",
        LISTS,
        images={"present": True},
    ),
    _step(
        "ec2",
        "run",
        "The first image is run as an m1.small in the default group.",
        DEPLOYS,
        instances={"count": 1},
        types=[["m1.small"]],
        states=[["pending"], ["running"]],
        reservation={"present": True},
    ),
)
S3 = (
    _step("s3", "connect", "The script connects boto to the S3 API.", host={"present": True}),
    _step("s3", "create-bucket", "The bucket is created.", bucket="{first}"),
    _step("s3", "upload", "A file is put into the bucket.", kept=FILE, size=len(FILE)),
    _step(
        "s3",
        "download/upload",
        "Run a second time, the script finds its bucket, and gets the file or puts it again.",
        runs=1,
        kept=FILE,
        got={"optional": [FILE]},
    ),
    _step("s3", "second-bucket", "A second bucket is created.", bucket="{second}"),
    _step("s3", "second-bucket-found", "The second bucket is found.", bucket="{second}"),
    _step(
        "s3",
        "silly-test-as-printed",
        "As printed, the script puts nothing under the last key, and getting it is refused.",
        code="NoSuchKey",
        status=404,
    ),
    _step(
        "s3",
        "silly-test",
        "With the mistake corrected, the text is put under the last key.",
        kept="This is my silly test",
    ),
)


class TestExamples(Suite):
    """Both scripts."""

    suite: ClassVar[str] = "examples"

    def test_steps(self, case: Case, check: Check) -> None:
        """Each step of the documentation's scripts works as the documentation describes."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The steps."""
        del rows
        return (step for step in (*EC2, *S3) if step.kind == kind)
