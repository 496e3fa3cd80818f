//! How Spile introduces itself to Airbyte.

use serde_json::{Value, json};

use super::list::ALL;
use super::schema;
use super::setting::Connector;

/// Where people read on. A platform shows it beside the form.
const DOCUMENTATION: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/main/docs/reference/settings.md"
);
/// The version of Airbyte's protocol that the messages are of.
const PROTOCOL: &str = "0.3.2";

/// The answer to `spec`.
pub(super) fn message() -> Value {
    json!({
        "type": "SPEC",
        "spec": {
            "documentationUrl": DOCUMENTATION,
            "connectionSpecification": form(),
            "supportsIncremental": true,
            "supportsNormalization": false,
            "supportsDBT": false,
            "supported_destination_sync_modes": ["overwrite", "append"],
            "protocol_version": PROTOCOL,
        },
    })
}

/// The schema that the platform makes a form of.
fn form() -> Value {
    let mut schema = schema::table(ALL, Connector::Airbyte);
    let dialect = "http://json-schema.org/draft-07/schema#";
    schema.insert("$schema".to_owned(), json!(dialect));
    schema.insert("title".to_owned(), json!("Spile"));
    Value::Object(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_message() {
        let line = crate::settings_schema::airbyte_spec();
        assert!(!line.contains('\n'));
        let message: Value = serde_json::from_str(&line).expect("JSON");
        insta::assert_snapshot!("airbyte_spec", format!("{message:#}"));
    }
}
