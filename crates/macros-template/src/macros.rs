use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

use crate::standard::{self, Source};

/// When the value of a macro is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Fixed for the run of a stream: load time, ids, names, custom macros.
    Run,
    /// Taken from the record's cursor, so it is a part of the route.
    Cursor,
    /// Differs from object to object within a route: `{part}`, `{part_index}`, `{uuid}`.
    Object,
}

/// `run`, `cursor`, `object`: the words of the reference.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Run => "run",
            Self::Cursor => "cursor",
            Self::Object => "object",
        })
    }
}

/// A name that a template can use in braces, and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Macro {
    name: Cow<'static, str>,
    doc: Cow<'static, str>,
    sample: Cow<'static, str>,
    source: Source,
}

impl Macro {
    /// A custom macro, whose value is given for the run with
    /// [`RunValues::custom`](crate::RunValues::custom).
    ///
    /// `doc` says in a few words what it stands for, `sample` is a value that it could have.
    ///
    /// ```
    /// use spile_macros_template::{Macro, Scope};
    ///
    /// let tenant = Macro::custom("tenant", "the customer whose data this is", "acme");
    /// assert_eq!(tenant.scope(), Scope::Run);
    /// ```
    #[must_use]
    pub fn custom(
        name: impl Into<String>,
        doc: impl Into<String>,
        sample: impl Into<String>,
    ) -> Self {
        Self {
            name: Cow::Owned(name.into()),
            doc: Cow::Owned(doc.into()),
            sample: Cow::Owned(sample.into()),
            source: Source::Custom,
        }
    }

    pub(crate) const fn standard(
        name: &'static str,
        source: Source,
        doc: &'static str,
        sample: &'static str,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            doc: Cow::Borrowed(doc),
            sample: Cow::Borrowed(sample),
            source,
        }
    }

    /// The name without braces.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn source(&self) -> Source {
        self.source
    }

    /// When its value is known.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.source.scope()
    }

    /// What it stands for, in a few words of Markdown.
    #[must_use]
    pub fn doc(&self) -> &str {
        &self.doc
    }

    /// A value that it could have.
    #[must_use]
    pub fn sample(&self) -> &str {
        &self.sample
    }
}

/// The macros that a template may use: the standard ones and any that were added.
///
/// ```
/// use spile_macros_template::{Macro, MacroSet};
///
/// let macros = MacroSet::standard().with(Macro::custom("tenant", "the customer", "acme"))?;
/// assert_eq!(macros.get("year").map(Macro::sample), Some("2025"));
/// assert!(macros.iter().any(|known| known.name() == "tenant"));
/// # Ok::<(), spile_macros_template::MacroSetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacroSet {
    macros: Vec<Macro>,
}

/// Why a custom macro can't be added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MacroSetError {
    /// The name isn't one that a template could write.
    #[error(
        "add macro `{name}`: a name is letters, digits and `_`, and doesn't begin with a digit"
    )]
    InvalidName {
        /// The name that was given.
        name: String,
    },
    /// A macro of this name is there already; none is ever replaced.
    #[error("add macro `{name}`: a macro of this name exists")]
    Duplicate {
        /// The name that was given.
        name: String,
    },
}

impl MacroSet {
    /// The macros of [`REFERENCE_MD`](crate::REFERENCE_MD).
    #[must_use]
    pub fn standard() -> Self {
        Self {
            macros: standard::MACROS.to_vec(),
        }
    }

    /// The set with one more macro.
    ///
    /// # Errors
    ///
    /// When the name is taken, or isn't an ASCII identifier.
    pub fn with(mut self, custom: Macro) -> Result<Self, MacroSetError> {
        let name = custom.name();
        if !is_name(name) {
            return Err(MacroSetError::InvalidName {
                name: name.to_owned(),
            });
        }
        if self.get(name).is_some() {
            return Err(MacroSetError::Duplicate {
                name: name.to_owned(),
            });
        }
        self.macros.push(custom);
        Ok(self)
    }

    /// The macros in the order of the reference, then the added ones.
    pub fn iter(&self) -> impl Iterator<Item = &Macro> {
        self.macros.iter()
    }

    /// The macro of this name, which is matched exactly.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Macro> {
        self.macros.iter().find(|known| known.name() == name)
    }

    /// The name that someone who wrote `name` is likely to have meant.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        nearest(&normal(name), self.macros.iter().map(Macro::name))
    }
}

/// The one of `names` that differs from `name` in few letters, or has it as a part.
pub(crate) fn nearest<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let edits_max = (name.chars().count() / 3).max(1);
    let by_edits = |known: &&str| strsim::damerau_levenshtein(name, known);
    let close = names
        .clone()
        .filter(|known| by_edits(known) <= edits_max)
        .min_by_key(by_edits);
    close.or_else(|| {
        let has_it = |known: &&str| name.len() >= 3 && known.contains(name);
        names.filter(has_it).min_by_key(|known| known.len())
    })
}

/// Whether `name` is an ASCII identifier.
pub(crate) fn is_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.chars().all(word)
}

/// `name` in the way that the standard macros are spelt.
fn normal(name: &str) -> String {
    name.trim()
        .to_ascii_lowercase()
        .replace(['-', ' ', '.'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(MacroSet::standard().nearest(name), expect, "{name}");
        };
        check("strem_name", Some("stream_name"));
        check("Date", Some("date"));
        check(" date ", Some("date"));
        check("datetime", Some("date_time"));
        check("cursor-year", Some("cursor_year"));
        check("yaer", Some("year"));
        check("ext", Some("extension"));
        check("run_id", Some("stream_run_id"));
        check("connection", Some("connection_id"));
        check("customer", None);
        check("", None);
    }

    #[test]
    fn a_name_is_taken_once() {
        let with = |name: &str| MacroSet::standard().with(Macro::custom(name, "", ""));
        insta::assert_snapshot!(
            with("date").unwrap_err(),
            @"add macro `date`: a macro of this name exists"
        );
        insta::assert_snapshot!(
            with("2nd").unwrap_err(),
            @"add macro `2nd`: a name is letters, digits and `_`, and doesn't begin with a digit"
        );
        let twice = with("tenant")
            .unwrap()
            .with(Macro::custom("tenant", "", ""));
        assert!(matches!(twice, Err(MacroSetError::Duplicate { .. })));
    }
}
