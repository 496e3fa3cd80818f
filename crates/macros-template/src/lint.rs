use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use crate::ObjectKey;

/// How many keys a lint remembers, to compare later ones with.
const KEYS_MAX: usize = 8192;

/// Looks for keys that S3 takes and common readers don't.
///
/// Each thing is reported once, by the first key that has it, except keys that differ in case
/// only, which are reported for each pair. Those are looked for among the first 8,192 keys: a
/// lint never remembers more, so it holds at most some 9 MiB, and about 1 MiB with keys of 100
/// bytes.
///
/// ```
/// use spile_macros_template::{KeyLint, ObjectKey};
///
/// let mut lint = KeyLint::new();
/// assert!(lint.check(&ObjectKey::new("raw/sales.csv")?).is_empty());
/// let warnings = lint.check(&ObjectKey::new("raw/Sales.csv")?);
/// assert_eq!(
///     warnings[0].to_string(),
///     "key `raw/Sales.csv` differs from `raw/sales.csv` in case only"
/// );
/// # Ok::<(), spile_macros_template::KeyError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct KeyLint {
    colon_seen: bool,
    hidden_seen: bool,
    /// Keys by the hash of their lower-case form.
    keys: HashMap<u64, ObjectKey>,
    hasher: RandomState,
}

/// A key that S3 takes, and that some readers of it don't.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyWarning {
    /// The key has a `:`, and Hadoop and Spark refuse such keys.
    Colon {
        /// The key.
        key: ObjectKey,
    },
    /// A segment begins with `_` or `.`, and Hive and its kin leave such objects out.
    Hidden {
        /// The key.
        key: ObjectKey,
        /// The segment.
        segment: String,
    },
    /// Two keys differ in case only, and become one file where names ignore case.
    CaseOnly {
        /// The later key.
        key: ObjectKey,
        /// The earlier key.
        other: ObjectKey,
    },
}

impl KeyLint {
    /// A lint that has seen no key.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is to be said of `key`, usually nothing.
    #[must_use]
    pub fn check(&mut self, key: &ObjectKey) -> Vec<KeyWarning> {
        let found = [self.colon(key), self.hidden(key), self.case_only(key)];
        found.into_iter().flatten().collect()
    }

    fn colon(&mut self, key: &ObjectKey) -> Option<KeyWarning> {
        if self.colon_seen || !key.as_str().contains(':') {
            return None;
        }
        self.colon_seen = true;
        Some(KeyWarning::Colon { key: key.clone() })
    }

    fn hidden(&mut self, key: &ObjectKey) -> Option<KeyWarning> {
        if self.hidden_seen {
            return None;
        }
        let segment = key
            .as_str()
            .split('/')
            .find(|part| part.starts_with(['_', '.']))?;
        self.hidden_seen = true;
        Some(KeyWarning::Hidden {
            key: key.clone(),
            segment: segment.to_owned(),
        })
    }

    fn case_only(&mut self, key: &ObjectKey) -> Option<KeyWarning> {
        let folded = key.as_str().to_lowercase();
        let hash = self.hasher.hash_one(&folded);
        let Some(other) = self.keys.get(&hash) else {
            if self.keys.len() < KEYS_MAX {
                self.keys.insert(hash, key.clone());
            }
            return None;
        };
        let differs = other != key && other.as_str().to_lowercase() == folded;
        differs.then(|| KeyWarning::CaseOnly {
            key: key.clone(),
            other: other.clone(),
        })
    }
}

impl fmt::Display for KeyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Colon { key } => {
                write!(
                    f,
                    "key `{key}` has a `:`, and Hadoop and Spark refuse such keys"
                )
            }
            Self::Hidden { key, segment } => {
                write!(
                    f,
                    "key `{key}` is hidden to Hive and Spark by its segment `{segment}`"
                )
            }
            Self::CaseOnly { key, other } => {
                write!(f, "key `{key}` differs from `{other}` in case only")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `expect` has the warnings of all `keys`, in order.
    fn check(keys: &[&str], expect: &[&str]) {
        let mut lint = KeyLint::new();
        let mut found = Vec::new();
        for key in keys {
            let warnings = lint.check(&ObjectKey::new(*key).unwrap());
            found.extend(warnings.iter().map(ToString::to_string));
        }
        assert_eq!(found, expect);
    }

    #[test]
    fn usual_keys_pass() {
        check(
            &["raw/a=1/x_y.csv", "raw/a=1/x_z.csv", "raw/a=1/x_y.csv"],
            &[],
        );
    }

    #[test]
    fn a_colon_is_reported_once() {
        check(
            &["2025-04-14T11:23:45Z.csv", "a:b"],
            &["key `2025-04-14T11:23:45Z.csv` has a `:`, and Hadoop and Spark refuse such keys"],
        );
    }

    #[test]
    fn hidden_segments_are_reported_once() {
        check(
            &["raw/_tmp/a.csv", ".a"],
            &["key `raw/_tmp/a.csv` is hidden to Hive and Spark by its segment `_tmp`"],
        );
    }

    #[test]
    fn keys_that_differ_in_case_are_paired() {
        check(
            &["É/a", "é/a", "é/A", "É/a"],
            &[
                "key `é/a` differs from `É/a` in case only",
                "key `é/A` differs from `É/a` in case only",
            ],
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut lint = KeyLint::new();
        for number in 0..KEYS_MAX + 10 {
            assert!(
                lint.check(&ObjectKey::new(format!("k{number}")).unwrap())
                    .is_empty()
            );
        }
        assert_eq!(lint.keys.len(), KEYS_MAX);
    }
}
