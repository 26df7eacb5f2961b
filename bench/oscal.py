#!/usr/bin/env python3
"""Reads OSCAL assessment results as an assessor's tool does, and says what they come to.

    python3 -m venv VENV && VENV/bin/pip install compliance-trestle
    credlint scan fixtures/demo --report oscal=results.json --exit-zero
    VENV/bin/python bench/oscal.py results.json

Ends with 1 if the model of compliance-trestle refuses the file, a UUID is there twice, or one that
is referred to is not there.
"""

import collections
import pathlib
import sys

from trestle.oscal.assessment_results import AssessmentResults


def uuids(node, found):
    if isinstance(node, dict):
        if "uuid" in node:
            found.append(str(node["uuid"]))
        for child in node.values():
            uuids(child, found)
    elif isinstance(node, list):
        for child in node:
            uuids(child, found)


def main(path):
    results = AssessmentResults.oscal_read(pathlib.Path(path))
    import json

    raw = json.loads(pathlib.Path(path).read_text())["assessment-results"]
    found = []
    uuids(raw, found)
    twice = [uuid for uuid, count in collections.Counter(found).items() if count > 1]
    if twice:
        sys.exit(f"there twice: {twice[:3]}")
    known = set(found)
    result = raw["results"][0]
    selected = {
        control["control-id"]
        for selection in result["reviewed-controls"]["control-selections"]
        for control in selection.get("include-controls", [])
    }
    states = collections.Counter()
    for finding in result.get("findings", []):
        for related in finding.get("related-observations", []):
            if related["observation-uuid"] not in known:
                sys.exit(f"no such observation: {related}")
        if finding["target"]["target-id"] not in selected:
            sys.exit(f"not among the reviewed controls: {finding['target']}")
        status = finding["target"]["status"]
        states[f"{status['state']} ({status['reason']})"] += 1
    if raw["import-ap"]["href"].lstrip("#") not in known:
        sys.exit("the plan is not there")
    print(f"{results.metadata.oscal_version.root}: {len(result.get('observations', []))} observations,", end=" ")
    print(f"{len(result.get('findings', []))} controls:", dict(sorted(states.items())))


if __name__ == "__main__":
    main(*sys.argv[1:])
