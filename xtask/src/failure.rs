//! Why a command stopped.

use std::fmt::Display;

/// What a command returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The program that was run has said why; this is its exit code.
    Said(u8),
    /// A sentence for the person who started the command.
    Message(String),
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Message(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Self::Message(text.to_owned())
    }
}

/// For `map_err`: what was tried, followed by why it didn't work.
pub(crate) fn while_<E: Display>(tried: impl Display) -> impl FnOnce(E) -> Failure {
    move |error| Failure::Message(format!("{tried}: {error}"))
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Said(code) => write!(f, "it ended with exit code {code}"),
            Self::Message(text) => f.write_str(text),
        }
    }
}
