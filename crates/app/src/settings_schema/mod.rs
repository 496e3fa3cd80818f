//! All settings as a JSON Schema, written down once: Airbyte makes a form of it, Singer's tools a
//! list. What a setting does is said in `docs/reference/settings.md`; here is what a form needs.
//!
//! [`list`] has the settings, nested as in [`crate::config::Settings`], [`schema`] makes a JSON Schema
//! of them, and [`airbyte`] and [`singer`] put it into what each protocol asks for. A test holds the
//! list against the struct, another one the plugin definition in `examples/meltano` against the list.

mod airbyte;
mod list;
mod paths;
mod schema;
mod setting;
mod singer;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod meltano;

use clap::ValueEnum;

/// The form of Spile's introduction to Singer's tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AboutFormat {
    /// For programs: JSON
    Json,
    /// For people: a page in Markdown
    Markdown,
}

/// What Airbyte asks a destination for first: an AirbyteMessage of the type SPEC, on one line without
/// its line break.
pub(crate) fn airbyte_spec() -> String {
    airbyte::message().to_string()
}

/// What Singer's tools ask a target for: name, version, capabilities and settings, with the last line
/// break.
pub(crate) fn singer_about(format: AboutFormat) -> String {
    match format {
        AboutFormat::Json => format!("{:#}\n", singer::about()),
        AboutFormat::Markdown => singer::page(),
    }
}
