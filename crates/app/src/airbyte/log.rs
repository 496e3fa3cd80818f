//! Logs as messages of Airbyte.

use std::fmt::{self, Write};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use crate::config::in_settings;
use crate::terminal;

/// Writes each event as a LOG to stdout.
pub(crate) struct LogLayer;

/// The text of an event: its message, and what else it says.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let message = in_settings(&format!("{}{}", text.message, text.fields));
        let log = json!({"level": level(event.metadata().level()), "message": message});
        let line = json!({"type": "LOG", "log": log}).to_string();
        // Where nobody listens any more, a state tells of it.
        let _unread = terminal::print(&line);
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a text doesn't fail.
        let _written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

fn level(level: &Level) -> &'static str {
    match *level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARN",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    }
}
