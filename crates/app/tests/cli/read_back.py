"""Reads the objects of main_job.rs back with DuckDB and compares them with the flights.

Each object holds the records of the one day that its key names; all together hold each record of
the source as often as the source does, value by value.
"""

import sys
from pathlib import Path

import duckdb

SOURCE, FOLDER, FORMAT, ZONE = sys.argv[1:]
# Some flights were cancelled: NA stands in these columns, so their other values are texts too.
WITH_NA = ["dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"]
TEXTS = ["carrier", "tailnum", "origin", "dest", *WITH_NA]

db = duckdb.connect()
db.execute(f"SET TimeZone = '{ZONE}'")
db.execute(f"CREATE TABLE texts AS FROM read_csv('{SOURCE}', all_varchar=true)")
NAMES = [name for name, *_ in db.execute("DESCRIBE texts").fetchall()]
FILES = f"'{FOLDER}/**/*.{FORMAT}', filename=true"


def read_csv():
    """Every value is the source's own text; a text that was quoted is no null."""
    db.execute(
        f"CREATE TABLE read AS FROM read_csv({FILES}, all_varchar=true, allow_quoted_nulls=false)"
    )
    return "texts"


def read_jsonl():
    """Every value is the source's own text, quoted only where it is no number."""
    db.execute(f"CREATE TABLE lines AS FROM read_ndjson_objects({FILES})")
    columns = ", ".join(f"json->>'$.{name}' AS {name}" for name in NAMES)
    db.execute(f"CREATE TABLE read AS SELECT {columns}, filename FROM lines")
    for name in NAMES:
        is_text = name in TEXTS or name == "time_hour"
        found = db.execute(f"SELECT DISTINCT json_type(json, '$.{name}') FROM lines").fetchall()
        assert found == [("VARCHAR" if is_text else "UBIGINT",)], (name, found)
    return "texts"


def read_parquet():
    """Every value has its real type."""
    db.execute(f"CREATE TABLE read AS FROM read_parquet({FILES})")
    columns = ", ".join(f"{name}::{type_of(name)} AS {name}" for name in NAMES)
    db.execute(f"CREATE TABLE typed AS SELECT {columns} FROM texts")
    return "typed"


def type_of(name):
    if name == "time_hour":
        return "TIMESTAMP WITH TIME ZONE"
    return "VARCHAR" if name in TEXTS else "BIGINT"


readers = {"csv": read_csv, "jsonl": read_jsonl, "parquet": read_parquet}
expected = readers[FORMAT.split(".")[0]]()
types = [row[:2] for row in db.execute("DESCRIBE read").fetchall() if row[0] != "filename"]
assert types == [row[:2] for row in db.execute(f"DESCRIBE {expected}").fetchall()], types

(count,) = db.execute("SELECT count(*) FROM read").fetchone()
assert count == 12_208, count

row = ", ".join(NAMES)
for one, other in [(expected, "read"), ("read", expected)]:
    missing = f"SELECT {row} FROM {one} EXCEPT ALL SELECT {row} FROM {other}"
    found = db.execute(missing).fetchall()
    assert not found, f"{len(found)} of {one} are not in {other}, such as {found[0]}"

stray = db.execute(
    "SELECT filename, time_hour FROM read WHERE NOT contains(filename, "
    "strftime(time_hour::TIMESTAMPTZ, '/%Y/%m/%d.'))"
).fetchall()
assert not stray, f"in the wrong object: {stray[:3]}"

names = {str(path) for path in Path(FOLDER).rglob(f"*.{FORMAT}")}
assert names == {name for (name,) in db.execute("SELECT DISTINCT filename FROM read").fetchall()}
