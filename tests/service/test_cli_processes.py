from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-c", "import sys; from service.cli import main; sys.exit(main())"]
HEAVY = ("torch", "faiss", "transformers", "sentence_transformers", "fastapi", "trafilatura", "pypdf", "docx")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def quick(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own that reports which heavy modules it imported."""
    script = (
        "import atexit, sys; from service.cli import main\n"
        f"atexit.register(lambda: print('HEAVY', *[m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr))\n"
        "sys.exit(main())"
    )
    environment = {**os.environ, "FUNDSTELLE_DATA": str(data)}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["ask", "--help"], ["--version"], ["status"], ["settings"], ["documents"]]
)
def test_what_needs_no_model_imports_none(data: Path, arguments: list[str]) -> None:
    done = quick(data, *arguments)
    assert done.stderr.splitlines()[-1] == "HEAVY"
    assert done.stdout


def test_a_reader_that_has_seen_enough(data: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "settings"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


class Serving:
    """`fundstelle serve` in a process of its own, on a free port."""

    def __init__(self, data: Path, *arguments: str, **variables: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FUNDSTELLE_")}
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--data", str(data), "--port", "0", *arguments],
            env={**environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.address = self.line("Fundstelle listens on ").rsplit(" ", 1)[1]

    def __enter__(self) -> Serving:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def line(self, start: str) -> str:
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            if line.startswith(start):
                return line.strip()
        raise AssertionError(self.process.communicate()[1])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_can_be_stopped_while_the_encoder_loads(data: Path, number: signal.Signals) -> None:
    with Serving(data) as serving:
        assert httpx.get(f"{serving.address}/healthz").json() == {"status": "ok"}
        status, err = serving.stop(number)
    assert status == 0, err
    assert "Traceback" not in err
    assert "GET '/healthz' 200" in err


@pytest.mark.model
def test_the_first_start_with_samples_answers_the_question_it_suggests(data: Path) -> None:
    with Serving(data, "--samples") as serving:
        assert serving.line("Ready. Open http://127.0.0.1:")
        suggested = json.loads(serving.line("  curl -s ").split("-d ", 1)[1].strip("'"))
        reply = httpx.post(f"{serving.address}/v1/ask", json=suggested, timeout=60).json()
        assert reply["outcome"] == "answered"
        assert "baidu" in reply["citations"][0]["doc_id"]
        first = httpx.get(f"{serving.address}/v1/documents").json()["total"]
        removed = reply["citations"][0]["doc_id"]
        assert httpx.delete(f"{serving.address}/v1/documents/{removed}", timeout=60).status_code == 200
        assert serving.stop()[0] == 0
    with Serving(data, "--samples") as serving:  # what was removed must not come back with the next start
        assert httpx.get(f"{serving.address}/v1/documents").json()["total"] == first - 1
        assert serving.stop()[0] == 0
