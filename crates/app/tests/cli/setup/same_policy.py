"""Reads documents of `spile setup` as their own programs do, and compares the policies in them.

Usage: same_policy.py FOLDER, with NAME.json, NAME.tf, NAME.yaml and NAME.sh for each NAME.
"""

import json
import pathlib
import shlex
import sys

import hcl2
import yaml


def as_list(value):
    return value if isinstance(value, list) else [value]


def normal(policy):
    """Statements, each with lists where policies may have one thing or many."""
    assert policy["Version"] == "2012-10-17", policy["Version"]
    return [
        {
            "Sid": statement["Sid"],
            "Effect": statement["Effect"],
            "Principal": statement.get("Principal"),
            "Action": as_list(statement["Action"]),
            "Resource": as_list(statement.get("Resource", [])),
            "Condition": statement.get("Condition"),
        }
        for statement in policy["Statement"]
    ]


def of_yaml(path):
    (resource,) = yaml.safe_load(path.read_text())["Resources"].values()
    properties = resource["Properties"]
    if "Policies" in properties:
        (properties,) = properties["Policies"]
    document = properties.get("PolicyDocument") or properties["AssumeRolePolicyDocument"]
    return normal(document)


def of_sh(path):
    words = shlex.split(path.read_text())
    (document,) = (
        value for option, value in zip(words, words[1:]) if option.endswith("policy-document")
    )
    return normal(json.loads(document))


def text(value):
    """What stands between the quotes of HCL, which are like those of JSON here."""
    return json.loads(value)


def of_tf(path):
    (document,) = hcl2.loads(path.read_text())["data"]
    ((_, labelled),) = document.items()
    ((_, block),) = labelled.items()
    return [statement_of_tf(statement) for statement in block["statement"]]


def statement_of_tf(statement):
    principal = condition = None
    if "principals" in statement:
        (one,) = statement["principals"]
        (arn,) = one["identifiers"]
        principal = {text(one["type"]): text(arn)}
    if "condition" in statement:
        (one,) = statement["condition"]
        (value,) = one["values"]
        condition = {text(one["test"]): {text(one["variable"]): text(value)}}
    return {
        "Sid": text(statement["sid"]),
        "Effect": text(statement["effect"]),
        "Principal": principal,
        "Action": [text(action) for action in statement["actions"]],
        "Resource": [text(resource) for resource in statement.get("resources", [])],
        "Condition": condition,
    }


def main(folder):
    paths = sorted(folder.glob("*.json"))
    for path in paths:
        expected = normal(json.loads(path.read_text()))
        for suffix, read in ((".yaml", of_yaml), (".sh", of_sh), (".tf", of_tf)):
            found = read(path.with_suffix(suffix))
            assert found == expected, f"{path.stem}{suffix}: {found} is not {expected}"
    print(f"{len(paths)} documents are the same in 4 forms")


main(pathlib.Path(sys.argv[1]))
