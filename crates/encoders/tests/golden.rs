//! Objects in every format, read back by DuckDB, pyarrow and Polars (`golden.py`).

#![expect(clippy::expect_used, reason = "tests")]

mod objects;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray,
    Float32Array, Float64Array, Int8Array, Int64Array, LargeStringArray, ListArray, RecordBatch,
    StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int32Type};
use objects::{json_records, objects};
use spile_core::Records;
use spile_encoders::{EncodingConfig, Format, ParquetConfig, resolve};

/// Records with what tends to go wrong: `golden.py` has the same, as Python values.
const JSON: &str = r#"{"id":9007199254740993,"huge":18446744073709551616,"price":1.10,"amount":12345678901234567.89,"flag":true,"name":"","zip":"00501","day":"2013-01-01","at":"2013-01-01T10:00:00+02:00","local":"2013-01-01 10:00:00.000001","fine":"2013-01-01T10:00:00.1234567Z","nested":{"x":[1,null],"y":{"z":"q\"uote"}},"tags":["a",""],"mixed":5,"nothing":null}
{"id":-9223372036854775808,"huge":1,"price":1e300,"amount":0.01,"flag":false,"name":"a,\"b\"\r\nc\\d","zip":"1e5","day":"1969-12-31","at":"1969-12-31T23:59:59.999999Z","local":"2262-04-12T00:00:00","fine":"2016-12-31T23:59:60Z","nested":{"y":{"z":"é\ud83d\ude00"},"x":[]},"tags":[],"mixed":"5","nothing":null}
{"nothing":null,"id":0,"huge":null,"price":null,"amount":null,"flag":null,"name":null,"zip":null,"day":null,"at":null,"local":null,"fine":null,"nested":null,"tags":null,"mixed":null}
{"id":1,"name":" x ","mixed":[1,{"k":2.50}],"price":0.30000000000000004,"amount":-5,"na\u006de":"NULL"}"#;

fn texts() -> Records {
    let columns: [(&str, [Option<&str>; 3]); 6] = [
        ("id", [Some("9007199254740993"), Some("-1"), None]),
        ("zip", [Some("00501"), Some("1.10"), Some("+5")]),
        ("price", [Some("1.5"), Some("2"), Some("1e300")]),
        ("flag", [Some("true"), Some("false"), None]),
        ("name", [Some(""), None, Some("a,\"b\"\r\nc")]),
        (
            "at",
            [
                Some("2013-01-01T10:00:00.500Z"),
                None,
                Some("1969-12-31T23:59:59Z"),
            ],
        ),
    ];
    let array =
        |values: &[Option<&str>; 3]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let columns = columns
        .iter()
        .map(|(name, values)| (*name, array(values), true));
    Records::Text(RecordBatch::try_from_iter_with_nullable(columns).expect("a batch"))
}

fn columns() -> Records {
    let decimals = Decimal128Array::from(vec![Some(-110), None]).with_precision_and_scale(38, 2);
    let x = Arc::new(Int64Array::from(vec![Some(1), None])) as ArrayRef;
    let field = Arc::new(Field::new("x", DataType::Int64, true));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("tiny", Arc::new(Int8Array::from(vec![-128, 127]))),
        (
            "unsigned",
            Arc::new(UInt64Array::from(vec![Some(u64::MAX), None])),
        ),
        ("single", Arc::new(Float32Array::from(vec![0.1, 1e30]))),
        ("double", Arc::new(Float64Array::from(vec![0.1, f64::NAN]))),
        ("decimal", Arc::new(decimals.expect("a precision"))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(-1), None]))),
        (
            "clock",
            Arc::new(Time64MicrosecondArray::from(vec![1, 86_399_999_999])),
        ),
        (
            "local",
            Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None])),
        ),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(vec![1, 0]).with_timezone("UTC")),
        ),
        (
            "nanos",
            Arc::new(TimestampNanosecondArray::from(vec![1_001_000, 0])),
        ),
        (
            "bytes",
            Arc::new(BinaryArray::from_opt_vec(vec![Some(b"\x00\xff"), None])),
        ),
        (
            "text",
            Arc::new(LargeStringArray::from(vec![Some("é\"\n"), Some("")])),
        ),
        (
            "word",
            Arc::new(DictionaryArray::<Int32Type>::from_iter([Some("a"), None])),
        ),
        ("record", Arc::new(StructArray::from(vec![(field, x)]))),
        (
            "list",
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>([
                Some([Some(1), None]),
                None,
            ])),
        ),
    ];
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    Records::Columns(RecordBatch::try_from_iter_with_nullable(columns).expect("a batch"))
}

fn write_all(folder: &Path, form: &str, records: &Records) {
    for format in Format::ALL {
        let compressions: &[Option<&str>] = match format {
            Format::Parquet => &[
                None,
                Some("snappy"),
                Some("gzip"),
                Some("lz4"),
                Some("none"),
            ],
            _ => &[None],
        };
        for compression in compressions {
            let compression = compression.map(str::to_owned);
            let name = format!(
                "{form}.{}{format}",
                compression
                    .as_ref()
                    .map(|name| format!("{name}."))
                    .unwrap_or_default()
            );
            let parquet = ParquetConfig {
                compression,
                ..ParquetConfig::default()
            };
            let format = format.to_string();
            let config = EncodingConfig {
                format,
                parquet,
                ..EncodingConfig::default()
            };
            let objects = objects(
                &*resolve(&config).expect("resolves"),
                records,
                records.len(),
            );
            assert_eq!(objects.len(), 1, "{name}");
            std::fs::write(folder.join(name), &objects[0].bytes).expect("written");
        }
    }
}

#[test]
fn other_tools_read_the_same_values() {
    let Some(python) = std::env::var_os("SPILE_TEST_PYTHON") else {
        panic!("run `cargo xtask test`: it provides the Python with DuckDB, pyarrow and Polars");
    };
    let folder = tempfile::tempdir().expect("a folder");
    write_all(folder.path(), "json", &json_records(JSON));
    write_all(folder.path(), "text", &texts());
    write_all(folder.path(), "columns", &columns());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden.py");
    let run = Command::new(python)
        .arg(script)
        .arg(folder.path())
        .output()
        .expect("python runs");
    let (out, err) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    assert!(run.status.success(), "{out}{err}");
}
