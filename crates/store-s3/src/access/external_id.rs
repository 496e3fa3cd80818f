//! What the owner of a role and whoever takes it on have agreed upon.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::AccessError;

/// The External ID of a role: whoever asks for the role without it is refused.
///
/// It is shown to nobody unasked: `Debug` has its [fingerprint](ExternalId::fingerprint), and there
/// is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ExternalId(String);

/// How many characters there may be, as STS has it.
const COUNT_MIN: usize = 2;
const COUNT_MAX: usize = 1224;

impl ExternalId {
    /// Takes 2 to 1,224 characters of `A-Z a-z 0-9 _ + = , . @ : / -`. Upper and lower case are
    /// different.
    ///
    /// # Errors
    ///
    /// Any other text. The error doesn't quote it.
    pub fn new(text: impl Into<String>) -> Result<Self, AccessError> {
        let text = text.into();
        let count = text.chars().count();
        let reason = match text.chars().find(|c| !is_allowed(*c)) {
            Some(c) => format!("it has the character `{}`", c.escape_debug()),
            None if count < COUNT_MIN => format!("it has fewer than {COUNT_MIN} characters"),
            None if count > COUNT_MAX => format!("it has more than {COUNT_MAX} characters"),
            None => return Ok(ExternalId(text)),
        };
        Err(AccessError {
            subject: "the External ID".to_owned(),
            reason,
            hint: "it has 2 to 1,224 letters, digits and characters of _+=,.@:/-; \
                   `spile setup external-id` prints a fresh one"
                .to_owned(),
        })
    }

    /// What stands in documents where the External ID isn't to be shown.
    pub const PLACEHOLDER: &str = "YOUR-EXTERNAL-ID";

    #[cfg(feature = "roles")]
    pub(crate) fn placeholder() -> Self {
        ExternalId(Self::PLACEHOLDER.to_owned())
    }

    /// A new one that nobody can guess: 122 random bits of the operating system, as a UUID.
    pub fn fresh() -> Self {
        ExternalId(Uuid::new_v4().to_string())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A short text by which two can be compared without showing either: `sha256:1a2b3c4d`.
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::digest(&self.0);
        let digits = hash.iter().take(4).map(|byte| format!("{byte:02x}"));
        format!("sha256:{}", digits.collect::<String>())
    }
}

fn is_allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c)
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExternalId({})", self.fingerprint())
    }
}

impl FromStr for ExternalId {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        ExternalId::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, reason: &str) {
        let error = ExternalId::new(text).unwrap_err();
        assert_eq!(error.to_string(), format!("use the External ID: {reason}"));
    }

    #[test]
    fn what_sts_takes_is_taken() {
        let longest = "x".repeat(1224);
        for text in ["ab", "Acme_9+=,.@:/-", &longest] {
            assert_eq!(ExternalId::new(text).unwrap().expose(), text);
        }
        check("a", "it has fewer than 2 characters");
        check("", "it has fewer than 2 characters");
        check(&"x".repeat(1225), "it has more than 1224 characters");
        check("a b", "it has the character ` `");
        check("a*b", "it has the character `*`");
        check("ключ", "it has the character `к`");
        check("ab\n", "it has the character `\\n`");
    }

    #[test]
    fn only_a_fingerprint_is_shown() {
        let id = ExternalId::new("hush").unwrap();
        assert_eq!(id.fingerprint(), "sha256:dc8331bc");
        assert_eq!(format!("{id:?}"), "ExternalId(sha256:dc8331bc)");
        let other = ExternalId::new("Hush").unwrap();
        assert_ne!(id.fingerprint(), other.fingerprint());
    }

    #[test]
    fn a_fresh_one_is_like_no_other() {
        let fresh = ExternalId::fresh();
        assert_ne!(fresh, ExternalId::fresh());
        assert_eq!(ExternalId::new(fresh.expose()), Ok(fresh));
    }
}
