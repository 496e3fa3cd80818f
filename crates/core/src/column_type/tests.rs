use proptest::prelude::*;

use super::*;

fn shown(text: &str) -> String {
    let columns = parse_columns(text).map(|columns| {
        let column = |field: &Field| format!("{} {}", parse::Name(field.name()), Shown(field));
        columns.iter().map(column).collect::<Vec<_>>().join(", ")
    });
    columns.unwrap_or_else(|error| {
        let near = error.nearest().map(|near| format!(" ({near})"));
        format!("failed to {error}{}", near.unwrap_or_default())
    })
}

#[test]
fn columns_are_read_and_written() {
    let check = |text, expect: &str| assert_eq!(shown(text), expect);
    check("id int64", "id int64");
    check(" id  int64 ,at timestamp_utc", "id int64, at timestamp_utc");
    check("a decimal(18,2)", "a decimal(18, 2)");
    check("a decimal( 76 , 76 )", "a decimal(76, 76)");
    check("tags list( text )", "tags list(text)");
    check(
        "x struct(a bool,\"b c\" list(struct(d json)))",
        "x struct(a bool, \"b c\" list(struct(d json)))",
    );
    check("\"a\"\"b\" null", "\"a\"\"b\" null");
    check("\"plain\" date, \"\" time", "plain date, \"\" time");
    check("user-id.x int8, é text", "user-id.x int8, é text");
}

#[test]
fn what_is_wrong_is_told() {
    let check = |text: &str, expect: &str| assert_eq!(shown(text), format!("failed to {expect}"));
    let unknown = |word| format!("find a column type called `{word}`");
    check("a it64", &(unknown("it64") + " (int64)"));
    check("a INT64", &(unknown("INT64") + " (int64)"));
    check("a varchar", &(unknown("varchar") + " (text)"));
    check(
        "a decimall(1, 0)",
        &(unknown("decimall") + " (decimal(p, s))"),
    );
    check("a geometry", &unknown("geometry"));
    check("", "read ``: a column's name is expected, not the end");
    check("id", "read `id`: a column's type is expected, not the end");
    check(
        "id int64,",
        "read `id int64,`: a column's name is expected, not the end",
    );
    check(
        "id int64 no",
        "read `id int64 no`: a comma or the end is expected, not `no`",
    );
    check(
        "a decimal",
        "read `a decimal`: an opening parenthesis is expected, not the end",
    );
    check(
        "a decimal(x, 1)",
        "read `a decimal(x, 1)`: a number up to 76 is expected, not `x`",
    );
    check(
        "a decimal(1)",
        "read `a decimal(1)`: a comma and the number of places is expected, not `)`",
    );
    check(
        "a list(text",
        "read `a list(text`: a closing parenthesis is expected, not the end",
    );
    check(
        "a struct()",
        "read `a struct()`: a column's name is expected, not `)`",
    );
    check(
        "\"a int8",
        "read `\"a int8`: the quote behind a name is expected, not the end",
    );
    check("a int8, a int8", "tell two columns called `a` apart");
    let decimal = "it has from 1 to 76 digits, and no more places";
    for (digits, places) in [(0, 0), (77, 0), (5, 6)] {
        let text = format!("make a decimal of {digits} digits, {places} of them places: {decimal}");
        check(&format!("a decimal({digits}, {places})"), &text);
    }
    let deep = format!("a {}", "list(".repeat(100_000));
    check(&deep, "read a type with more than 128 inside each other");
}

#[test]
fn a_type_without_a_word_is_none() {
    let check = |data_type| assert_eq!(ColumnType::of(&Field::new("a", data_type, true)), None);
    check(DataType::LargeUtf8);
    check(DataType::Timestamp(TimeUnit::Nanosecond, None));
    check(DataType::Timestamp(
        TimeUnit::Microsecond,
        Some("+01:00".into()),
    ));
    check(DataType::Decimal256(9, 2));
    check(DataType::Decimal128(9, -2));
    check(DataType::Struct(Default::default()));
    check(DataType::new_list(DataType::Float16, true));
}

fn column_type() -> impl Strategy<Value = ColumnType> {
    let decimal = (1_u8..=76).prop_flat_map(|digits| (Just(digits), 0..=digits));
    let plain = prop::sample::select(PLAIN.to_vec());
    let scalar = prop_oneof![
        plain.prop_filter_map("a word", ColumnType::plain),
        decimal.prop_filter_map("a decimal", |(digits, places)| ColumnType::decimal(
            digits, places
        )),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        let names = prop::collection::hash_map(".{0,6}", inner.clone(), 1..4);
        prop_oneof![
            inner.prop_map(|item| ColumnType::list(&item)),
            names.prop_map(|columns| {
                let fields = columns.iter().map(|(name, column)| column.field(name));
                ColumnType::structure(fields.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(column in column_type(), name in ".{0,8}") {
        prop_assert_eq!(column.to_string().parse(), Ok(column.clone()));
        prop_assert_eq!(ColumnType::of(&column.field(&name)), Some(column.clone()));
        let text = format!("{} {column}", parse::Name(&name));
        prop_assert_eq!(parse_columns(&text), Ok(vec![column.field(&name)]));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z \",()0-9]{0,24}") {
        let _ = parse_columns(&text);
    }
}
