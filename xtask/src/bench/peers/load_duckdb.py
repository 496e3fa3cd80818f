"""Loads a file by DuckDB, as `cargo xtask bench peers` measures it.

    python load_duckdb.py lineitem.jsonl csv.gz out/lineitem.csv.gz

It writes a local file: what it writes into S3 with is an extension that is no part of its package, so
that in this table it has the easier task. The order of rows is kept, as all in the table keep it.
"""

import sys

import duckdb

# Each format's own defaults, but for parquet's compression.
WRITE = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER",
    "csv.gz": "FORMAT csv, HEADER, COMPRESSION gzip",
    "jsonl": "FORMAT json",
    "jsonl.gz": "FORMAT json, COMPRESSION gzip",
}
READ = {"jsonl": "read_ndjson", "csv": "read_csv", "parquet": "read_parquet"}


def relation(db, path):
    kind = path.rsplit(".", 1)[-1]
    if kind in READ:
        return f"{READ[kind]}('{path}')"
    # The way to Arrow files that its documentation has.
    from pyarrow import dataset

    db.register("input", dataset.dataset(path, format="arrow"))
    return "input"


def main(path, target, out):
    db = duckdb.connect()
    db.execute("SET enable_progress_bar = false")
    db.execute(f"COPY (FROM {relation(db, path)}) TO '{out}' ({WRITE[target]})")


main(*sys.argv[1:])
