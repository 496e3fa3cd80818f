//! The syntax that an S3 destination of Airbyte has for its keys, as another way to write a template:
//! [`Template::parse_airbyte`] takes it.
//!
#![doc = include_str!("reference.md")]

mod date;
mod own;
mod parse;
mod placeholder;
#[cfg(test)]
mod tests;

use thiserror::Error;

pub(crate) use self::parse::parse;
#[cfg(test)]
pub(crate) use self::placeholder::{PLACEHOLDERS, Placeholder};
use crate::{Template, TemplateErrors};

/// The reference of this syntax, in Markdown, for users: its placeholders, and where keys differ from
/// Airbyte's.
pub const REFERENCE_MD: &str = include_str!("reference.md");

/// The `s3_path_format` where none is set.
pub const PATH_FORMAT: &str = "${NAMESPACE}/${STREAM_NAME}/${YEAR}_${MONTH}_${DAY}_${EPOCH}_";

/// The `file_name_pattern` where none is set.
pub const FILE_NAME_PATTERN: &str = "{part_number}{format_extension}";

/// Both together: the key where neither is set.
pub const KEY: &str =
    "${NAMESPACE}/${STREAM_NAME}/${YEAR}_${MONTH}_${DAY}_${EPOCH}_{part_number}{format_extension}";

/// Why a path format and a file name pattern can't be written in Spile's own syntax.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OwnSyntaxError {
    /// They are no template.
    #[error(transparent)]
    Template(#[from] TemplateErrors),
    /// Placeholders whose value may be empty stand behind other text of their segment. In Airbyte's
    /// syntax the `/` behind them stays then; in Spile's own it vanishes with them.
    #[error("write {} in Spile's own syntax: where it is empty, the `/` behind it would vanish too", listed(.placeholders))]
    NoCounterpart {
        /// The placeholders, as they were written.
        placeholders: Vec<String>,
    },
}

/// The template in Spile's own syntax that renders the same keys as Airbyte's path format and file
/// name pattern.
///
/// # Errors
///
/// Where there is none, or what was given is no template; see [`OwnSyntaxError`].
///
/// ```
/// use spile_macros_template::airbyte::{FILE_NAME_PATTERN, PATH_FORMAT, in_own_syntax};
///
/// assert_eq!(
///     in_own_syntax(PATH_FORMAT, FILE_NAME_PATTERN)?,
///     "{namespace?}/{stream_name}/{year}_{month}_{day}_{epoch_ms}_{part_index}.{extension}"
/// );
/// # Ok::<(), spile_macros_template::airbyte::OwnSyntaxError>(())
/// ```
pub fn in_own_syntax(path_format: &str, file_name_pattern: &str) -> Result<String, OwnSyntaxError> {
    let text = format!("{path_format}{file_name_pattern}");
    let template = Template::parse_airbyte(&text)?;
    let spans = own::without_counterpart(template.nodes());
    if spans.is_empty() {
        return Ok(template.to_string());
    }
    let placeholders = spans.iter().map(|span| span.of(&text).to_owned());
    Err(OwnSyntaxError::NoCounterpart {
        placeholders: placeholders.collect(),
    })
}

fn listed(placeholders: &[String]) -> String {
    let quoted: Vec<_> = placeholders.iter().map(|one| format!("`{one}`")).collect();
    quoted.join(", ")
}
