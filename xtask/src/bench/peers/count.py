"""Counts what a load has left at a place, and prints it as JSON.

    python count.py csv.gz s3://landing/polars-0          objects and bytes
    python count.py csv.gz s3://landing/polars-0 --rows   and records, which takes a while

A place is a folder or a prefix. The server and its keys are in the usual variables.
"""

import json
import os
import sys
import tempfile

import duckdb
from pyarrow import fs, parquet

COUNT = {
    "csv": "read_csv('{}', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"')",
    "jsonl": "read_ndjson_objects('{}')",
}


def open_place(place):
    if not place.startswith("s3://"):
        return fs.LocalFileSystem(), place
    scheme, host = os.environ["AWS_ENDPOINT_URL"].split("://")
    return fs.S3FileSystem(endpoint_override=host, scheme=scheme), place.removeprefix("s3://")


def objects_at(store, path, extension):
    """Without those that Spile keeps about its runs, whose keys begin with an underscore."""
    found = store.get_file_info(fs.FileSelector(path, recursive=True))
    return [it for it in found if it.is_file and it.path.endswith(extension) and "/_" not in it.path]


def rows_in(store, path, target):
    if target == "parquet":
        with store.open_input_file(path) as file:
            return parquet.read_metadata(file).num_rows
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy." + target)
        fs.copy_files(path, copy, source_filesystem=store, destination_filesystem=fs.LocalFileSystem())
        source = COUNT[target.split(".")[0]].format(copy)
        [(rows,)] = duckdb.sql(f"SELECT count(*) FROM {source}").fetchall()
        return rows


def main(target, place, rows=None):
    store, path = open_place(place)
    found = objects_at(store, path, "." + target)
    count = {"objects": len(found), "bytes": sum(it.size for it in found)}
    if rows:
        count["rows"] = sum(rows_in(store, it.path, target) for it in found)
    print(json.dumps(count))


main(*sys.argv[1:])
