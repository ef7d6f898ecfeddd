"""Dockerfile and docker-compose.yml without a Docker engine: valid, and each service runs a real command."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
OURS = ("create", "worker", "dashboard")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    plain = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
    return subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, timeout=120)


def test_compose_file_fits_the_compose_specification() -> None:
    done = run(SCRIPTS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_dockerfile_passes_hadolint() -> None:
    done = run(SCRIPTS / "hadolint", "Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_services_are_postgres_and_ours(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", *OURS}


@pytest.mark.parametrize("service", OURS)
def test_service_runs_a_command_that_exists_with_options_that_exist(service: str, compose: dict[str, Any]) -> None:
    command = compose["services"][service]["command"]
    words = command if isinstance(command, list) else shlex.split(command)
    done = run(SCRIPTS / "regsearch", words[0], "--help")
    assert done.returncode == 0, done.stderr
    for option in (word for word in words if word.startswith("--")):
        assert option in done.stdout


@pytest.mark.parametrize("service", OURS)
def test_service_keeps_its_results_in_the_postgres_service(service: str, compose: dict[str, Any]) -> None:
    url = compose["services"][service]["environment"]["REGSEARCH_STORAGE"]
    database = compose["services"]["postgres"]["environment"]
    assert url.startswith(f"postgresql+psycopg://{database['POSTGRES_USER']}:${{POSTGRES_PASSWORD:?")
    assert url.endswith(f"@postgres/{database['POSTGRES_DB']}")


def test_no_password_is_written_down(compose: dict[str, Any]) -> None:
    assert compose["services"]["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_nothing_but_the_dashboard_is_published_and_that_on_loopback_only(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"dashboard": ["127.0.0.1:8080:8080"]}


def test_workers_start_when_the_sweep_is_registered_and_that_when_postgres_answers(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert "healthcheck" in services["postgres"]
    assert services["create"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["worker"]["depends_on"] == {"create": {"condition": "service_completed_successfully"}}
    assert services["create"]["command"][1] == services["worker"]["command"][1] == "${REGSEARCH_SWEEP:-moons}"


def test_image_takes_dependencies_from_the_lock_and_runs_as_an_ordinary_user() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes" in dockerfile
    assert re.search(r"^USER 1000$", dockerfile, re.MULTILINE)
    assert dockerfile.index("USER 1000") < dockerfile.index('ENTRYPOINT ["regsearch"]')


def test_dockerignore_lets_in_all_that_the_dockerfile_copies() -> None:
    let_in = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    lines = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    copied = {word for line in lines for word in line.split()}
    assert copied == let_in
    for name in copied:
        assert (ROOT / name).exists(), name
