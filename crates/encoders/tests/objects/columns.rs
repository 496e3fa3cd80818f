//! Batches of columns of any type that parquet holds.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, ListArray, MapArray,
    RecordBatch, StringArray, StructArray, UInt64Array, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, TimeUnit};
use proptest::prelude::*;

pub(crate) type Seeds = Vec<Option<i64>>;

fn scalar() -> impl Strategy<Value = DataType> {
    use DataType::*;
    let text = Dictionary(Box::new(Int32), Box::new(Utf8));
    let zone = Some(Arc::from("+02:00"));
    prop::sample::select(vec![
        Null,
        Boolean,
        Int8,
        Int16,
        Int32,
        Int64,
        UInt8,
        UInt16,
        UInt32,
        UInt64,
        Float32,
        Float64,
        Decimal128(38, 18),
        Decimal128(9, 2),
        Utf8,
        LargeUtf8,
        Utf8View,
        text,
        Binary,
        LargeBinary,
        Date32,
        Time32(TimeUnit::Second),
        Time64(TimeUnit::Microsecond),
        Timestamp(TimeUnit::Millisecond, None),
        Timestamp(TimeUnit::Microsecond, None),
        Timestamp(TimeUnit::Nanosecond, None),
        Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        Timestamp(TimeUnit::Microsecond, zone),
        Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
    ])
}

fn data_type() -> impl Strategy<Value = DataType> {
    scalar().prop_recursive(2, 6, 2, |inner| {
        let item = inner.clone();
        let field = (inner.clone(), any::<bool>());
        let fields = prop::collection::btree_map("[xyz]", field, 1..3);
        prop_oneof![
            (item, any::<bool>()).prop_map(|(item, nullable)| {
                let nullable = nullable || item.is_null();
                DataType::List(Arc::new(Field::new("item", item, nullable)))
            }),
            fields.prop_map(|fields| {
                let field = |(name, (data_type, nullable)): (String, (DataType, bool))| {
                    let nullable = nullable || data_type.is_null();
                    Field::new(name, data_type, nullable)
                };
                DataType::Struct(fields.into_iter().map(field).collect())
            }),
            inner.prop_map(map),
        ]
    })
}

fn map(values: DataType) -> DataType {
    let entries = Fields::from(vec![
        Field::new("keys", DataType::Utf8, false),
        Field::new("values", values, true),
    ]);
    let entries = Field::new("entries", DataType::Struct(entries), false);
    DataType::Map(Arc::new(entries), false)
}

fn seeds() -> impl Strategy<Value = Seeds> {
    let border = prop::sample::select(vec![
        i64::MIN,
        i64::MAX,
        (1 << 53) + 1,
        4_294_967_296,
        -1,
        0,
        200,
    ]);
    let seed = prop_oneof![border, any::<i64>(), -9_i64..9];
    prop::collection::vec(prop::option::weighted(0.8, seed), 1..4)
}

/// Some column of a type: what a seed can't become is null.
pub(crate) fn array(data_type: &DataType, seeds: &Seeds) -> ArrayRef {
    let within = |most: i64| -> ArrayRef {
        let seeds = seeds
            .iter()
            .map(|seed| seed.map(|seed| seed.rem_euclid(most)));
        Arc::new(Int64Array::from_iter(seeds))
    };
    let texts = || -> ArrayRef {
        let text = |seed: &Option<i64>| seed.map(|seed| seed.to_string());
        Arc::new(StringArray::from_iter(seeds.iter().map(text)))
    };
    let made: ArrayRef = match data_type {
        DataType::Null => return new_null_array(data_type, seeds.len()),
        DataType::Boolean => {
            let odd = |seed: &Option<i64>| seed.map(|seed| seed % 2 == 0);
            Arc::new(seeds.iter().map(odd).collect::<BooleanArray>())
        }
        DataType::Decimal128(precision, scale) => {
            let most = 10_i128.pow(u32::from(*precision));
            let value = |seed: &Option<i64>| seed.map(|seed| i128::from(seed) * 1_000_003 % most);
            let array = Decimal128Array::from_iter(seeds.iter().map(value));
            let array = array.with_precision_and_scale(*precision, *scale);
            return Arc::new(array.expect("in range"));
        }
        DataType::Float64 => {
            let float = |seed: i64| match seed % 3 {
                0 => f64::from_bits(seed.unsigned_abs()),
                _ => seed as f64 / 4.0,
            };
            let floats = seeds.iter().map(|seed| seed.map(float));
            Arc::new(floats.collect::<Float64Array>())
        }
        // Larger ones are the same floats as a Float64, but have other texts there.
        DataType::Float32 => within(1 << 20),
        DataType::Date32 => cast(&within(2_932_896), &DataType::Int32).expect("in range"),
        DataType::Time32(_) => cast(&within(86_400), &DataType::Int32).expect("in range"),
        DataType::Time64(_) => within(86_400),
        DataType::Timestamp(..) => within(253_402_300_799),
        DataType::Struct(fields) => return structs(fields, seeds),
        DataType::List(item) => return lists(item, seeds),
        DataType::Map(entries, _) => return maps(entries, seeds),
        DataType::UInt64 => {
            let numbers = seeds.iter().map(|seed| seed.map(|seed| seed as u64));
            Arc::new(numbers.collect::<UInt64Array>())
        }
        data_type if data_type.is_integer() => Arc::new(Int64Array::from(seeds.clone())),
        _ => texts(),
    };
    cast(&made, data_type).expect("a cast")
}

/// The same seeds in a small range and without gaps, for columns that have no nulls.
fn child(field: &FieldRef, seeds: &Seeds) -> ArrayRef {
    let full = |seed: &Option<i64>| Some(seed.unwrap_or_default().rem_euclid(100));
    match field.is_nullable() {
        true => array(field.data_type(), seeds),
        false => array(field.data_type(), &seeds.iter().map(full).collect()),
    }
}

fn validity(seeds: &Seeds) -> Option<NullBuffer> {
    Some(NullBuffer::from_iter(seeds.iter().map(Option::is_some)))
}

fn structs(fields: &Fields, seeds: &Seeds) -> ArrayRef {
    let children = fields.iter().map(|field| child(field, seeds)).collect();
    Arc::new(StructArray::new(fields.clone(), children, validity(seeds)))
}

/// The item seeds of lists of up to two, and the lists' ends.
fn items(seeds: &Seeds) -> (Seeds, OffsetBuffer<i32>) {
    let length = |seed: &Option<i64>| seed.map_or(0, |seed| seed.rem_euclid(3) as usize);
    let items = seeds.iter().flat_map(|seed| {
        let item = |at: usize| seed.filter(|seed| (*seed >> at) % 4 != 0);
        (0..length(seed)).map(item)
    });
    (
        items.collect(),
        OffsetBuffer::from_lengths(seeds.iter().map(length)),
    )
}

fn lists(item: &FieldRef, seeds: &Seeds) -> ArrayRef {
    let (items, ends) = items(seeds);
    let values = child(item, &items);
    Arc::new(ListArray::new(
        Arc::clone(item),
        ends,
        values,
        validity(seeds),
    ))
}

fn maps(entries: &FieldRef, seeds: &Seeds) -> ArrayRef {
    let DataType::Struct(fields) = entries.data_type() else {
        unreachable!("entries are structs")
    };
    let (items, ends) = items(seeds);
    let keys = (0..items.len()).map(|at| Some(format!("k{at}")));
    let columns = vec![
        Arc::new(StringArray::from_iter(keys)) as ArrayRef,
        child(&fields[1], &items),
    ];
    let pairs = StructArray::new(fields.clone(), columns, None);
    Arc::new(MapArray::new(
        Arc::clone(entries),
        ends,
        pairs,
        validity(seeds),
        false,
    ))
}

/// A batch of some of the columns a, b and c. Those without nulls are said to have none, mostly.
pub(crate) fn batch() -> impl Strategy<Value = RecordBatch> {
    let column = prop::option::weighted(0.8, (data_type(), any::<bool>()));
    (seeds(), prop::collection::vec(column, 2)).prop_map(|(seeds, columns)| {
        let id: (Field, ArrayRef) = (
            Field::new("id", DataType::Int64, false),
            Arc::new(Int64Array::from_iter_values(0..seeds.len() as i64)),
        );
        let names = ["a", "b"].into_iter().zip(columns);
        let column = |(name, column): (&str, Option<(DataType, bool)>)| {
            let (data_type, nullable) = column?;
            let array = array(&data_type, &seeds);
            let nullable = nullable || array.is_nullable();
            Some((Field::new(name, data_type, nullable), array))
        };
        let columns = std::iter::once(id).chain(names.filter_map(column));
        let (fields, arrays): (Vec<_>, Vec<_>) = columns.unzip();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("a batch")
    })
}
