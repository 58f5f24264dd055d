"""The files that CI systems read, within what these systems take."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from lxml import etree

from fixtures.model import Status
from reports.record.recorded_run import RecordedRun
from reports.render import junit
from reports.render.allure import CATEGORIES, ENVIRONMENT, allure_results
from reports.render.annotations import github_annotations
from reports.render.ctrf import ctrf_report
from reports.render.junit import junit_xml
from tests.support.made_runs import every_status, made_run, outcome

STATUS = {"enum": ["passed", "failed", "skipped", "pending", "other"]}
TEXT, INTEGER, OBJECT = {"type": "string"}, {"type": "integer"}, {"type": "object"}

COUNTS = "tests passed failed skipped pending other flaky suites start stop duration"


def closed(required: str, **properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties and no others."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


# What https://ctrf.io says of the parts that are written, and of what must be there.
CTRF = closed(
    "reportFormat specVersion results",
    reportFormat={"const": "CTRF"},
    specVersion={"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
    reportId={"type": "string", "format": "uuid"},
    timestamp={"type": "string", "format": "date-time"},
    generatedBy=TEXT,
    extra=OBJECT,
    results=closed(
        "tool summary tests",
        tool=closed("name", name={"type": "string", "minLength": 1}, version=TEXT, extra=OBJECT),
        summary=closed(
            "tests passed failed skipped pending other start stop",
            **dict.fromkeys(
                [
                    "tests",
                    "passed",
                    "failed",
                    "skipped",
                    "pending",
                    "other",
                    "flaky",
                    "suites",
                    "start",
                    "stop",
                    "duration",
                ],
                INTEGER,
            ),
            extra=OBJECT,
        ),
        tests={
            "type": "array",
            "items": closed(
                "name status duration",
                id={"type": "string", "format": "uuid"},
                name={"type": "string", "minLength": 1},
                status=STATUS,
                duration=INTEGER,
                suite={"type": "array", "minItems": 1, "items": TEXT},
                message=TEXT,
                trace=TEXT,
                rawStatus=TEXT,
                tags={"type": "array", "items": TEXT},
                labels={"type": "object", "additionalProperties": TEXT},
                parameters=OBJECT,
                extra=OBJECT,
            ),
        },
        environment=closed(
            "",
            reportName=TEXT,
            appName=TEXT,
            testEnvironment=TEXT,
            healthy={"type": "boolean"},
            extra=OBJECT,
        ),
    ),
)


def test_ctrf_is_what_the_format_says() -> None:
    """Readers of CTRF accept a run with every status, and see the record's own status."""
    report = json.loads(ctrf_report(RecordedRun(made_run(every_status()))))
    checker = jsonschema.FormatChecker()
    jsonschema.Draft202012Validator(CTRF, format_checker=checker).validate(report)
    statuses = {t["rawStatus"]: t["status"] for t in report["results"]["tests"]}
    assert statuses == {
        "passed": "passed",
        "failed": "failed",
        "stale_deviation": "failed",
        "error": "other",
        "inconclusive": "other",
        "not_claimed": "skipped",
        "known_deviation": "skipped",
    }
    assert report["results"]["environment"]["healthy"] is False


def test_junit_says_level_row_and_client() -> None:
    """A dashboard can sort cases by level, row and client."""
    root = etree.fromstring(junit_xml(RecordedRun(made_run([outcome(Status.FAILED)]))))
    properties = {p.get("name"): p.get("value") for p in root.iterfind(".//testcase//property")}
    assert properties == {
        "level": "must",
        "row": "AttachVolume",
        "client": "boto3",
        "status": "failed",
    }


def test_junit_of_too_many_cases_leaves_out_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems refuse a file with too many elements: properties of passed cases go first, then all;
    no case is lost."""
    cases = [outcome(kind=f"c-{n}") for n in range(50)] + [outcome(Status.FAILED, kind="bad")]
    for most, properties in ((1000, 51 * 4), (200, 4), (62, 0)):
        monkeypatch.setattr(junit, "MAX_ELEMENTS", most)
        root = etree.fromstring(junit_xml(RecordedRun(made_run(cases))))
        assert len(list(root.iter())) <= most
        assert len(root.findall(".//testcase//property")) == properties
        assert len(root.findall(".//testcase")) == 51


def test_junit_of_long_texts_is_not_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are cut to what systems take, and further until the file is small enough."""
    cases = [
        outcome(Status.FAILED, kind=f"c-{n}", observed="é" * 20_000, because="b" * 20_000)
        for n in range(40)
    ]
    run = RecordedRun(made_run(cases))
    root = etree.fromstring(junit_xml(run))
    texts = [str(failure.text) for failure in root.iter("failure")]
    assert max(map(len, texts)) == junit.MAX_CHARACTERS
    assert all(len(value) <= 8_000 for e in root.iter() for value in e.attrib.values())
    for most in (200_000, 60_000, 30_000):
        monkeypatch.setattr(junit, "MAX_BYTES", most)
        data = junit_xml(run)
        assert len(data) <= most
        assert len(etree.fromstring(data).findall(".//failure")) == 40


def test_names_in_junit_are_unique() -> None:
    """Cases whose long ids begin alike, or differ only in what cannot be shown, stay apart."""
    ids = [f"s/R/{'x' * 2_000}/{n}[boto]" for n in range(3)]
    root = etree.fromstring(junit_xml(RecordedRun(made_run([outcome(case=name) for name in ids]))))
    names = [case.get("name") for case in root.iter("testcase")]
    assert len(set(names)) == 3


def allure_files(*cases: Any) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """The files of Allure's results of these cases, and the results in the order of the cases."""
    files = dict(allure_results(RecordedRun(made_run(cases))))
    results = [json.loads(data) for name, data in files.items() if name.endswith("-result.json")]
    return files, results


def test_allure_says_what_the_record_says() -> None:
    """No known deviation is passed; suites are table, row and kind; client, level and link are
    where Allure shows them."""
    source = "table 11, https://docs.example.org/aws.html#volumes"
    known = outcome(Status.KNOWN_DEVIATION, because="attachVolume: missing\nknown: ours")
    files, (result,) = allure_files(outcome(known.status, because=known.because, source=source))
    labels = {label["name"]: label["value"] for label in result["labels"]}
    assert result["status"] == "skipped"
    assert result["statusDetails"]["known"] is True
    assert result["parameters"] == [{"name": "client", "value": "boto3"}]
    assert result["links"][0]["url"] == "https://docs.example.org/aws.html#volumes"
    assert {name: labels[name] for name in ("parentSuite", "suite", "subSuite", "severity")} == {
        "parentSuite": "11. Volumes",
        "suite": "AttachVolume",
        "subSuite": "documented-call",
        "severity": "critical",
    }
    assert b"claim=conformant-with-deviations: " in files[ENVIRONMENT]
    assert json.loads(files[CATEGORIES]) == []


def test_allure_has_steps_exchange_and_calls_of_a_failure() -> None:
    """A failure shows what was arranged, asked, seen and judged, with the wire and the calls."""
    files, (result,) = allure_files(outcome(Status.FAILED))
    steps = result["steps"]
    assert [step["name"].partition(":")[0] for step in steps] == [
        "arranged",
        "asked",
        "seen",
        "judged",
    ]
    assert [step["status"] for step in steps] == ["passed", "passed", "passed", "failed"]
    attached = {each["name"]: files[each["source"]].decode() for each in steps[2]["attachments"]}
    assert "Action=AttachVolume&VolumeId=v1" in attached["exchange"]
    assert attached["CloudStack calls"] == "listVolumes id=v1  → 200"


def test_allure_results_are_the_same_each_time() -> None:
    """A record is rendered to the same files again, and a case keeps its history in other runs."""
    run = RecordedRun(made_run(every_status()))
    assert dict(allure_results(run)) == dict(allure_results(run))


def test_github_annotations_are_the_findings() -> None:
    """A job of GitHub Actions shows the claim and the most important findings; text of a target
    cannot make further commands."""
    hostile = "reply: a is '100%\r::error::x', expected 'b'\n::error title=x::y"
    cases = [
        outcome(Status.FAILED, kind=f"c{n}", because=f"reply: Field{chr(65 + n)} is 1, expected 2")
        for n in range(20)
    ]
    bad = outcome(Status.FAILED, kind="bad", because=hostile, security=True)
    unseen = outcome(Status.INCONCLUSIVE, kind="unseen", because="not observed")
    lines = list(github_annotations(made_run([*cases, bad, unseen])))
    assert lines[0].startswith("::error title=not-conformant::21 cases of 22 failed. Documented: 0")
    assert lines[1].startswith("::error title=security%2C must%2C 1 case%2C 1 client::AttachVolume")
    assert "100%25" in lines[1]
    assert lines[-1].startswith("::warning title=must%2C 1 case")
    assert len(lines) == 11
    assert not any("\n" in line or "\r" in line for line in lines)
    assert not list(github_annotations(made_run([outcome()])))
