#!/usr/bin/env python3
"""A DNS provider for Landfall that keeps its zones in a JSON file: an example to start from.

    ZONES_FILE=/srv/zones.json LANDFALL_EXEC_PROVIDER=/usr/local/bin/json-zones.py landfall check

The file: {"example.org": [{"id": "1", "name": "www.example.org", "type": "A", "content": "203.0.113.7", "ttl": 300}]}
"""
import fcntl
import json
import os
import sys


class Refused(Exception):
    """What this program will not do; the text is shown to the owner."""


def find(records, wanted):
    for record in records:
        if record["id"] == wanted.get("id"):
            return record
    raise Refused(f"record {wanted.get('id')} no longer exists")


def add(records, record):
    for other in records:
        if other["name"] == record["name"] and "CNAME" in (other["type"], record["type"]):
            raise Refused(f"{other['name']} already has {other['type']} {other['content']}")
    number = max((int(other["id"]) for other in records), default=0) + 1
    made = {"ttl": 300, **record, "id": str(number)}
    records.append(made)
    return made


def change(records, wanted):
    if wanted["action"] == "create":
        return {"record": add(records, wanted["record"])}
    if wanted["action"] == "update":
        existing = find(records, wanted["old"])
        existing.clear()
        existing.update({"ttl": 300, **wanted["record"]})
        return {"record": existing}
    records[:] = [record for record in records if record["id"] != wanted["record"].get("id")]
    return {}


def attempt(records, wanted):
    try:
        return change(records, wanted)
    except Refused as reason:
        return {"error": str(reason), "kind": "rejected"}


def answer(question, zones):
    if question["version"] != 1:
        raise Refused(f"this program speaks version 1, not {question['version']}")
    if question["operation"] == "zones":
        return {"zones": [{"id": name, "name": name} for name in sorted(zones)]}
    if question["zone"]["id"] not in zones:
        raise Refused(f"there is no zone {question['zone']['name']}")
    records = zones[question["zone"]["id"]]
    if question["operation"] == "records":
        return {"records": records}
    if question["operation"] == "apply":
        return {"results": [attempt(records, wanted) for wanted in question["changes"]]}
    challenge = question["challenge"]
    if question["operation"] == "publish":
        record = {"name": challenge["name"], "type": "TXT", "content": challenge["value"]}
        return {"id": add(records, record)["id"]}
    if question["operation"] == "remove":
        records[:] = [r for r in records if (r["name"], r["content"]) != (challenge["name"], challenge["value"])]
        return {}
    raise Refused(f"this program does not know {question['operation']}")


def main():
    question = json.load(sys.stdin)
    with open(os.environ["ZONES_FILE"], "r+", encoding="utf-8") as file:
        # Landfall may ask several questions at a time.
        fcntl.flock(file, fcntl.LOCK_EX)
        zones = json.load(file)
        try:
            result = answer(question, zones)
        except Refused as reason:
            result = {"error": str(reason), "kind": "rejected"}
        file.seek(0)
        json.dump(zones, file, indent=2)
        file.truncate()
    json.dump(result, sys.stdout)


main()
