//! Errors as people are told of them.

use std::error::Error;

/// What an error was caused by, from the nearest to the deepest. Some libraries repeat a cause in
/// the text of its effect: such a cause is left out.
pub fn causes(error: &dyn Error) -> Vec<String> {
    let mut causes: Vec<String> = Vec::new();
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            causes.push(text.clone());
            said = text;
        }
        next = cause.source();
    }
    causes
}
