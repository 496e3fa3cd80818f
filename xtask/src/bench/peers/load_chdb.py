"""Loads a file into S3 by chDB, as `cargo xtask bench peers` measures it.

    python load_chdb.py lineitem.jsonl csv.gz s3://landing/lineitem.csv.gz

The server and its keys are in the usual variables: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY.
"""

import os
import sys

import chdb

FORMATS = {
    "jsonl": "JSONEachRow",
    "csv": "CSVWithNames",
    "parquet": "Parquet",
    "arrow": "Arrow",
}


def main(path, target, out):
    url = out.replace("s3://", os.environ["AWS_ENDPOINT_URL"] + "/", 1)
    key, secret = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
    source = FORMATS[path.rsplit(".", 1)[-1]]
    # Zstandard is what its parquet has by default, and the end of the key tells it of gzip.
    chdb.query(
        f"INSERT INTO FUNCTION s3('{url}', '{key}', '{secret}', '{FORMATS[target.split('.')[0]]}') "
        f"SELECT * FROM file('{path}', '{source}') SETTINGS s3_truncate_on_insert = 1"
    )


main(*sys.argv[1:])
