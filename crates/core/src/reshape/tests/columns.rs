//! Tables, and their declared columns.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::{cause, reshape};
use crate::column_marks::{declared_schema, is_declared, is_json_text};
use crate::column_type::parse_columns;
use crate::records::Records;
use crate::reshape::ReshapeError;

/// The columns of a table, as `name=first value`, and the number of its rows.
fn table_shown(lines: &[&str], table: &RecordBatch) -> Result<String, String> {
    let mut shown = Vec::new();
    for form in [Records::Text, Records::Columns] {
        let reshaped = reshape(lines).apply(&form(table.clone()));
        let reshaped = reshaped.map_err(|error| cause(&error))?;
        assert_eq!(reshaped.are_typed(), form(table.clone()).are_typed());
        let (Records::Text(after) | Records::Columns(after)) = &reshaped else {
            panic!("{reshaped:?}");
        };
        let column = |(field, array): (&Arc<Field>, &ArrayRef)| {
            let value = arrow::util::display::array_value_to_string(array, 0);
            format!("{}={} ", field.name(), value.expect("a value"))
        };
        let columns = after.schema_ref().fields().iter().zip(after.columns());
        let columns: String = columns.map(column).collect();
        shown.push(format!("{columns}{}", after.num_rows()));
    }
    assert_eq!(shown[0], shown[1]);
    Ok(shown.swap_remove(0))
}

#[test]
fn columns_of_tables_are_kept_and_renamed() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1.10", "x"]));
    let table = RecordBatch::try_from_iter(
        [("a", &text), ("b", &text), ("c", &text)].map(|(name, column)| (name, Arc::clone(column))),
    );
    let table = table.expect("columns");
    let check = |lines: &[&str], expect: &str| {
        assert_eq!(
            table_shown(lines, &table).as_deref(),
            Ok(expect),
            "{lines:?}"
        );
    };
    check(&["include a"], "a=1.10 2");
    check(&["exclude a", "rename b a"], "a=1.10 c=1.10 2");
    check(&["rename a b", "rename b a"], "b=1.10 a=1.10 c=1.10 2");
    check(&["exclude *"], "2");
    check(&["rename d a"], "a=1.10 b=1.10 c=1.10 2");
    check(&["rest _rest a"], "a=1.10 b=1.10 c=1.10 2");
    check(
        &["rest _rest a", "exclude b", "rename c d"],
        "a=1.10 d=1.10 2",
    );
    let error = "failed to rename column `a` to `c`: another column has that name, and stays";
    let found = table_shown(&["rename a c"], &table);
    assert_eq!(found, Err(error.to_owned()));
}

#[test]
fn columns_keep_their_marks_and_values() {
    let marked = |name| Field::new(name, DataType::Int64, false).with_metadata([("k", "v")]);
    let schema = Schema::new_with_metadata(vec![marked("a"), marked("b")], [("s", "t")]);
    let values: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let columns = vec![Arc::clone(&values), Arc::clone(&values)];
    let table = RecordBatch::try_new(SchemaRef::new(schema.clone()), columns).expect("columns");
    let reshape = reshape(&["exclude a", "rename b x"]);
    let reshaped = reshape.apply(&Records::Columns(table));
    let Ok(Records::Columns(after)) = reshaped else {
        panic!("{reshaped:?}");
    };
    assert_eq!(
        after.schema_ref().fields().as_ref(),
        [Arc::new(marked("x"))]
    );
    assert_eq!(after.schema_ref().metadata(), schema.metadata());
    assert_eq!(
        after.column(0).to_data().buffers()[0].as_ptr(),
        values.to_data().buffers()[0].as_ptr()
    );
}

#[test]
fn declared_columns_afterwards() {
    let declared = |text: &str| declared_schema(parse_columns(text).expect("columns"));
    let check = |lines: &[&str], before: &str, expect: &str| {
        let after = reshape(lines).schema(&declared(before)).expect("a schema");
        assert!(after.fields().iter().all(|field| is_declared(field)));
        assert_eq!(after, declared(expect), "{lines:?}");
    };
    check(&["exclude b"], "a int64, b text, c json", "a int64, c json");
    check(&["rename c x"], "a int64, c json", "a int64, x json");
    check(
        &["rename a b", "rename b a"],
        "a int64, b date",
        "b int64, a date",
    );
    check(&["include b"], "a int64, b text", "b text");
    check(
        &["rest _rest a b"],
        "b text, c json, a date",
        "b text, a date, _rest json",
    );
    let after = reshape(&["rename c x"]).schema(&declared("c json"));
    assert!(is_json_text(after.expect("a schema").field(0)));
    let error = reshape(&["rename a b"]).schema(&declared("a int64, b text"));
    assert!(matches!(error, Err(ReshapeError::Taken { column, .. }) if column == "a"));
}
