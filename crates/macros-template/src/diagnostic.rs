//! Drawing of faults under the text that they are in.

use crate::Span;

/// `text`, and below it a line for each fault with carets under its span.
///
/// A fault without a place has a line of its own. Control characters are shown as symbols.
pub(crate) fn draw(text: &str, faults: &[(Option<Span>, String)]) -> String {
    let mut lines = vec![text.chars().map(visible).collect::<String>()];
    for (span, message) in faults {
        lines.push(match span {
            Some(span) => format!("{} {message}", carets(text, *span)),
            None => format!("= {message}"),
        });
    }
    lines.join("\n")
}

/// Counts characters; where a terminal draws one over two columns, the carets stand to the left.
fn carets(text: &str, span: Span) -> String {
    let indent = Span::new(0, span.start).of(text).chars().count();
    let width = span.of(text).chars().count().max(1);
    format!("{}{}", " ".repeat(indent), "^".repeat(width))
}

fn visible(c: char) -> char {
    match u32::from(c) {
        code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or(char::REPLACEMENT_CHARACTER),
        0x7F..0xA0 => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}
