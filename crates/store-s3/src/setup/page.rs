//! A page of Markdown that is made of numbered steps.

/// How long a line may be; names of what is set up don't count.
const COLUMNS: usize = 80;

/// A page under way.
pub(super) struct Page {
    text: String,
    steps: usize,
}

impl Page {
    pub(super) fn new(title: &str) -> Self {
        Page {
            text: format!("# {title}\n"),
            steps: 0,
        }
    }

    /// Begins the next step.
    pub(super) fn step(&mut self, title: &str) {
        self.steps += 1;
        self.text += &format!("\n## {}. {title}\n", self.steps);
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.text += &format!("\n{}\n", wrapped(text, ""));
    }

    pub(super) fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let items = items
            .into_iter()
            .map(|item| format!("- {}\n", wrapped(&item, "  ")));
        self.text += &format!("\n{}", items.collect::<String>());
    }

    pub(super) fn block(&mut self, language: &str, text: &str) {
        self.text += &format!("\n```{language}\n{}\n```\n", text.trim_end());
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// A text in lines, all but the first of which are indented.
fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut column = indent.len();
    for word in words(text) {
        let length = word.chars().count();
        if column + length > COLUMNS && !out.is_empty() {
            out.truncate(out.trim_end().len());
            out += &format!("\n{indent}");
            column = indent.len();
        }
        out += &format!("{word} ");
        column += length + 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// The words of a text; code is one word, whatever is in it.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match words.last_mut() {
            Some(last) if last.matches('`').count() % 2 == 1 => *last += &format!(" {word}"),
            _ => words.push(word.to_owned()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_words_allow() {
        let words = "0123456789 ".repeat(9);
        let lines = wrapped(words.trim_end(), "  ");
        assert_eq!(lines.len(), 9 * 11 - 1 + "  ".len());
        assert!(lines.lines().all(|line| line.len() <= COLUMNS));
        assert_eq!(lines.lines().nth(1), Some("  0123456789 0123456789"));
        let long = "x".repeat(100);
        assert_eq!(wrapped(&long, ""), long);
    }

    #[test]
    fn code_is_in_one_line() {
        assert_eq!(words("run `aws s3 ls`: it"), ["run", "`aws s3 ls`:", "it"]);
    }
}
