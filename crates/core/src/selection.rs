//! Which streams of a source are loaded.

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
