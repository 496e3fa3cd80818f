//! `spile macros`: the list of macros.

use serde::Serialize;
use spile_macros_template::{Macro, MacroSet};

use crate::cli::OutputFormat;

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    doc: &'a str,
    sample: &'a str,
}

/// The list of macros, for people or for programs.
pub(crate) fn list(format: OutputFormat) -> Result<String, serde_json::Error> {
    let macros = MacroSet::standard();
    match format {
        OutputFormat::Text => Ok(table(&macros)),
        OutputFormat::Json => {
            let row = |one: &Macro| serde_json::to_value(row(one));
            serde_json::to_string_pretty(&macros.iter().map(row).collect::<Result<Vec<_>, _>>()?)
        }
    }
}

fn row(one: &Macro) -> Row<'_> {
    Row {
        name: one.name(),
        doc: one.doc(),
        sample: one.sample(),
    }
}

fn table(macros: &MacroSet) -> String {
    let name = |one: &Macro| format!("{{{}}}", one.name());
    let width = macros
        .iter()
        .map(|one| name(one).len())
        .max()
        .unwrap_or_default();
    let line = |one: &Macro| {
        format!(
            "{:width$}  {}\n{:width$}  such as {}\n",
            name(one),
            one.doc(),
            "",
            one.sample()
        )
    };
    let lines: String = macros.iter().map(line).collect();
    format!(
        "{lines}\n\
         {{name?}} vanishes, with a / behind it, where its value is empty. {{{{ and }}}} are braces.\n"
    )
}
