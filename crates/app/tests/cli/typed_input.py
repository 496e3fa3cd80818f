"""Makes the inputs of typed_input.rs, and reads the objects that came of them back with DuckDB.

    make FOLDER
    check FOLDER FORMAT CURSOR

Each object holds the records of the one day that its key names, told in New York; all together hold
the records of the input, value by value.
"""

import datetime as dt
import sys
from pathlib import Path

ZONE = "America/New_York"
ROWS = 3_000
TYPES = {
    "id": "BIGINT",
    "local": "TIMESTAMP",
    "instant": "TIMESTAMP WITH TIME ZONE",
    "day": "DATE",
    "epoch": "BIGINT",
    "small": "UTINYINT",
    "amount": "DECIMAL(12,2)",
    "ratio": "DOUBLE",
    "note": "VARCHAR",
}


def table():
    import pyarrow as pa

    start = dt.datetime(2013, 3, 9, 12)
    times = [start + dt.timedelta(minutes=n * 7 % 4_320, microseconds=n) for n in range(ROWS)]
    notes = [None if n % 5 == 0 else f'é"{n},\n' for n in range(ROWS)]
    meta = [None if n % 7 == 0 else {"at": times[n]} for n in range(ROWS)]
    micros = pa.timestamp("us")
    columns = {
        "id": pa.array(range(1 << 53, (1 << 53) + ROWS), pa.int64()),
        "local": pa.array(times, micros),
        "instant": pa.array(times, pa.timestamp("us", "UTC")),
        "day": pa.array([time.date() for time in times], pa.date32()),
        "epoch": pa.array([int(time.timestamp()) for time in times], pa.int64()),
        "small": pa.array([n % 256 for n in range(ROWS)], pa.uint8()),
        "amount": pa.array([n * 100 + 5 for n in range(ROWS)], pa.int64()).cast(pa.decimal128(21, 2)),
        "ratio": pa.array([n / 7 for n in range(ROWS)], pa.float64()),
        "note": pa.array(notes, pa.string()),
        "meta": pa.array(meta, pa.struct([pa.field("at", micros)])),
    }
    columns["amount"] = columns["amount"].cast(pa.decimal128(12, 2))
    required = pa.field("id", pa.int64(), nullable=False)
    fields = [required] + [pa.field(name, columns[name].type) for name in list(columns)[1:]]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


def make(folder):
    import pyarrow as pa
    import pyarrow.parquet as pq

    made = table()
    pq.write_table(made, f"{folder}/typed.parquet", row_group_size=1_000)
    with pa.OSFile(f"{folder}/typed.arrow", "wb") as file:
        with pa.ipc.new_file(file, made.schema) as writer:
            writer.write_table(made, max_chunksize=700)


def check(folder, form, cursor):
    import duckdb

    db = duckdb.connect()
    db.execute(f"SET TimeZone = '{ZONE}'")
    scalars = ", ".join(TYPES)
    db.execute(f"CREATE TABLE made AS SELECT {scalars}, meta.at AS meta FROM '{folder}/typed.parquet'")
    files = f"'{folder}/out/**/*.{form}', filename=true"
    if form == "parquet":
        read = f"SELECT {scalars}, meta.at AS meta, filename FROM read_parquet({files})"
        types = dict(row[:2] for row in db.execute("DESCRIBE FROM (" + read + ")").fetchall())
        assert types == {**TYPES, "meta": "TIMESTAMP", "filename": "VARCHAR"}, types
    else:
        cast = {name: f"{text(form, name)}::{type_} AS {name}" for name, type_ in TYPES.items()}
        cast["meta"] = f"({text(form, 'meta')}::JSON->>'$.at')::TIMESTAMP AS meta"
        rows = {
            "csv": f"read_csv({files}, all_varchar=true, allow_quoted_nulls=false)",
            "jsonl": f"read_ndjson_objects({files})",
        }
        read = f"SELECT {', '.join(cast.values())}, filename FROM {rows[form]}"
    db.execute(f"CREATE TABLE read AS {read}")
    for one, other in [("made", "read"), ("read", "made")]:
        row = f"{scalars}, meta"
        missing = f"SELECT {row} FROM {one} EXCEPT ALL SELECT {row} FROM {other}"
        found = db.execute(missing).fetchall()
        assert not found, f"{len(found)} of {one} are not in {other}, such as {found[0]}"
    days = {
        "local": "local",
        "instant": "instant::TIMESTAMPTZ",
        "day": "day",
        "epoch": "to_timestamp(epoch)",
    }
    named = f"strftime({days[cursor]}, '/%Y-%m-%d.')"
    stray = db.execute(f"SELECT filename, {named} FROM read WHERE NOT contains(filename, {named})")
    assert not (found := stray.fetchall()), f"in the wrong object: {found[:3]}"
    objects = {str(path) for path in Path(folder).rglob(f"out/**/*.{form}")}
    assert len(objects) in (3, 4), objects


def text(form, name):
    return name if form == "csv" else f"(json->>'$.{name}')"


def differ(folder):
    """What the first file says of its columns doesn't hold for the others."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def made(nullable, **columns):
        arrays = {name: pa.array(values, type_) for name, (values, type_) in columns.items()}
        fields = [pa.field(name, array.type, nullable) for name, array in arrays.items()]
        return pa.table(list(arrays.values()), schema=pa.schema(fields))

    a = made(False, id=([1, 2], pa.int64()), x=([0.5, 1.5], pa.float64()))
    b = made(True, id=([3, None], pa.int64()), x=([(1 << 53) + 1, 7], pa.int64()))
    c = made(True, x=([1e300, 2.5], pa.float64()))
    pq.write_table(a, f"{folder}/a.parquet")
    pq.write_table(b, f"{folder}/b.parquet")
    with pa.OSFile(f"{folder}/c.arrow", "wb") as file:
        with pa.ipc.new_file(file, c.schema) as writer:
            writer.write_table(c)
    Path(folder, "d.csv").write_text("id,x\n,1\n5,text\n")


def differed(folder):
    import duckdb

    found = []
    for name in ["s", "s-00002", "s-00003"]:
        rows = f"SELECT id::VARCHAR, x::VARCHAR FROM '{folder}/{name}.parquet'"
        found += duckdb.execute(rows).fetchall()
    assert found == [
        ("1", "0.5"),
        ("2", "1.5"),
        ("3", "9007199254740993.000000000000000000"),
        (None, "7.000000000000000000"),
        (None, "1e300"),
        (None, "2.5"),
        (None, '"1"'),
        ("5", '"text"'),
    ], found


COMMANDS = {"make": make, "check": check, "differ": differ, "differed": differed}
COMMANDS[sys.argv[1]](*sys.argv[2:])
