"""Compares the objects that came of a tap with the files that it has read, by DuckDB.

    check FOLDER STREAM FILTER SOURCE...

The objects of a stream hold the records of the files that pass a filter, each once and value by value,
in columns of the types that the tap's schema tells of. The tap adds the file of each.
"""

import json
import sys
from pathlib import Path

import duckdb

TYPES = {
    "id": "BIGINT",
    "kind": "VARCHAR",
    "price": "DOUBLE",
    "big": "BIGINT",
    "at": "TIMESTAMP WITH TIME ZONE",
    "day": "DATE",
    "ok": "BOOLEAN",
    "tags": "BIGINT[]",
    "meta": "VARCHAR",
    "note": "VARCHAR",
    "_sdc_source_file": "VARCHAR",
}


def read(folder, stream):
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    rows = []
    for path in sorted(Path(folder).rglob(f"{stream}/**/*.parquet")):
        described = db.execute(f"DESCRIBE FROM read_parquet('{path}')").fetchall()
        types = {name: column_type for name, column_type, *_ in described}
        assert types == TYPES, types
        for row in db.execute(f"SELECT * FROM read_parquet('{path}')").fetchall():
            rows.append(dict(zip(types, row)))
    return sorted(rows, key=lambda row: row["id"])


def expected(sources, kind):
    records = []
    for source in sources:
        for record in map(json.loads, Path(source).read_text().splitlines()):
            if kind in ("all", record["kind"]):
                records.append({**record, "_sdc_source_file": source})
    return sorted(records, key=lambda record: record["id"])


def as_json(row):
    """As the tap has read it."""
    at = row["at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**row, "at": at, "day": str(row["day"]), "meta": json.loads(row["meta"])}


def check(folder, stream, kind, *sources):
    found = [as_json(row) for row in read(folder, stream)]
    expect = expected(sources, kind)
    assert len(found) == len(expect), f"{len(found)} rows instead of {len(expect)}"
    for one, other in zip(found, expect):
        assert one == other, f"{one} instead of {other}"


check(*sys.argv[1:])
