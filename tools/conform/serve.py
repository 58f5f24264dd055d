"""`conform serve`: the simulated deployment as a server, to try clients against."""

from __future__ import annotations

import argparse
import json
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fixtures.model import HarnessError, UsageError
from tools.conform.arguments import port

if TYPE_CHECKING:
    from fixtures.simulator.deployment import Deployment, DeploymentOptions
    from fixtures.simulator.mutations.mutation import Mutation

_JOURNAL = 100  # calls that a served deployment keeps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Define the options."""
    for name, interface in (
        ("ec2", "EC2 and S3 interface"),
        ("api", "CloudStack API"),
        ("integration", "unsigned CloudStack API"),
    ):
        parser.add_argument(
            f"--{name}-port",
            type=port,
            default=0,
            metavar="P",
            help=f"port of the {interface} (default: a free one)",
        )
    parser.add_argument(
        "--cloudstack-url",
        metavar="URL",
        help="where the bridge sends CloudStack calls (default: to the simulated CloudStack)",
    )
    _add_databases(parser)
    parser.add_argument(
        "--storage",
        type=Path,
        metavar="DIR",
        help="where S3 objects are stored (default: beside the file of --db, or temporarily)",
    )
    _add_behaviour(parser)
    _add_observation(parser)


def _add_databases(parser: argparse.ArgumentParser) -> None:
    database = parser.add_mutually_exclusive_group()
    database.add_argument(
        "--db", metavar="URL", help="SQLAlchemy URL of the database (default: SQLite in memory)"
    )
    database.add_argument(
        "--db-properties",
        type=Path,
        metavar="FILE",
        help="read the databases from a db.properties in CloudStack's format",
    )
    database.add_argument(
        "--config",
        type=Path,
        metavar="DIR",
        help="a directory that conform init made: its server.xml names the ports, its db.properties"
        " the databases, the global settings what is enabled; SIGHUP restarts the server",
    )


def _add_behaviour(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cloudstack-line",
        default="4.4",
        metavar="LINE",
        help="the version and error texts of this line of CloudStack, 4.4 (the default) or 4.11",
    )
    parser.add_argument(
        "--usage",
        type=int,
        default=0,
        metavar="N",
        help="also run N usage servers, as processes of their own, on the database of --db",
    )
    defect = "give the deployment this defect, such as silent-StopInstances; repeatable"
    parser.add_argument("--mutant", action="append", default=[], metavar="NAME", help=defect)


def _add_observation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--api-log",
        type=Path,
        metavar="FILE",
        help="log CloudStack calls in the format of CloudStack's apilog.log",
    )
    parser.add_argument(
        "--write-profile",
        type=Path,
        metavar="FILE",
        help="write a profile of this deployment, for conform run --target FILE",
    )
    parser.add_argument(
        "--observer",
        choices=("proxy", "api-log", "events", "none"),
        help="how a run with that profile observes CloudStack calls (default: none)",
    )


def execute(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; one line of JSON says when and where."""
    from fixtures.simulator.errors import ConfigurationError, SimulatorError

    try:
        _serve(options)
    except ConfigurationError as error:
        raise UsageError(str(error)) from error
    except SimulatorError as error:
        raise HarnessError(str(error)) from error
    return 0


def _serve(options: argparse.Namespace) -> None:
    from fixtures.simulator.usage_server.processes import UsageProcesses

    stopped, restart = Event(), Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    if options.config is not None:
        signal.signal(signal.SIGHUP, lambda *_: restart.set())
    mutation = _mutation(options)
    deployment_options = _deployment_options(options, mutation)
    with ExitStack() as stack:
        deployment = stack.enter_context(_deployment(options, deployment_options, restart.set))
        if mutation is not None:
            stack.enter_context(mutation.apply(deployment))
        usage = stack.enter_context(UsageProcesses(deployment, options.usage))
        profile = _write_profile(options, deployment_options, deployment)
        _warn(deployment)
        _print_details(deployment, profile)

        def wait(seconds: float) -> bool:
            if restart.is_set():
                restart.clear()
                deployment.restart()
                _warn(deployment)
                _print_details(deployment, profile)
            return stopped.wait(seconds)

        deployment.run_until(usage.following(wait))


@contextmanager
def _deployment(
    options: argparse.Namespace,
    deployment_options: DeploymentOptions,
    restart: Callable[[], None],
) -> Iterator[Deployment]:
    from sqlalchemy.exc import SQLAlchemyError

    from fixtures.simulator.deployment import Deployment

    with ExitStack() as stack:
        try:
            deployment = Deployment(deployment_options)
            deployment.restart_order = restart
            # Only observers in the same process read the journal: here it would but fill memory.
            deployment.management.journal.keep_at_most(_JOURNAL)
            stack.enter_context(deployment)
        except (SQLAlchemyError, ModuleNotFoundError) as error:  # no such database, or driver
            text = f"the database of {_database_option(options)} cannot be used: {error}"
            raise UsageError(text) from error
        yield deployment


def _write_profile(
    options: argparse.Namespace, deployment_options: DeploymentOptions, deployment: Deployment
) -> Path | None:
    """The profile that was written, if one is asked for."""
    if not options.write_profile:
        return None
    from tools.conform import served_profile

    details = served_profile.connection_details(deployment)
    urls = deployment_options.cloudstack_url, deployment_options.api_log
    observer = served_profile.observer_table(options.observer, details, *urls)
    return served_profile.write_profile(options.write_profile, details, observer)


def _print_details(deployment: Deployment, profile: Path | None) -> None:
    from tools.conform import served_profile

    details = served_profile.connection_details(deployment)
    if profile is not None:
        details["profile"] = str(profile)
    print(json.dumps(details), flush=True)


def _warn(deployment: Deployment) -> None:
    """Print why the Amazon interface is not served, or what will make its requests fail."""
    from fixtures.server_files.bridge_properties import address_findings
    from fixtures.server_files.directory import LOADED, read_ports

    lines = [deployment.problem] if deployment.problem else []
    if deployment.options.configuration is not None:
        seen = read_ports(deployment.options.configuration)
        if LOADED in seen.files and not lines:
            lines = list(address_findings(seen.bridge, seen.files[LOADED], LOADED))
    for line in lines:
        print(f"conform: {line}", file=sys.stderr, flush=True)


def _database_option(options: argparse.Namespace) -> str:
    if options.config is not None:
        return "--config"
    return "--db" if options.db_properties is None else "--db-properties"


def _deployment_options(
    options: argparse.Namespace, mutation: Mutation | None
) -> DeploymentOptions:
    cloudstack_url, api_log = _observer_endpoints(options)
    _check_ports(options)
    _check_usage(options)
    found = _database_options(options, mutation)
    return replace(
        found,
        ec2_port=options.ec2_port,
        api_port=options.api_port,
        # A directory's server has it where the global setting says so.
        integration_port=options.integration_port or (None if options.config else 0),
        storage_root=options.storage or found.storage_root,
        cloudstack_url=cloudstack_url,
        cloudstack_line=options.cloudstack_line,
        api_log=api_log,
        shared_databases=options.usage > 0,
    )


def _check_ports(options: argparse.Namespace) -> None:
    ports = (options.ec2_port, options.api_port, options.integration_port)
    fixed = [number for number in ports if number]
    if options.config is not None and (options.ec2_port or options.api_port):
        raise UsageError(f"--config: {options.config / 'server.xml'} names the ports; change it")
    if len(fixed) != len(set(fixed)):
        raise UsageError(
            f"each interface needs a port of its own, not {', '.join(map(str, fixed))}"
        )


def _check_usage(options: argparse.Namespace) -> None:
    if options.usage < 0:
        raise UsageError(f"--usage {options.usage}: a number of usage servers, 0 or more")
    if options.usage and not (options.db or options.db_properties or options.config):
        raise UsageError(
            "--usage: other processes need a database, too: --db, --db-properties or --config"
        )


def _mutation(options: argparse.Namespace) -> Mutation | None:
    if not options.mutant:
        return None
    from fixtures.simulator.mutations.catalogue import find_mutation
    from fixtures.simulator.mutations.mutation import combine_mutations

    return combine_mutations([find_mutation(name) for name in options.mutant])


def _database_options(options: argparse.Namespace, mutation: Mutation | None) -> DeploymentOptions:
    """The deployment's options for its databases, and for what is stored beside them."""
    from fixtures.simulator.configuration.bridge_files import read_bridge_files
    from fixtures.simulator.deployment import DeploymentOptions
    from fixtures.simulator.management import properties

    read = properties.read if mutation is None else mutation.read_databases
    file = options.db_properties
    if options.config is not None:
        file = options.config / "db.properties"
    if mutation is not None and read is not properties.read and file is None:
        raise UsageError(
            f"--mutant {mutation.name} changes how a db.properties is read: --db-properties FILE"
        )
    if file is not None:
        databases = read(file)
        found = DeploymentOptions(database_url=databases.cloud, usage_url=databases.usage)
        if options.config is None:
            return found
        directory = options.config.absolute()
        root = read_bridge_files(directory).storage_root
        return replace(found, settings={}, configuration=directory, storage_root=root)
    if options.db is not None:
        return DeploymentOptions(database_url=options.db)
    return DeploymentOptions()


def _observer_endpoints(options: argparse.Namespace) -> tuple[str | None, Path | None]:
    """Where the bridge sends its calls and where CloudStack logs them, so that the observer of the
    written profile finds them there. The bridge sends nothing before its first request."""
    url, log, profile = options.cloudstack_url, options.api_log, options.write_profile
    if options.observer and profile is None:
        raise UsageError("--observer is for the profile that --write-profile writes")
    if options.observer == "proxy":
        parts = urlsplit(url or _unused_url())
        if parts.scheme != "http" or not parts.hostname or not parts.port:
            raise UsageError(
                f"--observer proxy needs a URL with http and a port: --cloudstack-url {url!r}, "
                "give http://HOST:PORT/…"
            )
        return parts.geturl(), log
    if options.observer == "api-log" and log is None:
        log = profile.absolute().with_suffix(".apilog")
    return url, log and log.absolute()


def _unused_url() -> str:
    from fixtures.simulator.deployment import API_PATH

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}{API_PATH}"
