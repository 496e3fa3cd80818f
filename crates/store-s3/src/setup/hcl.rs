//! Blocks of HCL, laid out as `terraform fmt` does.

use std::fmt::{self, Write as _};

/// A block: `resource "aws_iam_role" "spile" { … }`.
pub(super) struct Block {
    header: String,
    attributes: Vec<(&'static str, Value)>,
    blocks: Vec<Block>,
}

/// What an attribute has.
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
    /// Whatever is no text: `true`, or an attribute of something else.
    Expression(String),
}

impl Block {
    /// A block of a kind alone, such as `statement`.
    pub(super) fn new(kind: &str) -> Self {
        Block {
            header: kind.to_owned(),
            attributes: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// A block of a kind with a type and a label.
    pub(super) fn labelled(kind: &str, of: &str, label: &str) -> Self {
        Self::new(&format!("{kind} {} {}", quoted(of), quoted(label)))
    }

    pub(super) fn text(self, name: &'static str, text: impl Into<String>) -> Self {
        self.with(name, Value::Text(text.into()))
    }

    pub(super) fn list(self, name: &'static str, texts: Vec<String>) -> Self {
        self.with(name, Value::List(texts))
    }

    pub(super) fn expression(self, name: &'static str, code: impl Into<String>) -> Self {
        self.with(name, Value::Expression(code.into()))
    }

    pub(super) fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    fn with(mut self, name: &'static str, value: Value) -> Self {
        self.attributes.push((name, value));
        self
    }

    fn write(&self, out: &mut String, indent: usize) -> fmt::Result {
        let space = " ".repeat(indent);
        writeln!(out, "{space}{} {{", self.header)?;
        // Attributes of one line are aligned with their neighbours, longer ones are not.
        for run in self
            .attributes
            .chunk_by(|a, b| a.1.is_short() && b.1.is_short())
        {
            let width = run.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            for (name, value) in run {
                writeln!(out, "{space}  {name:width$} = {}", value.shown(indent + 2))?;
            }
        }
        for (at, block) in self.blocks.iter().enumerate() {
            if at > 0 || !self.attributes.is_empty() {
                writeln!(out)?;
            }
            block.write(out, indent + 2)?;
        }
        writeln!(out, "{space}}}")
    }
}

impl Value {
    fn is_short(&self) -> bool {
        !matches!(self, Value::List(texts) if texts.len() > 1)
    }

    fn shown(&self, indent: usize) -> String {
        let space = " ".repeat(indent);
        match self {
            Value::Text(text) => quoted(text),
            Value::Expression(code) => code.clone(),
            Value::List(texts) => match texts.as_slice() {
                [] => "[]".to_owned(),
                [text] => format!("[{}]", quoted(text)),
                texts => {
                    let line = |text: &String| format!("{space}  {},\n", quoted(text));
                    let lines: String = texts.iter().map(line).collect();
                    format!("[\n{lines}{space}]")
                }
            },
        }
    }
}

/// Several blocks, one below the other.
pub(super) fn file(blocks: &[Block]) -> String {
    let blocks = blocks.iter().map(Block::to_string);
    blocks.collect::<Vec<_>>().join("\n")
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out, 0)?;
        f.write_str(&out)
    }
}

/// A text between quotes, in which `${` and `%{` begin no template.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for (at, c) in text.char_indices() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            c if c.is_control() => {
                let escaped = format!("\\u{:04x}", u32::from(c));
                out += &escaped;
            }
            '$' | '%' if text[at + 1..].starts_with('{') => out.extend([c, c]),
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn texts_are_only_texts() {
        let check = |text: &str, expect: &str| assert_eq!(quoted(text), expect);
        check("raw/été $5 50%", r#""raw/été $5 50%""#);
        check(r#"a"b\c"#, r#""a\"b\\c""#);
        check("${var.x}", r#""$${var.x}""#);
        check("$${x}", r#""$$${x}""#);
        check("%{ if true }", r#""%%{ if true }""#);
        check("a\nb\u{1}", r#""a\nb\u0001""#);
    }

    #[test]
    fn blocks_are_laid_out_as_terraform_does() {
        let inner = Block::new("rule")
            .text("id", "a")
            .expression("of", "x.y.id");
        let block = Block::labelled("resource", "aws_thing", "spile")
            .text("name", "spile")
            .list("one", vec!["a".into()])
            .list("several", vec!["a".into(), "b".into()])
            .text("x", "y")
            .block(inner);
        assert_snapshot!(file(&[block, Block::new("moved")]), @r#"
        resource "aws_thing" "spile" {
          name = "spile"
          one  = ["a"]
          several = [
            "a",
            "b",
          ]
          x = "y"

          rule {
            id = "a"
            of = x.y.id
          }
        }

        moved {
        }
        "#);
    }
}
