//! Which streams of a source are loaded.

use std::collections::HashSet;

use glob::PatternError;

use crate::globs::{GlobError, Globs};
use crate::source::StreamName;

/// Which streams are loaded, by globs of their names.
///
/// A stream is matched by its name, `orders`, or with its namespace before that, `public.orders`. A
/// glob behind a `!` leaves out what it matches, wherever it stands among the others. Where no glob
/// is without one, all other streams are loaded.
///
/// ```
/// use spile_core::{Selection, StreamName};
///
/// let selection = Selection::new(&["order*".to_owned(), "!*_old".to_owned()])?;
/// assert!(selection.is_selected(&StreamName::new("orders")));
/// assert!(!selection.is_selected(&StreamName::new("orders_old")));
/// assert!(!selection.is_selected(&StreamName::new("users")));
/// # Ok::<(), spile_core::GlobError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Selection {
    include: Globs,
    exclude: Globs,
}

impl Selection {
    /// The streams that `globs` match; all where there are none.
    ///
    /// # Errors
    /// The first text that is no glob, be it that it is empty: no stream is called that.
    pub fn new(globs: &[String]) -> Result<Self, GlobError> {
        let (mut include, mut exclude) = (Vec::new(), Vec::new());
        for glob in globs {
            match glob.strip_prefix('!') {
                Some(behind) => exclude.push(behind),
                None => include.push(glob.as_str()),
            }
        }
        let (include, exclude) = (filled(&include)?, filled(&exclude)?);
        Ok(Self { include, exclude })
    }

    /// Whether a stream is loaded.
    pub fn is_selected(&self, stream: &StreamName) -> bool {
        let is_included = self.include.is_empty() || is_match(&self.include, stream);
        is_included && !is_match(&self.exclude, stream)
    }

    /// The globs, as they were given, that match none of some streams.
    pub fn unmatched<'s>(&self, streams: impl IntoIterator<Item = &'s StreamName>) -> Vec<String> {
        let streams: Vec<&StreamName> = streams.into_iter().collect();
        let of = |globs: &Globs, before: &str| {
            let is_met = |glob: &Globs| streams.iter().any(|stream| is_match(glob, stream));
            let unmatched = globs.each().filter(|(_, glob)| !is_met(glob));
            let told = unmatched.map(|(text, _)| format!("{before}{text}"));
            told.collect::<Vec<String>>()
        };
        [of(&self.include, ""), of(&self.exclude, "!")].concat()
    }
}

/// A selection, and the streams that it was asked about.
#[derive(Debug)]
pub(crate) struct Selecting {
    selection: Selection,
    met: HashSet<StreamName>,
}

impl Selecting {
    pub(crate) fn new(selection: Selection) -> Self {
        let met = HashSet::new();
        Self { selection, met }
    }

    /// Whether a stream that is met is loaded.
    pub(crate) fn takes(&mut self, stream: &StreamName) -> bool {
        if !self.met.contains(stream) {
            self.met.insert(stream.clone());
        }
        self.selection.is_selected(stream)
    }

    /// The globs that have matched none of the streams; none where no stream was met.
    pub(crate) fn unmatched(&self) -> Vec<String> {
        match self.met.is_empty() {
            true => Vec::new(),
            false => self.selection.unmatched(&self.met),
        }
    }
}

fn filled(globs: &[&str]) -> Result<Globs, GlobError> {
    if globs.contains(&"") {
        let (pos, msg) = (0, "it is empty");
        return Err(GlobError::new("", PatternError { pos, msg }));
    }
    Globs::new(globs.iter().copied())
}

fn is_match(globs: &Globs, stream: &StreamName) -> bool {
    let has_namespace = stream.namespace.is_some();
    globs.matches(&stream.name) || has_namespace && globs.matches(&stream.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(globs: &[&str]) -> Result<Selection, GlobError> {
        let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
        Selection::new(&globs)
    }

    /// Those of some streams that are loaded.
    fn check(globs: &[&str], expect: &[&str]) {
        let of = |namespace: &str, name| StreamName {
            namespace: Some(namespace.into()),
            ..StreamName::new(name)
        };
        let all = [
            StreamName::new("users"),
            of("public", "users"),
            of("public", "orders"),
            of("audit", "orders[1]"),
        ];
        let selection = selection(globs).expect("globs");
        let selected = all.iter().filter(|stream| selection.is_selected(stream));
        let selected: Vec<String> = selected.map(StreamName::to_string).collect();
        assert_eq!(selected, expect, "{globs:?}");
    }

    #[test]
    fn streams_are_selected_by_their_names() {
        let all = ["users", "public.users", "public.orders", "audit.orders[1]"];
        check(&[], &all);
        check(&["*"], &all);
        check(&["users"], &all[..2]);
        check(&["public.users"], &all[1..2]);
        check(&["public.*", "audit.*"], &all[1..]);
        check(&["orders[1]"], &all[3..]);
        check(&["Users", "user", "ublic.users"], &[]);
    }

    #[test]
    fn what_is_left_out_is_so_wherever_that_stands() {
        check(&["!public.*"], &["users", "audit.orders[1]"]);
        check(&["!users"], &["public.orders", "audit.orders[1]"]);
        check(&["*users", "!public.*"], &["users"]);
        check(&["!public.*", "*users"], &["users"]);
        check(&["!*"], &[]);
        check(&["users", "!users"], &[]);
    }

    #[test]
    fn globs_that_match_nothing() {
        let streams = ["orders", "users"].map(StreamName::new);
        let check = |globs: &[&str], expect: &[&str]| {
            let selection = selection(globs).expect("globs");
            assert_eq!(selection.unmatched(&streams), expect, "{globs:?}");
        };
        check(&[], &[]);
        check(&["*", "!u*"], &[]);
        check(
            &["order", "!user", "users", "x[ab]"],
            &["order", "x[ab]", "!user"],
        );
    }

    #[test]
    fn what_is_no_glob() {
        let check = |glob: &str, expect: &str| {
            let error = selection(&["a", glob]).expect_err("no glob");
            assert_eq!(error.to_string(), format!("read `{expect}` as a glob"));
        };
        check("a***", "a***");
        check("!a[", "a[");
        check("", "");
        check("!", "");
    }
}
