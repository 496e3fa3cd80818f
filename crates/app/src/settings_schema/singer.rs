//! How Spile introduces itself to Singer's tools: what targets that are built with Meltano's SDK
//! print for `--about`.

use serde_json::{Value, json};

use super::list::ALL;
use super::paths::{Entry, entries};
use super::schema;
use super::setting::{Connector, Kind};

/// Targets are called so wherever they are listed. It is the name of the plugin, too.
pub(super) const NAME: &str = "target-spile";
const DESCRIPTION: &str =
    "Loads streams into S3 as csv, jsonl or parquet objects whose keys follow a template";
/// What the tools know names for. Stream maps and flattening aren't among them: records stay what
/// their source made of them.
pub(super) const CAPABILITIES: [&str; 3] = ["about", "activate-version", "batch"];

/// The introduction for programs.
pub(super) fn about() -> Value {
    json!({
        "name": NAME,
        "description": DESCRIPTION,
        "version": env!("CARGO_PKG_VERSION"),
        "capabilities": CAPABILITIES,
        "settings": schema::table(ALL, Connector::Singer),
    })
}

/// The introduction for people.
pub(super) fn page() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let capabilities = CAPABILITIES.map(|one| format!("- `{one}`\n")).concat();
    let rows: String = rows().iter().map(Row::line).collect();
    format!(
        "# `{NAME}`\n\n{DESCRIPTION}. Version {version}.\n\n\
         ## Capabilities\n\n{capabilities}\n\
         ## Settings\n\n\
         `NAME` stands for the name of a stream, or a glob of names.\n\n\
         | Setting | Required | Default | Description |\n|---|---|---|---|\n{rows}"
    )
}

/// A line of the table: a setting, whatever methods have it.
struct Row {
    entry: Entry,
    /// The methods that need it.
    needed_by: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for entry in entries(Connector::Singer) {
        let needed_by = entry.method.filter(|_| entry.setting.is_required);
        match rows.iter_mut().find(|row| row.entry.path == entry.path) {
            Some(row) => row.needed_by.extend(needed_by),
            None => rows.push(Row {
                needed_by: needed_by.into_iter().collect(),
                entry,
            }),
        }
    }
    rows
}

impl Row {
    fn line(&self) -> String {
        let Row { entry, .. } = self;
        let path = &entry.path;
        let (required, default) = (self.required(), self.default());
        let (description, words) = (entry.setting.description, self.words());
        format!("| `{path}` | {required} | {default} | {description}{words} |\n")
    }

    fn required(&self) -> String {
        let is_always = self.entry.setting.is_required && self.entry.method.is_none();
        match &*self.needed_by {
            [] if is_always => "yes".to_owned(),
            [] => "no".to_owned(),
            methods => format!("with `{}`", methods.join("`, `")),
        }
    }

    fn default(&self) -> String {
        let default = self.entry.setting.default;
        default.map_or_else(String::new, |default| format!("`{}`", default.to_json()))
    }

    /// What may be chosen.
    fn words(&self) -> String {
        match self.entry.setting.kind {
            Kind::Choice(words) => format!(" One of `{}`.", words.join("`, `")),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::settings_schema::{AboutFormat, singer_about};

    /// With a version that doesn't change.
    fn printed(format: AboutFormat) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let printed = singer_about(format);
        assert_eq!(printed.matches(version).count(), 1);
        printed.replace(version, "VERSION")
    }

    #[test]
    fn for_programs() {
        insta::assert_snapshot!("singer_about_json", printed(AboutFormat::Json));
    }

    #[test]
    fn for_people() {
        insta::assert_snapshot!("singer_about_markdown", printed(AboutFormat::Markdown));
    }
}
