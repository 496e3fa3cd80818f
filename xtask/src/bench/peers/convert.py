"""Writes lines of JSON as a file of another kind, which its name says: csv, parquet or arrow.

    python convert.py lineitem.jsonl lineitem.parquet

Times and numbers get types; the file keeps the order of the lines.
"""

import sys

import duckdb
import pyarrow


def main(path, out):
    db = duckdb.connect()
    db.execute("SET enable_progress_bar = false")
    relation = f"read_ndjson('{path}')"
    kind = out.rsplit(".", 1)[-1]
    if kind == "arrow":
        batches = db.sql(f"FROM {relation}").to_arrow_reader(65536)
        with pyarrow.OSFile(out, "wb") as file, pyarrow.ipc.new_file(file, batches.schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
    else:
        db.execute(f"COPY (FROM {relation}) TO '{out}' (FORMAT {kind})")


main(*sys.argv[1:])
