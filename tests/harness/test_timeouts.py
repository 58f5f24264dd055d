"""Cases of timeouts: their plan, clients side by side, and wrong commands that are caught."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures import profile
from fixtures.clients import DRIVERS
from fixtures.faults import MISBEHAVIOURS
from fixtures.model import (
    Case,
    Ec2Request,
    HarnessError,
    Level,
    Limit,
    Status,
    TimeoutScenario,
    Verdict,
)
from fixtures.plan.mapping import rows
from fixtures.runners.case_result import CaseResult
from fixtures.runners.cases import run_case
from fixtures.runners.session import Session
from fixtures.simulator.bridge.hooks import Hooks
from fixtures.simulator.mutations.catalogue import MUTATIONS
from fixtures.simulator.mutations.mutation import bridge_hooks
from fixtures.targets.target import Target
from suites.timeouts import TestTimeouts as Timeouts
from tests.support import faulty_commands
from tests.support.planned_suites import cases, table_cases

KINDS = [
    name.removeprefix("test_").replace("_", "-")
    for name in vars(Timeouts)
    if name.startswith("test_")
]
PLAN = {
    case.id: case
    for kind in KINDS
    for demand in Timeouts.demands(kind, rows())
    for case in cases("timeouts", demand)
}
# The bridge leaves the names of key pairs out.
WITHOUT_NAMES = bridge_hooks(
    lambda _: Hooks(reply=lambda _, text: re.sub("<keyName>.*?</keyName>", "", text))
)


def _scenario(case: Case) -> TimeoutScenario:
    assert isinstance(case.scenario, TimeoutScenario)
    return case.scenario


# --- the plan ---------------------------------------------------------------------------------


def test_each_command_meets_both_timeouts() -> None:
    """Each of the 38 commands is tried with each of the two documented options: 76 cases."""
    must = [case for case in PLAN.values() if case.level is Level.MUST]
    documented = {
        f"timeouts/{row.action}/{limit}[command]"
        for row in rows()
        for limit in ("connection-timeout", "request-timeout")
    }
    assert documented <= {case.id for case in must}
    assert len(documented) == 76
    for case in must:
        assert f"--{_scenario(case).limit}" in case.text or "both-timeouts" in case.id


def test_every_client_meets_every_misbehaviour() -> None:
    """Each client meets each misbehaviour, with a read and with a change, and can send the
    requests."""
    met = {(case.driver, _scenario(case).endpoint, case.row) for case in PLAN.values()}
    for driver in ("boto", "boto3", "soap", "command"):
        for endpoint in MISBEHAVIOURS:
            actions = {"DescribeAvailabilityZones", "StopInstances"}
            assert {(driver, endpoint, action) for action in actions} <= met
        assert (driver, "is_slow", "DeleteKeyPair") in met
        assert (driver, "keeps_the_answer", "DeleteKeyPair") in met
    for case in PLAN.values():
        wait = _scenario(case)
        assert (
            DRIVERS[case.driver].unsupported_reason(Ec2Request(wait.action, wait.arguments)) is None
        )
        assert wait.needs or ".name}" not in str(wait.arguments)


# --- ours -------------------------------------------------------------------------------------

OURS = [
    "timeouts/DeleteKeyPair/carried-out[command]",
    "timeouts/DeleteKeyPair/carried-out[boto]",
    "timeouts/DeleteKeyPair/slow-answer/longer[boto3]",
    "timeouts/DescribeKeyPairs/slow-answer/default[command]",
    "timeouts/DescribeKeyPairs/values/request-timeout-zero[command]",
    "timeouts/RunInstances/both-timeouts/connection-timeout[command]",
    "timeouts/RunInstances/values/request-timeout-negative[command]",
    "timeouts/StopInstances/connection-timeout[soap]",
    "timeouts/StopInstances/misbehaviour/drips_its_body[boto3]",
    "timeouts/StopInstances/misbehaviour/refuses[command]",
]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """A simulated deployment."""
    with Target(profile.load("simulated"), run="timeouts") as target, Session(target) as session:
        yield session


def test_clients_wait_side_by_side(session: Session) -> None:
    """Ten clients that wait two seconds and more take hardly longer than one, and no case takes
    their CloudStack calls for those of another case."""
    planned_cases = [PLAN[name] for name in OURS]
    ordinary = next(case for case in table_cases("documented-call") if case.row == "DeleteKeyPair")
    session.timeout_runner.expect(planned_cases)
    started = time.monotonic()
    done = {
        case.id: run_case(case, session)
        for case in [planned_cases[0], ordinary, *planned_cases[1:]]
    }
    lasted = time.monotonic() - started
    wrong = {name: ran.verdict for name, ran in done.items() if ran.verdict.status != "passed"}
    assert not wrong
    assert lasted < sum(done[name].seconds or 0 for name in OURS) / 2
    for name in OURS[:2]:
        observation = done[name].observation
        assert observation is not None
        assert observation.calls is not None
        changes = [call.command for call in observation.calls if not call.is_lookup]
        assert changes == ["deleteSSHKeyPair"]


def test_a_bridge_that_ignores_the_request_timeout_is_noticed(session: Session) -> None:
    """An answer that comes after the client's timeout does not count as an answer."""
    case = PLAN["timeouts/DeleteKeyPair/slow-answer/longer[boto]"]
    slower = replace(_scenario(case), limits={Limit.REQUEST: "1"})
    verdict = run_case(replace(case, scenario=slower), session).verdict
    assert verdict.status is Status.FAILED
    assert verdict.because.startswith("end: timed out: no complete answer within 1 s")


@pytest.mark.parametrize(
    "name",
    [
        "timeouts/DescribeKeyPairs/slow-answer/default[boto3]",
        "timeouts/DescribeKeyPairs/slow-answer/default[command]",
        "timeouts/DeleteKeyPair/carried-out[boto3]",
    ],
)
def test_a_fault_of_the_action_is_no_fault_of_the_wait(session: Session, name: str) -> None:
    """If the target does not carry the action out without a delay either, the case says that of
    the precondition, and nothing of the timeout."""
    deployment = session.target.deployment
    assert deployment is not None
    action = name.split("/")[1]
    mutation = MUTATIONS["silent-DeleteKeyPair"].apply
    broken = mutation if action == "DeleteKeyPair" else WITHOUT_NAMES
    with broken(deployment):
        verdict = run_case(PLAN[name], session).verdict
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.because.startswith(f"precondition: {action} fails without a delay, too: ")
    assert run_case(PLAN[name], session).verdict.status is Status.PASSED


def test_a_wrong_time_is_a_failure_whatever_the_action_does(session: Session) -> None:
    """If the end is late, too, the case fails: that is a fault of the wait."""
    deployment = session.target.deployment
    assert deployment is not None
    case = PLAN["timeouts/DescribeKeyPairs/slow-answer/longer[boto3]"]
    hasty = replace(_scenario(case), within=0.2)
    with WITHOUT_NAMES(deployment):
        verdict = run_case(replace(case, scenario=hasty), session).verdict
    assert verdict.status is Status.FAILED


def test_an_interrupted_run_leaves_nothing() -> None:
    """If a run is interrupted while clients wait, their resources are removed."""
    with Target(profile.load("simulated"), run="interrupted") as target, Session(target) as session:
        session.timeout_runner.expect([PLAN[name] for name in OURS[:6]])
        run_case(PLAN["timeouts/StopInstances/misbehaviour/refuses[command]"], session)
        assert target.resources.clouds["me"].call("listSSHKeyPairs")
        session.timeout_runner.close()
        assert not target.resources.clouds["me"].call("listSSHKeyPairs").get("sshkeypair")


def test_an_unknown_misbehaviour_is_named(session: Session) -> None:
    """A case with an endpoint that does not exist is an error of the harness."""
    case = PLAN["timeouts/StopInstances/request-timeout[boto]"]
    odd = replace(case, id="odd", scenario=replace(_scenario(case), endpoint="sings"))
    verdict = run_case(odd, session).verdict
    assert (verdict.status, verdict.because) == (Status.ERROR, "no endpoint misbehaves as 'sings'")


# --- liars ------------------------------------------------------------------------------------

STILL = "timeouts/{}/request-timeout[command]"
WAITING = {  # action → command, its defect, and the finding
    "DeleteSnapshot": ("ec2-delete-snapshot", faulty_commands.NO_DEFECT, ""),
    "StopInstances": (
        "ec2-stop-instances",
        faulty_commands.IGNORES_THE_TIMEOUT,
        "still waiting after 5.",
    ),
    "StartInstances": ("ec2-start-instances", faulty_commands.GIVES_UP_EARLY, "gave up after 1."),
    "TerminateInstances": (
        "ec2-terminate-instances",
        faulty_commands.LEAVES_A_PROCESS,
        "left processes behind",
    ),
    "DeleteVolume": (
        "ec2-delete-volume",
        faulty_commands.NAMES_THE_OTHER_LIMIT,
        "says that the connection-timeout ran out, expected the request-timeout",
    ),
    "RebootInstances": ("ec2-reboot-instances", faulty_commands.REPORTS_SUCCESS, "end: answered"),
    "DeleteKeyPair": (
        "ec2-delete-keypair",
        faulty_commands.PRINTS_ERROR_AND_SUCCEEDS,
        "reports success",
    ),
    "DescribeVolumes": (
        "ec2-describe-volumes",
        faulty_commands.SWALLOWS_THE_ERROR,
        "refuses what it was",
    ),
    "DescribeInstances": (
        "ec2-describe-instances",
        faulty_commands.PRINTS_RECORDS_AND_FAILS,
        "prints records, and fails",
    ),
}


@pytest.fixture(scope="module")
def timeout_results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CaseResult]:
    """The results of the wrong commands that were kept waiting, by action."""
    described = faulty_commands.write_faulty_commands(
        tmp_path_factory.mktemp("home"),
        {command: lie for command, lie, _ in WAITING.values()},
    )
    planned_cases = {action: PLAN[STILL.format(action)] for action in WAITING}
    with Target(described, run="liars") as target, Session(target) as session:
        session.timeout_runner.expect(planned_cases.values())
        return {action: run_case(case, session) for action, case in planned_cases.items()}


@pytest.mark.parametrize("action", WAITING)
def test_a_command_with_wrong_timeouts_is_noticed(
    timeout_results: dict[str, CaseResult], action: str
) -> None:
    """A command that ignores its timeout, gives up early, names the wrong one, reports success,
    or leaves a process behind fails its case, with that as the reason."""
    verdict = timeout_results[action].verdict
    finding = WAITING[action][2]
    assert verdict.status is (Status.FAILED if finding else Status.PASSED)
    assert finding in verdict.because
    early = action == "StartInstances"
    assert ("when others waited, too" in verdict.observed) == early, "put once more, and as early"


LIARS = {  # case → command, its defect, the status and the reason of the case
    "instances/RebootInstances/rejections/unknown-instance[command]": (
        "ec2-reboot-instances",
        faulty_commands.REPORTS_SUCCESS,
        Status.FAILED,
        "answered as if all were well, expected the error InvalidInstanceID",
    ),
    "keypairs/DeleteKeyPair/rejections/cloudstack-fails[command]": (
        "ec2-delete-keypair",
        faulty_commands.PRINTS_ERROR_AND_SUCCEEDS,
        Status.ERROR,
        "the command complains, and reports success",
    ),
    "snapshots/DeleteSnapshot/rejections/unknown-snapshot[command]": (
        "ec2-delete-snapshot",
        faulty_commands.SWALLOWS_THE_ERROR,
        Status.ERROR,
        "the command refuses what it was given",
    ),
    "volumes/DescribeVolumes/reply[command]": (
        "ec2-describe-volumes",
        faulty_commands.WRONG_COLUMN,
        Status.FAILED,
        "reply: Volumes[].VolumeId is ['",
    ),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    """The verdicts on ordinary cases with wrong commands."""
    described = faulty_commands.write_faulty_commands(
        tmp_path_factory.mktemp("home"), {command: lie for command, lie, *_ in LIARS.values()}
    )
    found = {case.id: case for case in table_cases() if case.id in LIARS}
    with Target(described, run="liars") as target, Session(target) as session:
        return {name: run_case(case, session).verdict for name, case in found.items()}


@pytest.mark.parametrize("name", LIARS)
def test_a_command_with_wrong_output_is_noticed(verdicts: dict[str, Verdict], name: str) -> None:
    """A command that reports success on a fault, swallows an error or prints a field in the wrong
    column never passes, and the verdict names what it did."""
    _, _, status, because = LIARS[name]
    assert verdicts[name].status is status
    assert because in verdicts[name].because


def test_undocumented_behaviour_of_the_classic_tools_is_not_claimed(tmp_path: Path) -> None:
    """A case about undocumented behaviour of the classic tools is not claimed for them, with that
    reason; our own tools must pass it."""
    unsettled = [case for case in PLAN.values() if _scenario(case).unsettled]
    commanded = [case for case in unsettled if case.driver == "command"]
    assert Counter(case.kind for case in commanded) == {"misbehaviour": 10, "values": 12}
    with (
        Target(faulty_commands.write_faulty_commands(tmp_path, {}), run="classic") as target,
        Session(target) as session,
    ):
        verdict = run_case(commanded[0], session).verdict
        assert verdict.status is Status.NOT_CLAIMED
        assert "not settled by anything published" in verdict.because
        with pytest.raises(HarnessError, match="cannot be started"):
            session.timeout_runner.result(PLAN[STILL.format("StopInstances")])
