//! The few flags of the commands, taken by name; what is left over is a mistake.

use std::str::FromStr;

use crate::failure::Outcome;

/// The words after the command.
pub(crate) struct Args(Vec<String>);

impl Args {
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self(words.into_iter().collect())
    }

    /// All the words, for a program that reads them itself.
    pub(crate) fn into_words(self) -> Vec<String> {
        self.0
    }

    /// The first word, if there is one.
    pub(crate) fn take_first(&mut self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }

    /// The first word, unless it is a flag.
    pub(crate) fn take_word(&mut self) -> Option<String> {
        let is_word = self.0.first().is_some_and(|word| !word.starts_with('-'));
        is_word.then(|| self.0.remove(0))
    }

    /// Whether `name` was given.
    pub(crate) fn take_flag(&mut self, name: &str) -> bool {
        let place = self.0.iter().position(|word| word == name);
        place.map(|at| self.0.remove(at)).is_some()
    }

    /// The value after `name`, or after `name=`.
    pub(crate) fn take_value<T: FromStr>(&mut self, name: &str) -> Outcome<Option<T>> {
        let Some(text) = self.take_text(name)? else {
            return Ok(None);
        };
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => {
                Err(format!("`{text}` is no value for {name}; see `cargo xtask --help`").into())
            }
        }
    }

    /// Refuses what nothing has taken.
    pub(crate) fn finish(self) -> Outcome {
        match self.0.first() {
            None => Ok(()),
            Some(word) => {
                Err(format!("`{word}` means nothing here; see `cargo xtask --help`").into())
            }
        }
    }

    fn take_text(&mut self, name: &str) -> Outcome<Option<String>> {
        let joined = format!("{name}=");
        if let Some(at) = self.0.iter().position(|word| word.starts_with(&joined)) {
            return Ok(Some(self.0.remove(at).split_off(joined.len())));
        }
        let Some(at) = self.0.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.0.remove(at);
        if at == self.0.len() {
            return Err(format!("{name} needs a value").into());
        }
        Ok(Some(self.0.remove(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(text: &str) -> Args {
        Args::new(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn flags_are_taken_in_any_order() {
        let mut given = args("--all --scale 2 --runs=5");
        assert_eq!(given.take_value::<u32>("--runs").unwrap(), Some(5));
        assert_eq!(given.take_value::<f64>("--scale").unwrap(), Some(2.0));
        assert!(given.take_flag("--all"));
        assert!(!given.take_flag("--all"));
        assert!(given.finish().is_ok());
    }

    #[test]
    fn a_flag_is_no_word() {
        let mut given = args("peers --runs 1");
        assert_eq!(given.take_word().as_deref(), Some("peers"));
        assert_eq!(given.take_word(), None);
        assert_eq!(args("").take_word(), None);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(args("--scale").take_value::<f64>("--scale").is_err());
        assert!(args("--scale two").take_value::<f64>("--scale").is_err());
        assert!(args("--scala 2").finish().is_err());
    }
}
