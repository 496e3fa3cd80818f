//! Text of TOML, with comments.

use std::fmt::Write;

/// The longest line of a comment.
const WIDTH: usize = 100;

/// A configuration that is being written.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    pub(super) fn table(&mut self, name: &str) {
        self.push(format_args!("\n[{name}]"));
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.push(format_args!("{name} = {}", quoted(value)));
    }

    pub(super) fn truth(&mut self, name: &str) {
        self.push(format_args!("{name} = true"));
    }

    pub(super) fn blank(&mut self) {
        self.push(format_args!(""));
    }

    /// A line of a comment that is as long as it is.
    pub(super) fn aside(&mut self, line: &str) {
        self.push(format_args!("{}", format!("# {line}").trim_end()));
    }

    /// A comment, in lines.
    pub(super) fn comment(&mut self, text: &str) {
        self.wrapped(text, "# ", "# ");
    }

    /// A comment that is one of several.
    pub(super) fn item(&mut self, text: &str) {
        self.wrapped(text, "# - ", "#   ");
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn wrapped(&mut self, text: &str, first: &str, further: &str) {
        let mut line = first.to_owned();
        let mut is_begun = false;
        for word in text.split_whitespace() {
            if is_begun && line.chars().count() + word.chars().count() > WIDTH {
                self.push(format_args!("{}", line.trim_end()));
                further.clone_into(&mut line);
            }
            line.push_str(word);
            line.push(' ');
            is_begun = true;
        }
        self.push(format_args!("{}", line.trim_end()));
    }

    fn push(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing into a text doesn't fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// A text in quotes, as TOML has it.
pub(super) fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;

    #[test]
    fn texts_are_read_back() {
        for text in ["plain ${X}/é", "a\"b\\c", "\t\n\u{7f}\u{85}'", ""] {
            let mut page = Page::default();
            page.text("text", text);
            let read = Figment::from(Toml::string(&page.into_text()));
            assert_eq!(read.extract_inner("text"), Ok(text.to_owned()));
        }
    }

    #[test]
    fn comments_are_lines() {
        let mut page = Page::default();
        page.item(&"word ".repeat(30));
        page.aside("");
        let line = ["word"; 19].join(" ");
        let rest = ["word"; 11].join(" ");
        assert_eq!(page.into_text(), format!("# - {line}\n#   {rest}\n#\n"));
    }
}
