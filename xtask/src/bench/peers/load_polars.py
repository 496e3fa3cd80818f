"""Loads a file into S3 by Polars, as `cargo xtask bench peers` measures it.

    python load_polars.py lineitem.jsonl csv.gz s3://landing/lineitem.csv.gz

The server and its keys are in the usual variables: AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY.
"""

import os
import sys

import polars

SCAN = {
    "jsonl": polars.scan_ndjson,
    "csv": polars.scan_csv,
    "parquet": polars.scan_parquet,
    "arrow": polars.scan_ipc,
}
STORAGE = {
    "aws_endpoint_url": os.environ["AWS_ENDPOINT_URL"],
    "aws_region": os.environ["AWS_REGION"],
    "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
    "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
    "aws_allow_http": "true",
}


def main(path, target, out):
    frame = SCAN[path.rsplit(".", 1)[-1]](path)
    # The engine that its guide to large data recommends. The order of rows is kept, as by the others.
    usual = {"engine": "streaming", "maintain_order": True, "storage_options": STORAGE}
    compression = "gzip" if target.endswith(".gz") else "uncompressed"
    if target == "parquet":
        frame.sink_parquet(out, compression="zstd", **usual)
    elif target.startswith("csv"):
        frame.sink_csv(out, compression=compression, **usual)
    else:
        frame.sink_ndjson(out, compression=compression, **usual)


main(*sys.argv[1:])
