"""Runs a statement with DuckDB and prints what its view holds, a row a line."""

import sys
from pathlib import Path

import duckdb

STATEMENT, QUERY = sys.argv[1:]

db = duckdb.connect()
db.execute("SET TimeZone = 'UTC'")
db.execute(Path(STATEMENT).read_text())
for row in db.execute(QUERY).fetchall():
    print(row)
