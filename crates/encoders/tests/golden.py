"""Reads the objects of golden.rs back with DuckDB, pyarrow and Polars, and compares each value.

Exact types are compared: int, Decimal, float (not a number is equal to itself), datetime. What a
reader can't hold exactly is left out by name, never compared loosely.
"""

import datetime as dt
import json
import math
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

UTC = dt.timezone.utc
FOLDER = Path(sys.argv[1])
PARQUET = ["parquet", "snappy.parquet", "gzip.parquet", "lz4.parquet", "none.parquet"]
NAN = float("nan")


def utc(*args):
    return dt.datetime(*args, tzinfo=UTC)


def rows(**columns):
    return [dict(zip(columns, values)) for values in zip(*columns.values())]


# As parquet holds them.
JSON = rows(
    id=[9007199254740993, -9223372036854775808, 0, 1],
    huge=[Decimal(18446744073709551616), Decimal(1), None, None],
    price=[1.1, 1e300, None, 0.30000000000000004],
    amount=[Decimal("12345678901234567.89"), Decimal("0.01"), None, Decimal("-5.00")],
    flag=[True, False, None, None],
    name=["", 'a,"b"\r\nc\\d', None, "NULL"],
    zip=["00501", "1e5", None, None],
    day=[dt.date(2013, 1, 1), dt.date(1969, 12, 31), None, None],
    at=[utc(2013, 1, 1, 8), utc(1969, 12, 31, 23, 59, 59, 999999), None, None],
    local=[dt.datetime(2013, 1, 1, 10, 0, 0, 1), dt.datetime(2262, 4, 12), None, None],
    fine=["2013-01-01T10:00:00.1234567Z", "2016-12-31T23:59:60Z", None, None],
    nested=[{"x": [1, None], "y": {"z": 'q"uote'}}, {"x": [], "y": {"z": "é😀"}}, None, None],
    tags=[["a", ""], [], None, None],
    mixed=["5", '"5"', None, '[1,{"k":2.50}]'],
    nothing=[None, None, None, None],
)

# As csv holds them: each its own text.
JSON_CSV = rows(
    id=["9007199254740993", "-9223372036854775808", "0", "1"],
    huge=["18446744073709551616", "1", None, None],
    price=["1.10", "1e300", None, "0.30000000000000004"],
    amount=["12345678901234567.89", "0.01", None, "-5"],
    flag=["true", "false", None, None],
    name=["", 'a,"b"\r\nc\\d', None, "NULL"],
    zip=["00501", "1e5", None, None],
    day=["2013-01-01", "1969-12-31", None, None],
    at=["2013-01-01T10:00:00+02:00", "1969-12-31T23:59:59.999999Z", None, None],
    local=["2013-01-01 10:00:00.000001", "2262-04-12T00:00:00", None, None],
    fine=["2013-01-01T10:00:00.1234567Z", "2016-12-31T23:59:60Z", None, None],
    nested=[
        '{"x":[1,null],"y":{"z":"q\\"uote"}}',
        '{"y":{"z":"é\\ud83d\\ude00"},"x":[]}',
        None,
        None,
    ],
    tags=['["a",""]', "[]", None, None],
    mixed=["5", "5", None, '[1,{"k":2.50}]'],
    nothing=[None, None, None, None],
)

# As jsonl holds them: numbers by their text.
JSON_JSONL = [
    {
        "id": 9007199254740993,
        "huge": 18446744073709551616,
        "price": Decimal("1.10"),
        "amount": Decimal("12345678901234567.89"),
        "flag": True,
        "name": "",
        "zip": "00501",
        "day": "2013-01-01",
        "at": "2013-01-01T10:00:00+02:00",
        "local": "2013-01-01 10:00:00.000001",
        "fine": "2013-01-01T10:00:00.1234567Z",
        "nested": {"x": [1, None], "y": {"z": 'q"uote'}},
        "tags": ["a", ""],
        "mixed": 5,
        "nothing": None,
    },
    {
        "id": -9223372036854775808,
        "huge": 1,
        "price": Decimal("1e300"),
        "amount": Decimal("0.01"),
        "flag": False,
        "name": 'a,"b"\r\nc\\d',
        "zip": "1e5",
        "day": "1969-12-31",
        "at": "1969-12-31T23:59:59.999999Z",
        "local": "2262-04-12T00:00:00",
        "fine": "2016-12-31T23:59:60Z",
        "nested": {"y": {"z": "é😀"}, "x": []},
        "tags": [],
        "mixed": "5",
        "nothing": None,
    },
    dict.fromkeys(JSON[0], None) | {"id": 0},
    {
        "id": 1,
        "name": "NULL",
        "mixed": [1, {"k": Decimal("2.50")}],
        "price": Decimal("0.30000000000000004"),
        "amount": -5,
    },
]

TEXT = rows(
    id=[9007199254740993, -1, None],
    zip=["00501", "1.10", "+5"],
    price=[1.5, 2.0, 1e300],
    flag=[True, False, None],
    name=["", None, 'a,"b"\r\nc'],
    at=[utc(2013, 1, 1, 10, 0, 0, 500000), None, utc(1969, 12, 31, 23, 59, 59)],
)

TEXT_CSV = rows(
    id=["9007199254740993", "-1", None],
    zip=["00501", "1.10", "+5"],
    price=["1.5", "2", "1e300"],
    flag=["true", "false", None],
    name=["", None, 'a,"b"\r\nc'],
    at=["2013-01-01T10:00:00.500Z", None, "1969-12-31T23:59:59Z"],
)

TEXT_JSONL = rows(
    id=[9007199254740993, -1, None],
    zip=["00501", "1.10", "+5"],
    price=[Decimal("1.5"), 2, Decimal("1e300")],
    flag=[True, False, None],
    name=["", None, 'a,"b"\r\nc'],
    at=["2013-01-01T10:00:00.500Z", None, "1969-12-31T23:59:59Z"],
)

SINGLE = [0.10000000149011612, 1.0000000150474662e30]

COLUMNS = rows(
    tiny=[-128, 127],
    unsigned=[18446744073709551615, None],
    single=SINGLE,
    double=[0.1, NAN],
    decimal=[Decimal("-1.10"), None],
    flag=[True, None],
    day=[dt.date(1969, 12, 31), None],
    clock=[dt.time(0, 0, 0, 1), dt.time(23, 59, 59, 999999)],
    local=[dt.datetime(1969, 12, 31, 23, 59, 59, 999999), None],
    at=[utc(1970, 1, 1, 0, 0, 0, 1), utc(1970, 1, 1)],
    nanos=[dt.datetime(1970, 1, 1, 0, 0, 0, 1001), dt.datetime(1970, 1, 1)],
    bytes=[b"\x00\xff", None],
    text=['é"\n', ""],
    word=["a", None],
    record=[{"x": 1}, {"x": None}],
    list=[[1, None], None],
)

COLUMNS_CSV = rows(
    tiny=["-128", "127"],
    unsigned=["18446744073709551615", None],
    single=["0.1", "1e30"],
    double=["0.1", "NaN"],
    decimal=["-1.10", None],
    flag=["true", None],
    day=["1969-12-31", None],
    clock=["00:00:00.000001", "23:59:59.999999"],
    local=["1969-12-31T23:59:59.999999", None],
    at=["1970-01-01T00:00:00.000001Z", "1970-01-01T00:00:00Z"],
    nanos=["1970-01-01T00:00:00.001001", "1970-01-01T00:00:00"],
    bytes=["AP8=", None],
    text=['é"\n', ""],
    word=["a", None],
    record=['{"x":1}', '{"x":null}'],
    list=["[1,null]", None],
)

COLUMNS_JSONL = [
    row
    | {
        "tiny": [-128, 127][at],
        "unsigned": [18446744073709551615, None][at],
        "single": [Decimal("0.1"), Decimal("1e30")][at],
        "double": [Decimal("0.1"), "NaN"][at],
        "decimal": [Decimal("-1.10"), None][at],
        "flag": [True, None][at],
        "record": [{"x": 1}, {"x": None}][at],
        "list": [[1, None], None][at],
    }
    for at, row in enumerate(COLUMNS_CSV)
]


def same(found, expected):
    """Equal in value and in type."""
    if type(found) is not type(expected):
        return False
    if isinstance(found, dict):
        return found.keys() == expected.keys() and all(same(found[k], expected[k]) for k in found)
    if isinstance(found, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    if isinstance(found, float) and math.isnan(found):
        return math.isnan(expected)
    if isinstance(found, dt.datetime):
        return found == expected and found.utcoffset() == expected.utcoffset()
    return found == expected


FAULTS = []


def compare(what, found, expected):
    """Compares rows of dicts."""
    if len(found) != len(expected):
        FAULTS.append(f"{what}: {len(found)} rows instead of {len(expected)}")
        return
    for number, (row, wanted) in enumerate(zip(found, expected)):
        if row.keys() != wanted.keys():
            FAULTS.append(f"{what}, row {number}: columns {list(row)} instead of {list(wanted)}")
            continue
        for name, value in wanted.items():
            if not same(row[name], value):
                FAULTS.append(f"{what}, row {number}, {name}: {row[name]!r} instead of {value!r}")


def duck(query):
    relation = DUCK.sql(query)
    return [dict(zip(relation.columns, row)) for row in relation.fetchall()]


DUCK = duckdb.connect()
DUCK.execute("SET TimeZone = 'UTC'")


def as_utc(found):
    """DuckDB and Polars name their zone otherwise: the offset is what counts."""

    def fixed(value):
        zoned = isinstance(value, dt.datetime) and value.tzinfo
        return value.astimezone(UTC) if zoned else value

    return [{name: fixed(value) for name, value in row.items()} for row in found]


def parquet(form, expected):
    for extension in PARQUET:
        path = str(FOLDER / f"{form}.{extension}")
        table = pa.parquet.read_table(path)
        ours = pa.parquet.ParquetFile(path).metadata
        if ours.created_by != "spile":
            FAULTS.append(f"{path}: created by {ours.created_by}")
        compare(f"pyarrow {path}", plain(table), expected)
        compare(f"DuckDB {path}", as_utc(duck(f"FROM read_parquet('{path}')")), expected)
        compare(f"Polars {path}", as_utc(pl.read_parquet(path).rows(named=True)), expected)


def plain(table):
    """Rows of Python values; nanoseconds as the datetime that they are."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz))
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in table.schema
    ]
    return as_utc(table.cast(pa.schema(fields)).to_pylist())


def csv(form, expected):
    for extension in ["csv", "csv.gz", "csv.zst"]:
        path = str(FOLDER / f"{form}.{extension}")
        names = list(expected[0])
        found = pa.csv.read_csv(
            pa.input_stream(path, compression={"gz": "gzip", "st": "zstd"}.get(path[-2:])),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        compare(f"pyarrow {path}", found.to_pylist(), expected)
        options = """all_varchar = true, header = true, allow_quoted_nulls = false,
            delim = ',', quote = '"', escape = '"'"""
        found = duck(f"FROM read_csv('{path}', {options})")
        compare(f"DuckDB {path}", found, expected)
        found = pl.read_csv(path, infer_schema=False).rows(named=True)
        compare(f"Polars {path}", found, expected)


def picked(columns, count):
    """Rows of some columns, each given as its type and its values."""
    return [{name: values[at] for name, (_, values) in columns.items()} for at in range(count)]


def jsonl(form, expected, types, arrow):
    for extension in ["jsonl", "jsonl.gz", "jsonl.zst"]:
        path = str(FOLDER / f"{form}.{extension}")
        compression = {"gz": "gzip", "st": "zstd"}.get(path[-2:])
        with pa.input_stream(path, compression=compression) as stream:
            text = stream.read().decode()
        lines = text.removesuffix("\n").split("\n")
        compare(f"json {path}", [json.loads(line, parse_float=Decimal) for line in lines], expected)
        columns = ", ".join(f"'{name}': '{type}'" for name, (type, _) in types.items())
        options = f"format = 'newline_delimited', columns = {{{columns}}}"
        found = as_utc(duck(f"FROM read_json('{path}', {options})"))
        compare(f"DuckDB {path}", found, picked(types, len(expected)))
        schema = pa.schema([(name, type) for name, (type, _) in arrow.items()])
        options = pa.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
        stream = pa.input_stream(path, compression=compression)
        found = pa.json.read_json(stream, parse_options=options)
        wanted = picked(arrow, len(expected))
        compare(f"pyarrow {path}", found.to_pylist(), wanted)
        schema = {name: POLARS[type] for name, (type, _) in arrow.items()}
        found = pl.read_ndjson(text.encode(), schema=schema).rows(named=True)
        compare(f"Polars {path}", found, wanted)


POLARS = {
    pa.int64(): pl.Int64,
    pa.float64(): pl.Float64,
    pa.bool_(): pl.Boolean,
    pa.string(): pl.String,
    pa.list_(pa.string()): pl.List(pl.String),
    pa.list_(pa.int64()): pl.List(pl.Int64),
}


def column(expected, name):
    return [row.get(name) for row in expected]


parquet("json", JSON)
parquet("text", TEXT)
parquet("columns", COLUMNS)
csv("json", JSON_CSV)
csv("text", TEXT_CSV)
csv("columns", COLUMNS_CSV)
jsonl(
    "json",
    JSON_JSONL,
    {
        "id": ("BIGINT", column(JSON, "id")),
        "huge": ("HUGEINT", column(JSON_JSONL, "huge")),
        "price": ("DOUBLE", column(JSON, "price")),
        "flag": ("BOOLEAN", column(JSON, "flag")),
        "day": ("DATE", column(JSON, "day")),
        "zip": ("VARCHAR", column(JSON, "zip")),
        "tags": ("VARCHAR[]", column(JSON, "tags")),
    },
    {
        "id": (pa.int64(), column(JSON, "id")),
        "price": (pa.float64(), column(JSON, "price")),
        "flag": (pa.bool_(), column(JSON, "flag")),
        "zip": (pa.string(), column(JSON, "zip")),
        "tags": (pa.list_(pa.string()), column(JSON, "tags")),
    },
)
SCALARS = {
    "id": (pa.int64(), column(TEXT, "id")),
    "zip": (pa.string(), column(TEXT, "zip")),
    "price": (pa.float64(), column(TEXT, "price")),
    "flag": (pa.bool_(), column(TEXT, "flag")),
    "name": (pa.string(), column(TEXT, "name")),
}
DUCK_SCALARS = ["BIGINT", "VARCHAR", "DOUBLE", "BOOLEAN", "VARCHAR"]
jsonl(
    "text",
    TEXT_JSONL,
    {n: (d, v) for d, (n, (_, v)) in zip(DUCK_SCALARS, SCALARS.items())},
    SCALARS,
)
jsonl(
    "columns",
    COLUMNS_JSONL,
    {
        "unsigned": ("UBIGINT", column(COLUMNS, "unsigned")),
        "decimal": ("DECIMAL(38, 2)", column(COLUMNS, "decimal")),
        "at": ("TIMESTAMPTZ", column(COLUMNS, "at")),
        "record": ("STRUCT(x BIGINT)", column(COLUMNS, "record")),
        "bytes": ("VARCHAR", column(COLUMNS_CSV, "bytes")),
    },
    {
        "tiny": (pa.int64(), column(COLUMNS, "tiny")),
        "text": (pa.string(), column(COLUMNS, "text")),
        "list": (pa.list_(pa.int64()), column(COLUMNS, "list")),
    },
)

print("\n".join(FAULTS))
sys.exit(1 if FAULTS else 0)
