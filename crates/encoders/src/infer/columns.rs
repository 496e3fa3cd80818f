//! Facts about columns of Arrow.

use arrow::datatypes::{Field, FieldRef};

use spile_core::is_json_text;

use super::facts::Facts;

/// A column that takes the values of both, as it was where that is the one.
pub(super) fn join_fields(known: &Field, other: &Field) -> Field {
    let same = known.data_type() == other.data_type() && is_json_text(known) == is_json_text(other);
    if same || other.data_type().is_null() {
        return known.clone();
    }
    if known.data_type().is_null() {
        return other.clone().with_nullable(true);
    }
    let union = Facts::of_field(known).union(Facts::of_field(other));
    union.field(known.name())
}

/// A column that came late: the records before it have none.
pub(super) fn appended(field: &Field) -> FieldRef {
    FieldRef::new(field.clone().with_nullable(true))
}
