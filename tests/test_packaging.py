"""What is shipped: the wheel, the container's recipe, the pinned versions and the make targets."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("corpus", "index", "service", "eval")
TORCH = "2.13.0"


class Step(NamedTuple):
    """One instruction of a Dockerfile, its lines joined."""

    word: str
    rest: str


def steps() -> list[Step]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [Step(*line.strip().split(maxsplit=1)) for line in lines.replace("\\\n", " ").splitlines() if line.strip()]


def stages() -> list[list[Step]]:
    """The instructions of each stage; what stands before the first FROM belongs to none."""
    found: list[list[Step]] = []
    for step in steps():
        if step.word == "FROM":
            found.append([])
        if found:
            found[-1].append(step)
    return found


def rest_of(stage: list[Step], word: str) -> list[str]:
    return [step.rest for step in stage if step.word == word]


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    script = f"import hatchling.build; print(hatchling.build.build_wheel({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(folder / done.stdout.split()[-1])


def shipped(folder: str) -> set[str]:
    """The files below a folder of the repository that a user's installation needs."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


@pytest.mark.parametrize("folder", ["corpus/articles", "index/pack", "service/web", "eval"])
def test_the_wheel_carries_what_is_not_python(wheel, folder):
    expected = shipped(folder)
    assert expected
    assert expected <= set(wheel.namelist())


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_carries_every_module(wheel, package):
    modules = {name for name in shipped(package) if name.endswith(".py")}
    assert f"{package}/__init__.py" in modules
    assert modules <= set(wheel.namelist())


def test_the_wheel_carries_nothing_else(wheel):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert not [name for name in wheel.namelist() if name.endswith((".pyc", ".sqlite3"))]


def test_the_wheel_brings_the_command(wheel):
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    written = wheel.read(entry_points).decode()
    assert "fundstelle = service.cli:main" in written
    assert "[fundstelle.commands]\neval = eval.cli:main" in written


# The pinned versions


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines if not line.startswith("#")}


def test_constraints_are_exact_versions_and_nothing_else():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("#")
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line


def test_every_dependency_is_pinned_to_a_version_it_allows():
    pinned = pins()
    extras = PROJECT["project"]["optional-dependencies"]
    assert set(extras["eval"]) <= set(extras["test"])
    for text in [*PROJECT["project"]["dependencies"], *extras["test"], *extras["lint"]]:
        wanted = Requirement(text)
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, text


def test_torch_is_one_version_everywhere():
    assert pins()["torch"] == TORCH
    for name in ("Makefile", "Dockerfile"):
        found = set(re.findall(r"torch==([\d.]+\d)", (ROOT / name).read_text(encoding="utf-8")))
        assert found == {TORCH}, name


# The container's recipe: no engine is needed to see that these rules hold


def test_the_base_names_its_version():
    (base,) = [step.rest for step in steps() if step.word == "ARG"]
    assert re.fullmatch(r"PYTHON=3\.\d+-slim-[a-z]+", base)
    assert {step.rest.split()[0] for step in steps() if step.word == "FROM"} == {"python:${PYTHON}"}


def test_the_image_is_made_in_two_stages():
    build, final = stages()
    assert rest_of(build, "FROM")[0].endswith(" AS build")
    assert rest_of(final, "COPY") == ["--from=build /opt/fundstelle /opt/fundstelle"]
    assert not any("pip" in shlex.split(run, comments=True) for run in rest_of(final, "RUN"))


def test_the_service_runs_as_a_user_without_rights():
    final = stages()[-1]
    (user,) = rest_of(final, "USER")
    owner, group = user.split(":")
    assert int(owner) > 0
    assert int(group) > 0
    made = " ".join(rest_of(final, "RUN"))
    assert f"--uid {owner}" in made
    assert f"--gid {group}" in made
    assert final.index(Step("USER", user)) < final.index(Step("CMD", '["fundstelle", "serve"]'))


def test_data_lie_in_a_volume():
    final = stages()[-1]
    environment = dict(pair.split("=", 1) for env in rest_of(final, "ENV") for pair in shlex.split(env))
    assert rest_of(final, "VOLUME") == ["/data"]
    assert environment["FUNDSTELLE_DATA"] == "/data"
    assert rest_of(final, "EXPOSE") == [environment["FUNDSTELLE_PORT"]]


def test_the_health_check_needs_nothing_but_python():
    (check,) = rest_of(stages()[-1], "HEALTHCHECK")
    command = check.partition("CMD ")[2]
    words = tomllib.loads(f"words = {command}")["words"]
    assert words[:2] == ["python", "-c"]
    compile(words[2], "HEALTHCHECK", "exec")
    assert "/healthz" in words[2]


def test_no_secret_is_baked_in():
    for step in steps():
        if step.word in ("ENV", "ARG"):
            assert not re.search(r"KEY|SECRET|TOKEN|PASSWORD", step.rest), step.rest


def test_what_the_recipe_copies_exists_and_reaches_the_engine():
    admitted = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")
    }
    copied = {source for rest in rest_of(stages()[0], "COPY") for source in rest.split()[:-1]}
    assert copied == admitted
    assert all((ROOT / source).exists() for source in copied)
    assert set(PACKAGES) < copied


def test_the_linter_has_nothing_to_say():
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint is published for Linux on x86-64 alone")
    done = subprocess.run([linter, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


# The make targets and continuous integration


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_makefile_has_its_targets():
    assert {"serve", "test", "ask", "bench", "eval", "lint", "format", "clean", "docker", "lock"} <= targets()


@pytest.mark.parametrize(
    "target", ["serve", "test", "ask", "bench", "eval", "lint", "format", "samples", "lock", "docker", "clean"]
)
def test_make_can_plan_a_target(target):
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_question_reaches_the_program_as_typed(tmp_path):
    asked = """Was "kostet" $HOME und 'wer' zahlt $5 (ü)? `date`"""
    program = tmp_path / "bin" / "fundstelle"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nfor word; do last=$word; done; printf %s "$last"\n', encoding="utf-8")
    program.chmod(0o755)
    (tmp_path / ".runtime").touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "corpus.sqlite3").touch()
    done = subprocess.run(
        [
            "make",
            "-s",
            "-o",
            str(tmp_path / ".runtime"),
            "ask",
            f"VENV={tmp_path}",
            f"DATA={tmp_path}/data",
            f"Q={asked}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == asked, done.stderr


def test_continuous_integration_runs_the_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script
    assert script.rstrip().endswith("make test")
