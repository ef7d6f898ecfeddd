"""Dockerfile and docker-compose.yml without a Docker engine: valid, kept small, and each service's command runs."""

import os
import re
import shlex
import shutil
import signal
import string
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from ruamel.yaml import YAML

from tests.acceptance.command import started
from tests.docs_pages import done
from tests.postgres import PASSWORD, USER, PostgresServer
from tests.sweeps.small import TOML

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent
OURS = ("create", "worker", "report", "dashboard")
VARIABLE = re.compile(r"\$\{(\w+):-((?:[^${}]|\$\{[^{}]*\})*)\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")


def interpolated(text: str, given: Mapping[str, str]) -> str:
    """A text of the compose file as Compose reads it."""
    while found := VARIABLE.search(text):
        text = text.replace(found[0], given.get(found[1]) or found[2])
    return text.replace("$$", "$")


def commands(service: Mapping[str, Any], given: Mapping[str, str]) -> list[list[str]]:
    """What a service runs, as arguments of regsearch."""
    words = [interpolated(word, given) for word in service["command"]]
    if "entrypoint" not in service:
        return [words]
    assert service["entrypoint"] == ["sh", "-ec"]
    own = {name: interpolated(value, given) for name, value in service["environment"].items()}
    lines = string.Template(" ".join(words)).substitute(own).split(";")
    return [[word.strip('"') for word in line.split()][1:] for line in lines]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    plain = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
    return subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, timeout=120)


def test_compose_file_fits_the_compose_specification() -> None:
    checked = run(SCRIPTS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_dockerfile_passes_hadolint() -> None:
    checked = run(SCRIPTS / "hadolint", "Dockerfile")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_services_are_postgres_and_ours(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", *OURS}


@pytest.mark.parametrize("service", OURS)
def test_service_keeps_its_results_in_the_postgres_service(service: str, compose: dict[str, Any]) -> None:
    url = compose["services"][service]["environment"]["REGSEARCH_STORAGE"]
    database = compose["services"]["postgres"]["environment"]
    assert url == f"postgresql+psycopg://{database['POSTGRES_USER']}@postgres/{database['POSTGRES_DB']}"


@pytest.mark.parametrize("service", [*OURS, "postgres"])
def test_service_is_kept_small(service: str, compose: dict[str, Any]) -> None:
    found = compose["services"][service]
    assert found["cap_drop"] == ["ALL"] and found["security_opt"] == ["no-new-privileges:true"]
    assert found["read_only"] and found["mem_limit"] and found["pids_limit"]
    assert found["logging"]["options"].keys() == {"max-size", "max-file"}
    assert found.get("restart") in (None, "on-failure:5", "unless-stopped")
    assert service == "postgres" or (found["user"] == "${REGSEARCH_USER:-1000:1000}" and "cap_add" not in found)
    assert service not in ("postgres", "dashboard") or "healthcheck" in found


def test_images_are_pinned(compose: dict[str, Any]) -> None:
    (base,) = re.findall(r"^FROM (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    for image in (base, compose["services"]["postgres"]["image"]):
        assert re.search(r":\d+\.\d+(\.\d+)?-", image), image


def test_passwords_are_files_that_a_script_makes_once_for_their_owner_alone(
    tmp_path: Path, compose: dict[str, Any]
) -> None:
    (tmp_path / "scripts").mkdir()
    script = shutil.copy(ROOT / "scripts/secrets.sh", tmp_path / "scripts")
    subprocess.run(["sh", script], check=True, capture_output=True)
    files = [tmp_path / secret["file"] for secret in compose["secrets"].values()]
    before = [file.read_text() for file in files]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600] * 3
    postgres, line, dashboard = before
    assert line == f"postgres:5432:regsearch:regsearch:{postgres}\n"
    assert len(postgres) == len(dashboard) == 48 and postgres != dashboard
    subprocess.run(["sh", script], check=True, capture_output=True)
    assert [file.read_text() for file in files] == before
    assert (tmp_path / ".env").read_text() == f"REGSEARCH_USER={os.getuid()}:{os.getgid()}\n"
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"secrets/", "files/", "results/", ".env"} <= set(ignored)


def test_all_services_in_order_end_in_a_report_and_a_dashboard_behind_its_password(
    postgres_server: PostgresServer, tmp_path: Path, compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = postgres_server.new_database()
    places = {name: tmp_path / name for name in ("files", "results", "secrets")}
    for place in places.values():
        place.mkdir()
    (places["files"] / "sweep.toml").write_text(TOML)
    line = f"127.0.0.1:{postgres_server.port}:{database}:{USER}:{PASSWORD}\n"
    for name, text in {"pgpass": line, "dashboard_password": "s3cret"}.items():
        (places["secrets"] / name).write_text(text)
        (places["secrets"] / name).chmod(0o600)
    moved = {"/run/secrets": str(places["secrets"]), "/results": str(places["results"]), "0.0.0.0": "127.0.0.1"}
    moved |= {"@postgres/regsearch": f"@127.0.0.1:{postgres_server.port}/{database}", "port=8080": "port=0"}

    def here(text: str) -> str:
        for there, place in moved.items():
            text = text.replace(there, place)
        return text

    given = {"REGSEARCH_SWEEP": "sweep.toml", "REGSEARCH_NAME": "small"}
    monkeypatch.chdir(places["files"])
    for name in ("create", "worker", "report"):
        service = compose["services"][name]
        for key in service["environment"].keys() - {"HOME"}:
            monkeypatch.setenv(key, here(interpolated(service["environment"][key], given)))
        for words in commands(service, given):
            said, code = done(f"regsearch {shlex.join(map(here, words))}")
            assert code == 0, said
    written = {path.name for path in (places["results"] / "small").iterdir()}
    assert {"best.toml", "comparison.png", "report.html"} <= written
    service = compose["services"]["dashboard"]
    own = {key: here(value) for key, value in service["environment"].items()}
    (words,) = commands(service, given)
    with started(*map(here, words), cwd=places["files"], **own) as serving:
        address = re.search(r"http://127\.0\.0\.1:\d+", serving.stderr.readline())[0]
        assert urlopen(f"{address}/healthz", timeout=20).status == 200
        with pytest.raises(HTTPError, match="401"):
            urlopen(f"{address}/api/studies", timeout=20)
        login = {"Authorization": f"Basic {b64encode(b'me:s3cret').decode()}"}
        assert b"small" in urlopen(Request(f"{address}/api/studies", headers=login), timeout=20).read()
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=60)


def test_nothing_but_the_dashboard_is_published_and_that_on_loopback_only(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"dashboard": ["127.0.0.1:8080:8080"]}


def test_workers_start_when_the_sweep_is_registered_and_that_when_postgres_answers(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert "healthcheck" in services["postgres"]
    assert services["create"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["worker"]["depends_on"] == {"create": {"condition": "service_completed_successfully"}}
    assert services["report"]["depends_on"] == {"worker": {"condition": "service_completed_successfully"}}
    for given in ({}, {"REGSEARCH_SWEEP": "a.toml", "REGSEARCH_NAME": "a"}):
        (create,), (worker,) = (commands(services[name], given) for name in ("create", "worker"))
        assert (create[1], worker[1]) == ((*given.values(),) or ("moons", "moons"))


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
