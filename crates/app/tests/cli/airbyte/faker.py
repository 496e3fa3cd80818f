"""Compares objects that came of a source's messages with these, by DuckDB.

    faker.py FOLDER PRINTED...

The objects of a stream lie in a folder of its name. They have the columns of the source's schema, but
for one: what the source calls a time with a zone, and has none.
"""

import sys

import duckdb

ZONED = "TIMESTAMP WITH TIME ZONE"
PERSON = "name title email telephone gender language academic_degree nationality occupation height"
STREAMS = {
    "products": {
        "id": "BIGINT",
        "make": "VARCHAR",
        "model": "VARCHAR",
        "year": "BIGINT",
        "price": "DOUBLE",
        "created_at": ZONED,
        "updated_at": ZONED,
    },
    "users": {
        "id": "BIGINT",
        "created_at": ZONED,
        "updated_at": ZONED,
        **{name: "VARCHAR" for name in [*PERSON.split(), "blood_type", "address"]},
        "age": "BIGINT",
        "weight": "BIGINT",
    },
    "purchases": {
        "id": "BIGINT",
        "user_id": "BIGINT",
        "product_id": "BIGINT",
        "created_at": "TIMESTAMP",
        **{f"{name}_at": ZONED for name in ["updated", "added_to_cart", "purchased", "returned"]},
    },
}


def compare(folder, printed):
    db = duckdb.connect()
    db.execute("SET TimeZone = 'America/New_York'")
    db.execute(f"CREATE TABLE printed AS SELECT json FROM read_ndjson_objects({printed})")
    for stream, types in STREAMS.items():
        names = ", ".join(types)
        read = f"SELECT {names} FROM read_parquet('{folder}/{stream}/*.parquet', union_by_name=true)"
        described = db.execute(f"DESCRIBE FROM read_parquet('{folder}/{stream}/*.parquet')")
        found = dict(row[:2] for row in described.fetchall())
        assert found == types, f"{stream}: {found}"
        values = [f"(json->>'$.record.data.{name}')::{kind}" for name, kind in types.items()]
        of_stream = f"(json->>'$.type') = 'RECORD' AND (json->>'$.record.stream') = '{stream}'"
        made = f"SELECT {', '.join(values)} FROM printed WHERE {of_stream}"
        count = db.execute(f"SELECT count(*) FROM ({made})").fetchone()[0]
        assert count >= 30, f"{stream}: the source has printed {count} records"
        for one, other, what in [(made, read, "missing"), (read, made, "more than printed")]:
            rest = db.execute(f"({one}) EXCEPT ALL ({other})").fetchall()
            assert not rest, f"{stream}: {len(rest)} are {what}, such as {rest[0]}"


compare(sys.argv[1], sys.argv[2:])
