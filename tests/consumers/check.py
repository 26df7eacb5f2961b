#!/usr/bin/env python3
"""Reads what credlint writes with the programs of others.

    python3 -m venv venv && venv/bin/pip install -r tests/consumers/requirements.txt
    venv/bin/python tests/consumers/check.py target/debug/credlint

Scans the demo, a tree without findings and one that cannot be read whole, in every format that
another program reads, and checks: JUnit with `junitparser`; OCSF with the JSON Schema of each
class of version 1.8.0; JSON and JSON Lines with `jsonschema` and the schemas in `schema/`; CSV
with Python's own reader. Ends with 1 and the reason when something is wrong.
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
from junitparser import Error, Failure, JUnitXml, Skipped
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ["fixtures/demo", "fixtures/clean", "fixtures/broken"]


def scan(program: str, target: str, form: str) -> str:
    run = subprocess.run(
        [program, "scan", target, "--as-of", "2026-11-20", "--no-config", "--format", form],
        cwd=ROOT, capture_output=True, check=False)
    assert run.returncode in (0, 1, 3), run.stderr.decode()
    return run.stdout.decode("utf-8")


def schema(name: str) -> dict:
    return json.loads((ROOT / "schema" / name).read_text())


def check_json(text: str) -> dict:
    report = json.loads(text)
    jsonschema.Draft202012Validator(schema("credlint-report-v1.schema.json")).validate(report)
    return report


def check_results(program: str, folder: Path) -> None:
    """A merged result is one, and a comparison keeps to its schema."""
    files = []
    for number, target in enumerate(INPUTS):
        files.append(folder / f"{number}.json")
        files[-1].write_text(scan(program, target, "json"))
    run = subprocess.run([program, "merge", *files, "--format", "json"],
                         capture_output=True, check=False)
    assert run.returncode == 1, run.stderr.decode()
    merged = check_json(run.stdout.decode())
    assert len(merged["parts"]) == len(INPUTS)
    run = subprocess.run([program, "diff", files[0], files[2], "--format", "json"],
                         capture_output=True, check=False)
    drift = json.loads(run.stdout)
    jsonschema.Draft202012Validator(schema("credlint-diff-v1.schema.json")).validate(drift)
    assert drift["changes"] and run.returncode == 1


def check_lines(text: str, report: dict) -> None:
    validator = jsonschema.Draft202012Validator(schema("credlint-lines-v1.schema.json"))
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        validator.validate(line)
    assert sum(line["type"] == "finding" for line in lines) == len(report["findings"])
    assert lines[-1]["conclusion"] == report["conclusion"]


def check_csv(text: str, report: dict) -> None:
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(None not in row and None not in row.values() for row in rows)
    findings = [row for row in rows if row["type"] == "finding"]
    assert [row["fingerprint"] for row in findings] == [f["fingerprint"] for f in report["findings"]]
    assert sum(row["type"] == "could not be checked" for row in rows) == len(report["problems"])


def check_junit(text: str, report: dict) -> None:
    xml = JUnitXml.fromstring(text.encode())
    results = [(case, result) for suite in xml for case in suite for result in case.result]
    of = lambda kind: [case for case, result in results if isinstance(result, kind)]
    assert len(of(Failure)) == xml.failures == report["conclusion"]["failing"]
    assert len(of(Error)) == xml.errors == len(report["problems"])
    assert len(of(Skipped)) == xml.skipped
    assert sum(1 for suite in xml for _ in suite) == xml.tests


def check_ocsf(text: str, report: dict, schemas: OcsfJsonSchemaEmbedded) -> None:
    events = [json.loads(line) for line in text.splitlines()]
    assert len(events) == len(report["findings"]) + 1
    validators: dict = {}
    for event in events:
        uid = event["class_uid"]
        if uid not in validators:
            name = schemas.lookup_class_name_from_uid(class_uid=uid)
            found = schemas.get_class_schema(class_name=name, profiles=[])
            validators[uid] = jsonschema.Draft202012Validator(found)
        validators[uid].validate(event)


def main() -> int:
    program = str(Path(sys.argv[1]).resolve())
    schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0"))
    for target in INPUTS:
        report = check_json(scan(program, target, "json"))
        check_lines(scan(program, target, "jsonl"), report)
        check_csv(scan(program, target, "csv"), report)
        check_junit(scan(program, target, "junit"), report)
        check_ocsf(scan(program, target, "ocsf"), report, schemas)
        print(f"{target}: {len(report['findings'])} findings, {len(report['problems'])} problems, "
              "read back from json, jsonl, csv, junit and ocsf")
    with tempfile.TemporaryDirectory() as folder:
        check_results(program, Path(folder))
    print("a merged result and a comparison keep to their schemas")
    return 0


if __name__ == "__main__":
    sys.exit(main())
