use std::sync::Arc;

use arrow::array::{Date64Array, Int8Array, StructArray};
use arrow::datatypes::{Field, Fields};

use super::*;
use crate::cursor::CursorFormat;
use crate::moment::Zone;
use crate::records::Span;

fn records(name: &str, column: ArrayRef) -> Records {
    let columns = RecordBatch::try_from_iter([(name, column)]);
    Records::Columns(columns.expect("well-formed"))
}

fn cast_to(data_type: &DataType, values: &ArrayRef) -> ArrayRef {
    cast(values, data_type).expect("a cast")
}

/// The raw value, and the time that it is.
fn check(column: ArrayRef, raw: &str, time: Option<&str>) {
    let records = records("at", column);
    let field = CursorField::new("at", CursorFormat::Epoch { per_second: 1 });
    let column = CursorColumn::of(&records, &field).expect("a cursor");
    let cell = column.cell(0).expect("a scalar").expect("a value");
    assert_eq!(cell.raw(), raw);
    let moment = field.moment(&cell, Zone::UTC).ok();
    let shown = moment.and_then(|moment| moment.to_date_time());
    let shown = shown.map(|time| time.naive_local().to_string());
    assert_eq!(shown.as_deref(), time, "{raw}");
    assert_eq!(column.cell(1), Ok(None), "{raw}");
}

#[test]
fn the_raw_value_of_a_typed_column() {
    let ints = |value: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![Some(value), None])) };
    let timestamp = |unit, zone: Option<&str>| DataType::Timestamp(unit, zone.map(Into::into));
    let midnight = Some("2025-04-14 00:00:00");
    let day = cast_to(&DataType::Int32, &ints(20_192));
    check(cast_to(&DataType::Date32, &day), "2025-04-14", midnight);
    let millis = |value| -> ArrayRef { Arc::new(Date64Array::from(vec![Some(value), None])) };
    check(millis(1_744_588_800_000), "2025-04-14", midnight);
    check(
        millis(1_744_588_800_001),
        "2025-04-14T00:00:00.001",
        Some("2025-04-14 00:00:00.001"),
    );
    let seconds = cast_to(&timestamp(TimeUnit::Second, None), &ints(1_744_588_800));
    check(seconds, "2025-04-14T00:00:00", midnight);
    let exact = ints(1_744_588_800_000_000_001);
    let nanos = cast_to(&timestamp(TimeUnit::Nanosecond, Some("+02:00")), &exact);
    check(nanos, "2025-04-14T00:00:00.000000001Z", midnight);
    let far = cast_to(&timestamp(TimeUnit::Second, None), &ints(i64::MAX));
    check(far, "9223372036854775807000000000", None);
}

#[test]
fn the_raw_value_of_numbers_and_texts() {
    let large: ArrayRef = Arc::new(UInt64Array::from(vec![Some(u64::MAX), None]));
    check(large, "18446744073709551615", None);
    let small: ArrayRef = Arc::new(Int8Array::from(vec![Some(-1), None]));
    check(small, "-1", Some("1969-12-31 23:59:59"));
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("5.5"), None]));
    let keyed = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    check(
        cast_to(&keyed, &texts),
        "5.5",
        Some("1970-01-01 00:00:05.500"),
    );
}

#[test]
fn bytes_are_no_cursor() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let records = records("at", cast_to(&DataType::Binary, &texts));
    let field = CursorField::new("at", CursorFormat::Text);
    let fault = CursorColumn::of(&records, &field).err().expect("a fault");
    assert_eq!(
        fault.to_string(),
        "the cursor field `at` holds values of type Binary, which can't be a cursor"
    );
}

fn texts(records: &Records) -> Vec<Option<String>> {
    let field = CursorField::new("meta.at", CursorFormat::Time);
    let column = CursorColumn::of(records, &field).expect("found");
    let cell = |at| {
        column
            .cell(at)
            .expect("a scalar")
            .map(|cell| cell.raw().into())
    };
    (0..records.len()).map(cell).collect()
}

fn struct_of(at: Vec<Option<&str>>, valid: Vec<bool>) -> ArrayRef {
    let fields = Fields::from(vec![Field::new("at", DataType::Utf8, true)]);
    let at: ArrayRef = Arc::new(StringArray::from(at));
    Arc::new(StructArray::new(fields, vec![at], Some(valid.into())))
}

#[test]
fn a_null_struct_has_no_cursor() {
    let meta = struct_of(vec![Some("a"), None, Some("b")], vec![true, true, false]);
    assert_eq!(
        texts(&records("meta", meta)),
        [Some("a".to_owned()), None, None]
    );
}

#[test]
fn a_field_of_just_this_name_comes_first() {
    let meta = struct_of(vec![Some("nested"), Some("nested")], vec![true, true]);
    let literal: ArrayRef = Arc::new(StringArray::from(vec![Some("literal"), None]));
    let columns = RecordBatch::try_from_iter([("meta", meta), ("meta.at", literal)]);
    let expect = [Some("literal".to_owned()), None];
    assert_eq!(
        texts(&Records::Columns(columns.expect("well-formed"))),
        expect
    );
    for (json, expect) in [
        (
            r#"{"meta":{"at":"nested"},"meta.at":"literal"}"#,
            Some("literal"),
        ),
        (r#"{"meta":{"at":"nested"},"meta.at":null}"#, None),
        (r#"{"meta":{"at":"nested"}}"#, Some("nested")),
    ] {
        let span = Span {
            start: 0,
            end: json.len() as u32,
        };
        let records = JsonRecords::new(json.into(), vec![span]).expect("inside");
        assert_eq!(texts(&Records::Json(records)), [expect.map(str::to_owned)]);
    }
}
