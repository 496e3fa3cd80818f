//! A JSON Schema of settings.
//!
//! Tables don't say `additionalProperties: false`, though Spile refuses what it doesn't know: a
//! configuration that an earlier form has saved would be refused by the platform, which can't say as
//! well as Spile what to do about it.

use serde_json::{Map, Value, json};

use super::setting::{Connector, Kind, Method, Setting};

/// The schema of a table: its type, its properties, and which of them are needed.
pub(super) fn table(settings: &[Setting], connector: Connector) -> Map<String, Value> {
    let known = || settings.iter().filter(|setting| setting.is_for(connector));
    let properties = properties(known(), 0, connector);
    let mut schema = fields(json!({"type": "object", "properties": properties}));
    require(&mut schema, needed(known()));
    schema
}

/// The schemas of settings by their names. Forms show them by numbers, which begin with `first`:
/// the properties of an object have no order of their own.
fn properties<'a>(
    settings: impl Iterator<Item = &'a Setting>,
    first: usize,
    connector: Connector,
) -> Map<String, Value> {
    let numbered = settings.zip(first..).map(|(setting, order)| {
        let mut schema = property(setting, connector);
        number(&mut schema, order, connector);
        (setting.name.to_owned(), Value::Object(schema))
    });
    numbered.collect()
}

fn property(setting: &Setting, connector: Connector) -> Map<String, Value> {
    let mut schema = of_kind(setting.kind, connector);
    describe(&mut schema, setting.title, setting.description);
    if let Some(default) = setting.default {
        schema.insert("default".to_owned(), default.to_json());
    }
    if let Some(example) = setting.example {
        schema.insert("examples".to_owned(), json!([example.to_json()]));
    }
    schema
}

fn of_kind(kind: Kind, connector: Connector) -> Map<String, Value> {
    let schema = match kind {
        Kind::Text | Kind::Size | Kind::Span => json!({"type": "string"}),
        Kind::Secret => match connector {
            Connector::Airbyte => json!({"type": "string", "airbyte_secret": true}),
            Connector::Singer => json!({"type": "string", "secret": true, "writeOnly": true}),
        },
        Kind::Choice(words) => json!({"type": "string", "enum": words}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Whole { min, max: None } => json!({"type": "integer", "minimum": min}),
        Kind::Whole { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Kind::TextTable => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Kind::Table(settings) => return table(settings, connector),
        Kind::Named(settings) => json!({
            "type": "object",
            "additionalProperties": table(settings, connector),
        }),
        Kind::OneOf { by, methods } => {
            let methods = methods.iter().map(|one| method(by, one, connector));
            json!({"type": "object", "oneOf": methods.collect::<Vec<_>>()})
        }
    };
    fields(schema)
}

/// One of the tables of a choice. What chooses it is its first property, of one value only.
fn method(by: &Setting, method: &Method, connector: Connector) -> Value {
    let mut chosen = fields(json!({"type": "string", "const": method.name}));
    describe(&mut chosen, by.title, by.description);
    number(&mut chosen, 0, connector);
    let mut properties = properties(method.settings.iter(), 1, connector);
    properties.insert(by.name.to_owned(), Value::Object(chosen));
    let mut schema = fields(json!({"type": "object", "properties": properties}));
    describe(&mut schema, method.title, method.description);
    let needed = std::iter::once(by.name).chain(needed(method.settings.iter()));
    require(&mut schema, needed);
    Value::Object(schema)
}

fn number(schema: &mut Map<String, Value>, order: usize, connector: Connector) {
    if connector == Connector::Airbyte {
        schema.insert("order".to_owned(), json!(order));
    }
}

fn describe(schema: &mut Map<String, Value>, title: &str, description: &str) {
    schema.insert("title".to_owned(), json!(title));
    schema.insert("description".to_owned(), json!(description));
}

fn needed<'a>(settings: impl Iterator<Item = &'a Setting>) -> impl Iterator<Item = &'a str> {
    settings
        .filter(|setting| setting.is_required)
        .map(|setting| setting.name)
}

fn require<'a>(schema: &mut Map<String, Value>, names: impl Iterator<Item = &'a str>) {
    let names: Vec<&str> = names.collect();
    if !names.is_empty() {
        schema.insert("required".to_owned(), json!(names));
    }
}

/// The fields of an object that stands in the source as one.
fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
