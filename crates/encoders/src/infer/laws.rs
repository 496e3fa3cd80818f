//! The laws of widening.

use arrow::datatypes::{DataType, Field, FieldRef, Fields};
use bytes::Bytes;
use proptest::prelude::*;
use spile_core::{JsonRecords, Records, Span};

use super::{join, of_sample};
use crate::decode::Column;

/// Values of every kind, many of them near to a border between two types.
fn value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        (-9_i64..9).prop_map(|value| value.to_string()),
        "-?[1-9][0-9]{0,40}",
        "-?(0|[1-9][0-9]{0,20})\\.[0-9]{1,20}",
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(|value| format!("{value:e}")),
        prop::sample::select(vec![
            r#""2013-01-01""#,
            r#""2013-01-01T10:00:00""#,
            r#""2013-01-01T10:00:00Z""#,
            r#""2013-01-01T10:00:00.1234567Z""#,
            r#""x""#,
            r#""""#,
            r#""1""#,
        ])
        .prop_map(str::to_owned),
    ];
    scalar.prop_recursive(2, 8, 3, |inner| {
        let fields = prop::collection::vec(("[xyz]", inner.clone()), 0..3);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            fields.prop_map(|fields| {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// The column that holds these values.
fn column(values: &[&String]) -> Field {
    let lines = values.iter().map(|value| format!("{{\"a\":{value}}}"));
    let (mut text, mut spans) = (String::new(), Vec::new());
    for line in lines {
        let start = text.len() as u32;
        text += &line;
        spans.push(Span {
            start,
            end: text.len() as u32,
        });
    }
    let records = JsonRecords::new(Bytes::from(text), spans).expect("inside of the text");
    of_sample(None, &Records::Json(records))
        .expect("a schema")
        .field(0)
        .clone()
}

fn takes(field: &Field, value: &str) -> bool {
    let null = value == "null";
    let end = if null { 0 } else { value.len() as u32 };
    let mut column = Column::new(&FieldRef::new(field.clone())).expect("inferred types are known");
    column
        .build(value.as_bytes(), &[Span { start: 0, end }])
        .is_ok()
}

/// The same fields in one order: which comes first depends on what was seen first.
fn sorted(field: &Field) -> Field {
    let data_type = match field.data_type() {
        DataType::Struct(fields) => {
            let mut fields: Vec<Field> = fields.iter().map(|field| sorted(field)).collect();
            fields.sort_by(|a, b| a.name().cmp(b.name()));
            DataType::Struct(Fields::from(fields))
        }
        DataType::List(item) => DataType::List(FieldRef::new(sorted(item))),
        other => other.clone(),
    };
    field.clone().with_data_type(data_type)
}

/// The exceptions to the law come with a Float64, on one side or the other.
fn has_float(field: &Field) -> bool {
    match field.data_type() {
        DataType::Float64 => true,
        DataType::List(item) => has_float(item),
        DataType::Struct(fields) => fields.iter().any(|field| has_float(field)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_column_takes_what_it_was_inferred_from(values in prop::collection::vec(value(), 1..5)) {
        let field = column(&values.iter().collect::<Vec<_>>());
        for value in &values {
            prop_assert!(takes(&field, value), "{} {}", field, value);
        }
    }

    #[test]
    fn order_does_not_matter(a in value(), b in value(), c in value()) {
        let [a, b, c] = [a, b, c].map(|value| column(&[&value]));
        prop_assert_eq!(&join(&a, &a), &a);
        prop_assert_eq!(sorted(&join(&a, &b)), sorted(&join(&b, &a)));
        prop_assert_eq!(sorted(&join(&join(&a, &b), &c)), sorted(&join(&a, &join(&b, &c))));
    }

    #[test]
    fn wider_takes_what_narrower_took(a in value(), b in value()) {
        let (narrow, other) = (column(&[&a]), column(&[&b]));
        let wide = join(&narrow, &other);
        let excepted = wide != narrow && (has_float(&wide) || has_float(&narrow));
        prop_assert!(takes(&narrow, &a));
        prop_assert!(excepted || takes(&wide, &a), "{} {} {}", narrow, wide, a);
        if takes(&narrow, &b) && !excepted {
            prop_assert!(takes(&wide, &b), "{} {} {}", narrow, wide, b);
        }
    }
}
