//! YAML, as plain as it can be.

use crate::access::Tree;

/// What is more than a text to some readers.
const MEANINGFUL: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A tree as YAML, with a line's end at its end.
pub(super) fn file(tree: &Tree) -> String {
    let mut out = String::new();
    write(&mut out, tree, 0);
    out
}

/// Writes a tree that begins a line.
fn write(out: &mut String, tree: &Tree, indent: usize) {
    let space = " ".repeat(indent);
    match tree {
        Tree::Text(text) => *out += &format!("{space}{}\n", scalar(text)),
        Tree::List(items) => {
            for item in items {
                // The first line of an item stands behind its dash.
                let start = out.len();
                write(out, item, indent + 2);
                out.replace_range(start + indent..start + indent + 1, "-");
            }
        }
        Tree::Map(entries) => {
            for (name, value) in entries {
                *out += &format!("{space}{}:", scalar(name));
                write_value(out, value, indent);
            }
        }
    }
}

/// Writes what stands behind a name.
fn write_value(out: &mut String, value: &Tree, indent: usize) {
    if let Tree::Text(text) = value {
        *out += &format!(" {}\n", scalar(text));
        return;
    }
    out.push('\n');
    write(out, value, indent + 2);
}

/// A text without quotes where no reader of YAML takes it for anything else.
fn scalar(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./*".contains(c);
    let colons_are_inside = !text.ends_with(':') && !text.contains(": ");
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| is_plain(c) || c == ':' || c == ' ')
        && !text.ends_with(' ')
        && colons_are_inside;
    let means_more = MEANINGFUL
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text));
    match is_word && !means_more {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    #[test]
    fn texts_are_only_texts() {
        let check = |text: &str, expect: &str| assert_eq!(scalar(text), expect);
        check("s3:GetObject", "s3:GetObject");
        check("arn:aws:s3:::acme/*", "arn:aws:s3:::acme/*");
        check("The role of Spile", "The role of Spile");
        check("2012-10-17", r#""2012-10-17""#);
        check("111111111111", r#""111111111111""#);
        check("*", r#""*""#);
        check("null", r#""null""#);
        check("false", r#""false""#);
        check("No", r#""No""#);
        check("Sid", "Sid");
        check("ends: badly", r#""ends: badly""#);
        check("endsbadly:", r#""endsbadly:""#);
        check("it's # \"here\"", r#""it's # \"here\"""#);
        check("", r#""""#);
    }

    #[test]
    fn trees_are_indented() {
        let list = Tree::List(vec![
            Tree::map([("Action", "s3:GetObject".into()), ("Sid", "Spile1".into())]),
            "second".into(),
        ]);
        let tree = Tree::map([
            ("Resources", Tree::map([("Statement", list)])),
            ("Version", "2012-10-17".into()),
        ]);
        assert_snapshot!(file(&tree), @r#"
        Resources:
          Statement:
            - Action: s3:GetObject
              Sid: Spile1
            - second
        Version: "2012-10-17"
        "#);
    }
}
