"""Examples of each command, which its `--help` shows."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "run": (
        "conform run --target my-cloud.toml --check",
        "conform run --target my-cloud.toml --suite volumes --suite s3",
        "conform run --target my-cloud.toml --level must --draft-deviations known.toml",
        "conform run --target my-cloud.toml --case 'volumes/AttachVolume/reply[boto3]'",
        "conform run --resume reports/out/latest",
        "conform run --suite volumes -- -k 'AttachVolume and boto3'",
    ),
    "keygen": ("conform keygen release-key",),
    "sign": (
        "conform sign reports/out/latest --key release-key",
        "conform sign merged --key gcpkms:projects/p/… --public-key release-key.pub",
    ),
    "verify": ("conform verify reports/out/latest --key release-key.pub --max-age 30",),
    "pack": ("conform pack reports/out/latest --out evidence.tar.gz",),
    "certify": ("conform certify", "conform certify --target my-cloud.toml --shard 1/4"),
    "plan": ("conform plan --suite zones", "conform plan --target my-cloud.toml --level must"),
    "init": (
        "conform init management",
        "conform init management --ec2-port 17080 --api-port 18080",
    ),
    "serve": (
        "conform serve --config management",
        "conform serve --write-profile served.toml",
        "conform serve --mutant silent-StopInstances --observer proxy",
    ),
    "ports": (
        "conform ports /etc/cloudstack/management",
        "conform ports /etc/cloudstack/management --set 7081",
    ),
    "sweep": (
        "conform sweep --target my-cloud.toml --dry-run",
        "conform sweep --target my-cloud.toml reports/out/latest",
    ),
    "record": (
        "conform record --listen 127.0.0.1:18080"
        " --upstream http://management:8080/client/api --out calls.jsonl",
    ),
    "register": (
        "conform register --url http://bridge:7080/awsapi"
        " --access-key KEY --secret-key-file secret --new-cert certificates",
    ),
    "failover": ("conform failover --target my-cloud.toml --dry-run",),
    "show": (
        "conform show reports/out/latest",
        "conform show reports/out/latest 'volumes/AttachVolume/reply[boto3]'",
        "conform show reports/out/latest 'AttachVolume/reply[boto3]' --curl",
    ),
    "report": ("conform report reports/out/latest",),
    "merge": ("conform merge shards/1 shards/2 --out merged",),
    "rejudge": ("conform rejudge reports/out/latest --out judged-again",),
    "compare": (
        "conform compare old new",
        "conform compare old new --format markdown",
    ),
    "history": (
        "conform history add reports/out/latest",
        "conform history trend --html trend.html",
        "conform history --database postgresql+psycopg://reports@db/conform flaky --target staging",
    ),
    "badge": ("conform badge reports/out/latest --out badge.svg",),
    "mutants": ("conform mutants",),
    "suites": ("conform suites",),
    "capabilities": ("conform capabilities",),
}
