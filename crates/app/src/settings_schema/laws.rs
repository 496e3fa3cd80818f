//! What platforms ask of a form, whatever its settings are.

use serde_json::{Map, Value};

use super::list::ALL;
use super::schema;
use super::setting::Connector;

/// Calls back for each schema of a value, with its path.
fn for_each(path: &str, schema: &Value, check: &mut impl FnMut(&str, &Value)) {
    check(path, schema);
    for (name, inner) in properties(schema) {
        for_each(&format!("{path}.{name}"), inner, check);
    }
    for variant in schema["oneOf"].as_array().into_iter().flatten() {
        for_each(&format!("{path}|{}", variant["title"]), variant, check);
    }
    for inner in ["additionalProperties", "items"] {
        if schema[inner].is_object() {
            for_each(&format!("{path}.{inner}"), &schema[inner], check);
        }
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema["properties"].as_object();
    properties.into_iter().flat_map(Map::iter)
}

fn form(connector: Connector) -> Value {
    Value::Object(schema::table(ALL, connector))
}

#[test]
fn every_schema_has_one_type() {
    for connector in [Connector::Airbyte, Connector::Singer] {
        for_each("", &form(connector), &mut |path, schema| {
            assert!(schema["type"].is_string(), "{path}: {schema:#}");
            for word in ["$ref", "anyOf", "allOf", "not", "patternProperties"] {
                assert!(schema.get(word).is_none(), "{path}: forms have no {word}");
            }
        });
    }
}

#[test]
fn every_property_is_described_in_its_place() {
    for_each("", &form(Connector::Airbyte), &mut |path, schema| {
        let mut orders = Vec::new();
        for (name, inner) in properties(schema) {
            let text = |word: &str| inner[word].as_str().unwrap_or_default();
            assert!(!text("title").is_empty(), "{path}.{name}");
            assert!(text("description").ends_with('.'), "{path}.{name}");
            orders.extend(inner["order"].as_u64());
        }
        orders.sort_unstable();
        let expect: Vec<u64> = (0..).take(properties(schema).count()).collect();
        assert_eq!(orders, expect, "{path}");
    });
}

#[test]
fn what_is_required_is_a_property() {
    for_each("", &form(Connector::Singer), &mut |path, schema| {
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            assert!(schema["properties"].get(name).is_some(), "{path}.{name}");
        }
    });
}

#[test]
fn each_way_of_a_choice_is_told_by_one_constant() {
    let mut found = 0;
    for_each("", &form(Connector::Airbyte), &mut |path, schema| {
        let Some(ways) = schema["oneOf"].as_array() else {
            return;
        };
        found += 1;
        let mut constants = Vec::new();
        for way in ways {
            let of_way = properties(way).filter(|(_, inner)| inner.get("const").is_some());
            let of_way: Vec<_> = of_way
                .map(|(name, inner)| (name, &inner["const"]))
                .collect();
            assert_eq!(of_way.len(), 1, "{path}");
            constants.extend(of_way);
        }
        assert!(constants.iter().all(|(name, _)| *name == constants[0].0));
        let others = |at: usize| constants[at + 1..].iter();
        let is_new =
            |(at, one): (usize, &(_, &Value))| others(at).all(|(_, other)| *other != one.1);
        assert!(constants.iter().enumerate().all(is_new), "{path}");
    });
    assert_eq!(found, 1);
}

#[test]
fn only_the_words_of_the_connector_are_used() {
    let airbyte = form(Connector::Airbyte).to_string();
    let singer = form(Connector::Singer).to_string();
    assert!(airbyte.contains("airbyte_secret") && !singer.contains("airbyte_secret"));
    assert!(!airbyte.contains("\"secret\"") && singer.contains("\"secret\""));
    assert!(!singer.contains("\"order\":"));
    assert!(!airbyte.contains("_sdc_") && !singer.contains("_airbyte_"));
}
