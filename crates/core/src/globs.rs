//! Globs over names.

use glob::{Pattern, PatternError};

/// Some globs, any of which may match. A name that is written like a glob matches it as well.
#[derive(Clone, Debug, Default)]
pub(crate) struct Globs(Vec<Pattern>);

/// A text that is no glob.
#[derive(Debug, thiserror::Error)]
#[error("read `{glob}` as a glob")]
pub struct GlobError {
    /// The text.
    pub glob: String,
    /// What is wrong with it.
    pub source: PatternError,
}

impl Globs {
    pub(crate) fn new<'g>(globs: impl IntoIterator<Item = &'g str>) -> Result<Self, GlobError> {
        let read = |glob| Pattern::new(glob).map_err(|source| GlobError::new(glob, source));
        let globs = globs.into_iter().map(read);
        Ok(Self(globs.collect::<Result<_, _>>()?))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them by itself, with its text.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, Self)> {
        let alone = |glob: &Pattern| Self(vec![glob.clone()]);
        self.0.iter().map(move |glob| (glob.as_str(), alone(glob)))
    }

    /// Whether one of them matches whatever there is.
    pub(crate) fn has_star(&self) -> bool {
        self.0.iter().any(|glob| glob.as_str() == "*")
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        let is_match = |glob: &Pattern| glob.as_str() == name || glob.matches(name);
        self.0.iter().any(is_match)
    }
}

impl GlobError {
    pub(crate) fn new(glob: &str, source: PatternError) -> Self {
        let glob = glob.to_owned();
        Self { glob, source }
    }
}
