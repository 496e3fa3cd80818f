//! Which columns are worth a dictionary.
//!
//! The library builds one for each column of each row group, until it has grown too large. Where values
//! hardly repeat that is work in vain, which their first rows tell.

use std::collections::HashSet;
use std::hash::Hash;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, downcast_primitive_array};
use arrow::datatypes::{DataType, ToByteSlice};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;

/// Rows that are looked at. Of fewer, nothing is said.
const ROWS: usize = 2_048;
/// One value in so many has to be a repetition: where there are some 30,000 values, it just is.
const ONE_IN: usize = 32;

/// The properties for a file that begins with these rows.
pub(super) fn properties(of_all: &WriterProperties, first: &RecordBatch) -> WriterProperties {
    let mut builder = of_all.clone().into_builder();
    if first.num_rows() < ROWS {
        return builder.build();
    }
    let sample = first.slice(0, ROWS);
    for (field, array) in sample.schema_ref().fields().iter().zip(sample.columns()) {
        if is_varied(array) {
            let path = ColumnPath::new(vec![field.name().clone()]);
            builder = builder.set_column_dictionary_enabled(path, false);
        }
    }
    builder.build()
}

/// Whether hardly a value repeats.
fn is_varied(array: &ArrayRef) -> bool {
    let array: &dyn Array = array;
    downcast_primitive_array!(
        array => {
            let values = array.values().iter().enumerate();
            let values = values.filter(|(row, _)| array.is_valid(*row));
            is_varied_among(values.map(|(_, value)| value.to_byte_slice()))
        },
        DataType::Utf8 => is_varied_among(array.as_string::<i32>().iter().flatten()),
        _ => false,
    )
}

fn is_varied_among<T: Hash + Eq>(values: impl Iterator<Item = T>) -> bool {
    let mut count = 0;
    let different: HashSet<T> = values.inspect(|_| count += 1).collect();
    count >= ROWS / 2 && different.len() > count - count / ONE_IN
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Float64Array, Int64Array, StringArray};

    use super::*;

    fn check(array: impl Array + 'static, expect: bool) {
        let batch = RecordBatch::try_from_iter([("a.b", Arc::new(array) as ArrayRef)]).unwrap();
        let made = properties(&WriterProperties::builder().build(), &batch);
        let path = ColumnPath::new(vec!["a.b".to_owned()]);
        assert_eq!(made.dictionary_enabled(&path), expect);
    }

    #[test]
    fn values_that_hardly_repeat_get_none() {
        let random = |below: i64| {
            let mut random = fastrand::Rng::with_seed(3);
            std::iter::repeat_with(move || random.i64(0..below)).take(3_000)
        };
        let text = |below| random(below).map(|it| it.to_string()).collect::<Vec<_>>();
        check(Int64Array::from_iter_values(0..3_000), false);
        check(Int64Array::from_iter_values(random(200_000)), false);
        check(Int64Array::from_iter_values(random(10_000)), true);
        check(Int64Array::from_iter_values(0..2_000), true);
        check(
            Float64Array::from_iter_values(random(1 << 40).map(|it| it as f64 / 100.0)),
            false,
        );
        check(StringArray::from(text(200_000)), false);
        check(StringArray::from(text(10_000)), true);
        check(Int64Array::from(vec![None::<i64>; 3_000]), true);
        check(StringArray::from(vec![None::<&str>; 3_000]), true);
        check(BooleanArray::from(vec![true; 3_000]), true);
    }
}
