use proptest::prelude::*;

use super::{JsonSchemaErrorKind as Kind, SchemaColumn, columns_of_json_schema};

/// The type of a property, with `~` where it is one to begin with.
fn told(property: &str, definitions: &str) -> String {
    let schema = format!(
        r##"{{"type":"object","properties":{{"a":{property}}},"definitions":{{{definitions}}}}}"##
    );
    match columns_of_json_schema(schema.as_bytes()) {
        Ok(columns) => columns.iter().map(shown).collect(),
        Err(error) => format!("! {error}"),
    }
}

fn shown(column: &SchemaColumn) -> String {
    let mark = if column.is_exact { "" } else { "~" };
    format!("{mark}{}", column.column_type)
}

fn check(property: &str, expect: &str) {
    assert_eq!(told(property, ""), expect, "{property}");
}

#[test]
fn scalars() {
    check(r#"{"type":"boolean"}"#, "bool");
    check(r#"{"type":"integer"}"#, "int64");
    check(
        r#"{"type":["integer","null"],"minimum":0,"maximum":255}"#,
        "int64",
    );
    check(
        r#"{"type":"integer","maximum":9223372036854775807}"#,
        "int64",
    );
    check(
        r#"{"type":"integer","minimum":0,"maximum":18446744073709551615}"#,
        "uint64",
    );
    check(
        r#"{"type":"integer","minimum":-1,"maximum":18446744073709551615}"#,
        "decimal(38, 0)",
    );
    check(
        r#"{"type":"integer","maximum":18446744073709551616}"#,
        "decimal(38, 0)",
    );
    check(
        r#"{"type":"integer","minimum":-1e3,"maximum":1E3}"#,
        "int64",
    );
    check(
        r#"{"type":"integer","minimum":0,"exclusiveMaximum":18446744073709551615}"#,
        "uint64",
    );
    check(
        r#"{"type":"integer","maximum":5,"exclusiveMaximum":true}"#,
        "int64",
    );
    check(r#"{"type":"number"}"#, "~float64");
    check(r#"{"type":["number","integer","null"]}"#, "~float64");
    check(r#"{"type":"string"}"#, "text");
    check(r#"{"type":"string","format":"uuid"}"#, "text");
    check(r#"{"type":"string","contentEncoding":"base64"}"#, "binary");
    check(r#"{"type":"null"}"#, "json");
    check("{}", "json");
    check("true", "json");
}

#[test]
fn decimals() {
    check(r#"{"type":"number","multipleOf":0.01}"#, "decimal(38, 2)");
    check(r#"{"type":"number","multipleOf":1e-10}"#, "decimal(38, 10)");
    check(r#"{"type":"number","multipleOf":1e-30}"#, "decimal(76, 30)");
    check(r#"{"type":"number","multipleOf":1e-77}"#, "~float64");
    check(
        r#"{"type":"number","multipleOf":0.01,"minimum":-99999.99,"maximum":99999.99}"#,
        "decimal(7, 2)",
    );
    check(
        r#"{"type":"number","multipleOf":0.05,"exclusiveMinimum":0,"exclusiveMaximum":100}"#,
        "decimal(5, 2)",
    );
    // One bound says nothing of the other.
    check(
        r#"{"type":"number","multipleOf":0.01,"maximum":10}"#,
        "decimal(38, 2)",
    );
    check(
        r#"{"type":"number","precision":12,"scale":4}"#,
        "decimal(12, 4)",
    );
    check(r#"{"type":"number","precision":12}"#, "decimal(12, 0)");
    check(r#"{"type":"number","precision":4,"scale":12}"#, "~float64");
    check(r#"{"type":"number","multipleOf":0}"#, "decimal(38, 0)");
}

#[test]
fn times() {
    check(r#"{"type":"string","format":"date"}"#, "~date");
    check(
        r#"{"type":["null","string"],"format":"date-time"}"#,
        "~timestamp_utc",
    );
    check(r#"{"type":"string","format":"time"}"#, "~time");
    check(
        r#"{"anyOf":[{"type":"string","format":"date-time"},{"type":["string","null"]}]}"#,
        "text",
    );
}

#[test]
fn airbyte() {
    let check_type = |name: &str, of: &str, expect| {
        check(
            &format!(r#"{{"type":"{of}","airbyte_type":"{name}"}}"#),
            expect,
        );
    };
    check_type("timestamp_with_timezone", "string", "~timestamp_utc");
    check_type("timestamp_without_timezone", "string", "~timestamp");
    check_type("time_with_timezone", "string", "text");
    check_type("time_without_timezone", "string", "~time");
    check_type("integer", "number", "int64");
    check_type("big_integer", "integer", "decimal(38, 0)");
    check_type("big_number", "number", "~float64");
    check_type("big_integer", "string", "text");
    let known = |name: &str| format!(r#"{{"$ref":"WellKnownTypes.json#/definitions/{name}"}}"#);
    check(&known("Integer"), "int64");
    check(&known("TimestampWithTimezone"), "~timestamp_utc");
    check(&known("BinaryData"), "binary");
    check(
        &format!(r#"{{"oneOf":[{},{}]}}"#, known("Number"), known("Integer")),
        "~float64",
    );
}

#[test]
fn nested() {
    check(
        r#"{"type":"array","items":{"type":"integer"}}"#,
        "list(int64)",
    );
    check(
        r#"{"type":"array","items":{"type":"number"}}"#,
        "~list(float64)",
    );
    check(r#"{"type":"array"}"#, "json");
    check(r#"{"type":"array","items":[{"type":"integer"}]}"#, "json");
    check(r#"{"type":"array","items":{}}"#, "json");
    check(
        r#"{"type":"object","properties":{"b":{"type":"integer"}}}"#,
        "json",
    );
    let closed = r#"{"type":"object","properties":{"z":{"type":"integer"},"b":{"type":"string"}},
                     "additionalProperties":false}"#;
    check(closed, "struct(z int64, b text)");
    check(
        &format!(r#"{{"type":"array","items":{closed}}}"#),
        "list(struct(z int64, b text))",
    );
}

#[test]
fn unions() {
    check(r#"{"type":["string","integer"]}"#, "json");
    check(r#"{"anyOf":[{"type":"null"},{"type":"integer"}]}"#, "int64");
    check(
        r#"{"oneOf":[{"type":"integer"},{"type":"number"}]}"#,
        "~float64",
    );
    check(
        r#"{"anyOf":[{"type":"integer"},{"type":"object"}]}"#,
        "json",
    );
    check(r#"{"allOf":[{"type":"string"}]}"#, "text");
    check(r#"{"enum":["a",null,"b"]}"#, "text");
    check(r#"{"const":true}"#, "bool");
    check(r#"{"anyOf":[]}"#, "json");
}

#[test]
fn references() {
    let definitions = r##""id":{"type":"integer"},"again":{"$ref":"#/definitions/id"},
                          "loop":{"$ref":"#/definitions/loop"},
                          "tree":{"type":"array","items":{"$ref":"#/definitions/tree"}},
                          "a/b~c":{"type":"boolean"}"##;
    let check = |name: &str, expect: &str| {
        let property = format!(r##"{{"$ref":"#/{name}"}}"##);
        assert_eq!(told(&property, definitions), expect, "{name}");
    };
    check("definitions/id", "int64");
    check("definitions/again", "int64");
    check("definitions/loop", "json");
    check("definitions/tree", "json");
    check("definitions/a~1b~0c", "bool");
    check(
        "definitions/b",
        "! /properties/a/$ref: the reference `#/definitions/b` leads nowhere",
    );
}

#[test]
fn what_is_no_schema() {
    let check = |schema: &str, expect: &str| {
        let error = columns_of_json_schema(schema.as_bytes()).expect_err("it is refused");
        assert_eq!(error.to_string(), expect, "{schema}");
    };
    check(
        "[]",
        "the schema: expected an object, found an array at byte 0",
    );
    check(r#"{"properties":[]}"#, "/properties: expected an object");
    check(
        r#"{"properties":{"a":1}}"#,
        "/properties/a: expected a schema",
    );
    check(
        r#"{"properties":{"a":{"type":["string",{}]}}}"#,
        "/properties/a/type: expected the name of a type, or a list of names",
    );
    check(
        r#"{"properties":{"a":{"anyOf":{}}}}"#,
        "/properties/a/anyOf: expected a list of schemas",
    );
    check(
        r#"{"properties":{"a":{"$ref":7}}}"#,
        "/properties/a/$ref: expected a text",
    );
    let error = columns_of_json_schema(b"{").expect_err("it is refused");
    assert!(matches!(error.kind, Kind::Json(_)), "{error}");
}

#[test]
fn columns_come_in_the_order_of_the_properties() {
    let schema = br#"{"properties":{"z":{},"a b":{},"z":{"type":"string"},"\u0061":{}}}"#;
    let columns = columns_of_json_schema(schema).expect("columns");
    let names: Vec<_> = columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["z", "a b", "a"]);
    assert_eq!(shown(&columns[0]), "text");
    assert_eq!(columns_of_json_schema(b"{}"), Ok(Vec::new()));
}

/// Schemas as people and programs write them, and some that nobody would.
fn property() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "string", "integer", "number", "boolean", "object", "array", "null", "other",
    ]);
    let format = prop::sample::select(vec!["date", "date-time", "time", "uuid"]);
    let number = prop_oneof![
        (-400_i32..400).prop_map(|exponent| format!("1e{exponent}")),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,20})?",
    ];
    let scalar = (name, format, number.clone(), number).prop_map(|(name, format, step, most)| {
        format!(r#"{{"type":"{name}","format":"{format}","multipleOf":{step},"maximum":{most},"minimum":-1}}"#)
    });
    let leaf = prop_oneof![
        scalar,
        Just(r##"{"$ref":"#"}"##.to_owned()),
        Just("true".to_owned())
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = |inner: &[String]| inner.join(",");
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(move |all| format!(r#"{{"anyOf":[{}]}}"#, list(&all))),
            inner
                .clone()
                .prop_map(|item| format!(r#"{{"type":"array","items":{item}}}"#)),
            (inner, any::<bool>()).prop_map(|(of, open)| format!(
                r#"{{"type":"object","properties":{{"b":{of}}},"additionalProperties":{open}}}"#
            )),
        ]
    })
}

proptest! {
    #[test]
    fn every_property_is_a_column(properties in prop::collection::vec(property(), 0..5)) {
        let all = properties.iter().enumerate();
        let all: Vec<_> = all.map(|(n, of)| format!(r#""c{n}":{of}"#)).collect();
        let schema = format!(r#"{{"properties":{{{}}}}}"#, all.join(","));
        let columns = columns_of_json_schema(schema.as_bytes());
        let columns = columns.expect("they are schemas");
        let names: Vec<_> = columns.iter().map(|column| column.name.clone()).collect();
        let expect: Vec<_> = (0..properties.len()).map(|n| format!("c{n}")).collect();
        prop_assert_eq!(names, expect);
    }

    #[test]
    fn null_says_nothing(property in property()) {
        let with_null = format!(r#"{{"anyOf":[{{"type":"null"}},{property}]}}"#);
        prop_assert_eq!(told(&with_null, ""), told(&property, ""));
    }

    #[test]
    fn any_text_is_read_or_refused(text in r#"\{("[a-z$]{1,10}":[\[\]{},"0-9a-z]{0,20},?){0,4}\}"#) {
        let _ = columns_of_json_schema(text.as_bytes());
    }
}

/// Each level refers to the next one thirty times: looked into in all ways, that never ends.
#[test]
fn references_in_ever_more_ways_come_to_an_end() {
    let level = |number: usize| {
        let next = format!(r##"{{"$ref":"#/definitions/l{}"}}"##, number + 1);
        let fields: Vec<String> = (0..30).map(|at| format!(r#""f{at}":{next}"#)).collect();
        let fields = fields.join(",");
        format!(
            r#""l{number}":{{"type":"object","additionalProperties":false,"properties":{{{fields}}}}}"#
        )
    };
    let levels: Vec<String> = (0..9).map(level).collect();
    let last = r#""l9":{"type":"integer"}"#;
    let schema = format!(
        r##"{{"properties":{{"a":{{"$ref":"#/definitions/l0"}},"b":{{"type":"integer"}}}},"definitions":{{{},{last}}}}}"##,
        levels.join(",")
    );
    let columns = columns_of_json_schema(schema.as_bytes()).expect("columns");
    assert_eq!(columns.len(), 2);
}
