//! Command lines of the AWS CLI.

use std::fmt;

/// How long a line may be.
const COLUMNS: usize = 80;

/// A command line for a shell, an option a line where one line is too short.
pub(super) struct Command {
    words: String,
    options: Vec<(&'static str, String)>,
}

impl Command {
    pub(super) fn new(words: &str) -> Self {
        Command {
            words: words.to_owned(),
            options: Vec::new(),
        }
    }

    /// A word without a name, before all options.
    pub(super) fn argument(mut self, word: &str) -> Self {
        self.words += &format!(" {}", quoted(word));
        self
    }

    pub(super) fn option(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.options.push((name, value.into()));
        self
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.options.iter();
        let options: Vec<_> = options
            .map(|(name, value)| format!("{name} {}", quoted(value)))
            .collect();
        let line = format!("{} {}", self.words, options.join(" "));
        match line.len() <= COLUMNS && !line.contains('\n') {
            true => writeln!(f, "{}", line.trim_end()),
            false => writeln!(f, "{} \\\n  {}", self.words, options.join(" \\\n  ")),
        }
    }
}

/// A word as a shell reads it: between single quotes, in which nothing has a meaning, unless it
/// needs none.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_only_words() {
        let check = |word: &str, expect: &str| assert_eq!(quoted(word), expect);
        check("acme-landing", "acme-landing");
        check("", "''");
        check("{\n}", "'{\n}'");
        check("it's $HOME", r"'it'\''s $HOME'");
    }

    #[test]
    fn long_commands_have_a_line_for_each_option() {
        let command = Command::new("aws iam create-user").option("--user-name", "spile");
        assert_eq!(
            command.to_string(),
            "aws iam create-user --user-name spile\n"
        );
        assert_eq!(
            command.option("--tags", "{\n}").to_string(),
            "aws iam create-user \\\n  --user-name spile \\\n  --tags '{\n}'\n"
        );
        let bare = Command::new("aws s3 mb").argument("s3://acme");
        assert_eq!(bare.to_string(), "aws s3 mb s3://acme\n");
    }
}
