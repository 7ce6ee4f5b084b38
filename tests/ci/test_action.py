"""The action for GitHub and the examples for build servers: held against their schemas, linted, and their scripts run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deliverability.cli import main

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ACTION = ROOT / "action.yml"
EXAMPLES = ROOT / "examples" / "ci"
STEPS: list[dict[str, Any]] = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
INPUTS: dict[str, dict[str, str]] = yaml.safe_load(ACTION.read_text("utf-8"))["inputs"]
BASH = shutil.which("bash") or "bash"


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def step(name: str) -> dict[str, Any]:
    (found,) = [each for each in STEPS if each["name"] == name]
    return found


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ACTION),
        ("vendor.github-workflows", EXAMPLES / "github.yml"),
        ("vendor.gitlab-ci", EXAMPLES / "gitlab-ci.yml"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_files_fit_their_schemas(schema: str, path: Path) -> None:
    transform = ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    done = run([str(BIN / "check-jsonschema"), "--builtin-schema", schema, *transform, str(path)])
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing() -> None:
    """No input in a script's text, no action by a tag that can move, no credentials kept, the least permissions."""
    files = [str(ACTION), str(EXAMPLES / "github.yml")]
    done = run([str(BIN / "zizmor"), "--offline", "--no-progress", "--persona", "auditor", *files])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout + done.stderr


def test_no_script_holds_an_expression_and_every_action_is_pinned() -> None:
    workflow = yaml.safe_load((EXAMPLES / "github.yml").read_text("utf-8"))
    steps = [*STEPS, *(each for job in workflow["jobs"].values() for each in job["steps"])]

    assert not [each for each in steps if "${{" in each.get("run", "")]
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each["uses"]) for each in steps if "uses" in each)
    used = {key for each in STEPS for key in re.findall(r"inputs\.([\w-]+)", json.dumps(each))}
    assert used == set(INPUTS)


@pytest.mark.parametrize("each", [each for each in STEPS if "run" in each], ids=lambda each: each["name"])
def test_shellcheck_finds_nothing(each: dict[str, Any], tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    script.write_text(each["run"], "utf-8")
    done = run(
        [str(BIN / "shellcheck"), "--shell=bash", "--severity=style", "--enable=quote-safe-variables", str(script)]
    )
    assert done.returncode == 0, done.stdout


# The scripts, run as a runner does


class Runner:
    """A stand-in for GitHub's runner: folders, files for outputs and summary, inputs with their defaults."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work space"
        self.temp = folder / "temp dir"
        self.output, self.summary = folder / "output", folder / "summary"
        self.github = {"action_repository": "owner/deliverability", "action_ref": "v1"}
        shutil.copytree(ROOT / "examples", self.work)
        (self.temp / "deliverability").mkdir(parents=True)
        self.output.touch()
        self.summary.touch()

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        return kept | {
            "LC_ALL": "C.UTF-8",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.work),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def installed(self) -> Runner:
        """As after the step that installs."""
        programs = self.temp / "deliverability" / "venv" / "bin"
        programs.mkdir(parents=True)
        (programs / "deliverability").symlink_to(BIN / "deliverability")
        return self

    def audit(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        values = {key: about["default"] for key, about in INPUTS.items()}
        values |= {key.replace("_", "-"): value for key, value in inputs.items()}
        assert set(values) == set(INPUTS)
        audit = step("Audit")
        variables = {name: self.filled(text, values) for name, text in audit["env"].items()}
        return self.script(audit["run"], variables)

    def filled(self, text: str, inputs: dict[str, str]) -> str:
        """An expression of the action as the runner fills it in."""
        found = re.fullmatch(r"\$\{\{ (inputs|github)\.([\w-]+) \}\}", text)
        assert found, text
        return inputs[found[2]] if found[1] == "inputs" else self.github[found[2]]

    def script(self, text: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        # `shell: bash` of a step.
        command = [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
        return run(command, cwd=self.work, env=self.environment | variables)

    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text("utf-8").splitlines())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path).installed()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The company as it was, recorded."""
    path = str(tmp_path_factory.mktemp("recording") / "dns.json")
    before = ROOT / "examples" / "before"
    arguments = ["--offline", "--zone", str(before), "--config", str(before / "deliverability.toml"), "--record", path]
    assert main(["audit", *arguments, "-q", "-o", os.devnull]) == 1
    return path


BEFORE = "before/deliverability.toml"


def test_findings_are_marked_summed_up_and_fail_the_step(runner: Runner, recording: str) -> None:
    done = runner.audit(config=BEFORE, replay=recording)

    assert done.returncode == 1, done.stderr
    assert f"::error file={BEFORE},line=2," in done.stdout
    assert "talleres-soler.example" in runner.summary.read_text("utf-8")
    outputs = runner.outputs()
    assert outputs["exit-code"] == "1"
    assert set(outputs) == {"exit-code", "answers"}
    assert json.loads(Path(outputs["answers"]).read_text("utf-8"))["answers"]


def test_codes_lead_to_the_pages_in_the_actions_repository(runner: Runner, recording: str) -> None:
    runner.audit(config=BEFORE, replay=recording, lang="es")

    pages = "https://github.com/owner/deliverability/blob/v1/docs/es/reference/rules"
    assert f"{pages}/SPF004.md" in runner.summary.read_text("utf-8")
    assert (ROOT / "docs" / "es" / "reference" / "rules" / "SPF004.md").exists()


def test_the_address_of_the_pages_is_an_input(runner: Runner, recording: str) -> None:
    runner.audit(config=BEFORE, replay=recording, rule_pages="none")

    assert "/reference/rules/" not in runner.summary.read_text("utf-8")


def test_further_files_tell_the_same(runner: Runner, recording: str) -> None:
    done = runner.audit(
        config=BEFORE, replay=recording, report="out report.json", format="json", sarif="out.sarif", lang="es"
    )

    assert done.returncode == 1, done.stderr
    outputs = runner.outputs()
    assert (outputs["report"], outputs["sarif"]) == ("out report.json", "out.sarif")
    report = json.loads((runner.work / "out report.json").read_text("utf-8"))
    sarif = json.loads((runner.work / "out.sarif").read_text("utf-8"))
    codes = {finding["code"] for finding in report["findings"]}
    assert codes == {result["ruleId"] for result in sarif["runs"][0]["results"]}
    assert all(code in done.stdout for code in codes if code.startswith("SPF004"))


def test_the_gate_is_an_input(runner: Runner, recording: str) -> None:
    assert runner.audit(config=BEFORE, replay=recording, fail_on="never").returncode == 0
    assert runner.outputs()["exit-code"] == "0"
    assert runner.audit(config=BEFORE, replay=recording, args="--select\nMX001").returncode == 0


def test_domains_by_blanks_and_lines_and_zones_by_lines(runner: Runner) -> None:
    done = runner.audit(
        domains=" talleres-soler.example\n\n  talleres-soler.example ",
        config="after/deliverability.toml",
        zone="after/talleres-soler.example.zone\nafter\n",
        args="--offline",
        incomplete="pass",
        report="report.md",
        format="markdown",
    )

    assert done.returncode == 0, done.stderr
    assert (runner.work / "report.md").read_text("utf-8").count("talleres-soler.example") > 1


@pytest.mark.parametrize(
    "inputs",
    [
        {"domains": "$(touch owned) `touch owned`;touch owned"},
        {"domains": '"; touch owned; "'},
        {"domains": "--output=owned"},
        {"domains": "empresa.example", "args": "; touch owned"},
        {"domains": "empresa.example", "lang": "es; touch owned"},
        {"config": "$(touch owned)"},
        {"config": "x --output=owned"},
    ],
    ids=lambda inputs: " ".join(inputs.values()),
)
def test_inputs_are_never_commands(inputs: dict[str, str], runner: Runner, recording: str) -> None:
    done = runner.audit(replay=recording, **inputs)

    assert done.returncode == 2
    assert "deliverability: error: " in done.stderr
    assert runner.outputs() == {"exit-code": "2"}
    assert not (runner.work / "owned").exists()


def test_a_report_path_cannot_write_outputs_of_its_own(runner: Runner, recording: str) -> None:
    runner.audit(config=BEFORE, replay=recording, report="a\nexit-code=0")

    assert runner.outputs()["exit-code"] == "1"


def test_nothing_to_audit(runner: Runner) -> None:
    assert runner.audit(args="--offline").returncode == 4
    assert runner.outputs() == {"exit-code": "4"}


def test_the_installation_keeps_to_an_environment_of_its_own(tmp_path: Path) -> None:
    """From the action's own checkout, whatever the path holds; the commands are recorded rather than run."""
    runner = Runner(tmp_path)
    log = tmp_path / "log"
    python = tmp_path / "python 3"
    python.write_text(
        f"""#!{BASH}
printf '%s\\n' "$0|$*" >>"{log}"
if [ "$2" = venv ]; then
  mkdir -p "$3/bin"
  cp "$0" "$3/bin/python"
  cp "$0" "$3/bin/deliverability"
fi
""",
        "utf-8",
    )
    python.chmod(0o755)
    done = runner.script(step("Install deliverability")["run"], {"PYTHON": str(python)})

    assert done.returncode == 0, done.stderr
    venv = runner.temp / "deliverability" / "venv"
    made, installed, shown = log.read_text("utf-8").splitlines()
    assert made == f"{python}|-m venv {venv}"
    assert installed.startswith(f"{venv}/bin/python|-m pip install ")
    assert installed.endswith(f" {ROOT}")
    assert shown == f"{venv}/bin/deliverability|--version"


def test_the_script_of_gitlab(runner: Runner, recording: str) -> None:
    """Both files are written, and the job ends as the audit did."""
    job = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text("utf-8"))["mail-proposal"]
    shutil.copy(recording, runner.work / "dns.json")
    shutil.copytree(runner.work / "after", runner.work / "dns")
    shutil.copy(runner.work / "before" / "deliverability.toml", runner.work)
    programs = runner.temp / "deliverability" / "venv" / "bin"
    done = runner.script("\n".join(job["script"]), {"PATH": f"{programs}:{os.environ['PATH']}"})

    assert done.returncode in (0, 1), done.stderr
    assert (runner.work / "deliverability.xml").read_text("utf-8").startswith("<?xml")
    assert "talleres-soler.example" in (runner.work / "deliverability.html").read_text("utf-8")
