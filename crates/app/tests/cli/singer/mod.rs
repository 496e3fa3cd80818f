//! `spile singer`, and `spile load` of what a tap writes.

use crate::kit::{Desk, Ran};

mod batches;
mod objects;
mod selection;
mod settings;
mod shape;
mod states;
mod store;
mod tap;
mod versions;

/// Two streams, whose records differ from what their schemas say.
const TAP: &str = concat!(
    r#"{"type":"SCHEMA","stream":"orders","schema":{"properties":{"id":{"type":"integer"},"at":{"type":["null","string"],"format":"date-time"},"price":{"type":["null","number"]},"note":{"type":["null","string"]}}},"key_properties":["id"],"bookmark_properties":["at"]}"#,
    "\n",
    r#"{"type":"RECORD","stream":"orders","record":{"id":1,"at":"2025-04-14T10:00:00Z","price":1.10,"note":"a"}}"#,
    "\n",
    r#"{"type":"STATE","value":{ "bookmarks": {"orders":"2025-04-14T10:00:00Z"}}}"#,
    "\n",
    r#"{"type":"SCHEMA","stream":"people","schema":{"properties":{"name":{"type":"string"},"born":{"type":"string","format":"date"}}},"key_properties":[]}"#,
    "\n",
    r#"{"type":"RECORD","stream":"people","record":{"name":"Ada","born":"1815-12-10","extra":true}}"#,
    "\n",
    r#"{"type":"RECORD","stream":"orders","record":{"id":2,"at":"2025-04-15T10:00:00Z","price":null,"more":{"x":1}}}"#,
    "\n",
    r#"{"type":"STATE","value":2}"#,
    "\n",
);

/// A desk with those messages, and settings for them.
fn desk(settings: &str) -> Desk {
    let desk = Desk::new()
        .set("SPILE_CONNECTION_RUN_ID", "r")
        .set("SPILE_LOG", "error");
    desk.write("tap", TAP).write("spile.toml", settings);
    desk
}

const SINGER: &str = "spile singer --config spile.toml < tap";

/// Another run of it.
fn as_run(id: &str) -> String {
    format!("SPILE_CONNECTION_RUN_ID={id} {SINGER}")
}

/// A desk where they were loaded, and what was said.
fn loaded(settings: &str) -> (Desk, Ran) {
    let desk = desk(settings);
    let ran = desk.ok(SINGER);
    (desk, ran)
}
