"""Prints the columns and the rows of parquet objects, each object by its key, as DuckDB reads them."""

import sys
from pathlib import Path

import duckdb

(FOLDER,) = sys.argv[1:]

db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
for path in sorted(Path(FOLDER).rglob("*.parquet")):
    described = db.execute(f"DESCRIBE FROM read_parquet('{path}')").fetchall()
    columns = ", ".join(f"{name} {column_type}" for name, column_type, *_ in described)
    print(f"{path.relative_to(FOLDER)}: {columns}")
    for row in db.execute(f"SELECT * FROM read_parquet('{path}')").fetchall():
        print("  " + ", ".join(str(value) for value in row))
