//! The pattern of `{date:…}`, which is one of Java's.

use crate::Span;

/// The pattern in Spile's own syntax, or the place of what has no counterpart there.
///
/// Letters are fields, text in single quotes and all other characters stand for themselves, and two
/// single quotes are one.
pub(super) fn own_syntax(pattern: &str) -> Result<String, Span> {
    let mut own = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let start = pattern.len() - rest.len();
        let length = match first {
            '\'' => quoted(rest, &mut own).ok_or(Span::new(start, pattern.len()))?,
            'a'..='z' | 'A'..='Z' => {
                let letters = rest.len() - rest.trim_start_matches(first).len();
                let field = Span::new(start, start + letters);
                own.push_str(macro_of(field.of(pattern)).ok_or(field)?);
                letters
            }
            other => {
                own.push(other);
                other.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(own)
}

fn macro_of(letters: &str) -> Option<&'static str> {
    Some(match letters {
        "yyyy" => "{year}",
        "MM" => "{month}",
        "dd" => "{day}",
        "HH" => "{hour}",
        "mm" => "{minute}",
        "ss" => "{second}",
        "SSS" => "{millisecond}",
        _ => return None,
    })
}

/// Appends the quoted text that `rest` begins with, and counts its bytes, quotes included. `None`
/// where its end is missing.
fn quoted(rest: &str, own: &mut String) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if inside.starts_with('\'') {
        own.push('\'');
        return Some(2);
    }
    let mut from = 0;
    loop {
        let end = from + inside.get(from..)?.find('\'')?;
        own.push_str(inside.get(from..end)?);
        if !inside.get(end + 1..)?.starts_with('\'') {
            return Some(end + 2);
        }
        own.push('\'');
        from = end + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_macros() {
        let check = |pattern: &str, expect: &str| {
            assert_eq!(own_syntax(pattern).as_deref(), Ok(expect), "{pattern}");
        };
        check("yyyy_MM", "{year}_{month}");
        check("yyyyMMdd", "{year}{month}{day}");
        check(
            "yyyy-MM-dd'T'HH:mm:ss.SSS",
            "{year}-{month}-{day}T{hour}:{minute}:{second}.{millisecond}",
        );
        check("'year='yyyy/'it''s'", "year={year}/it's");
        check("yyyy''MM", "{year}'{month}");
        check("", "");
        check("2024 é", "2024 é");
    }

    #[test]
    fn what_has_no_macro_is_pointed_at() {
        let check = |pattern: &str, expect: &str| {
            let span = own_syntax(pattern).unwrap_err();
            assert_eq!(span.of(pattern), expect, "{pattern}");
        };
        check("yyyy-ww", "ww");
        check("yy", "yy");
        check("é_yyyyy", "yyyyy");
        check("d/MM", "d");
        check("yyyy'T", "'T");
        check("yyyy'T''", "'T''");
        check("'", "'");
    }
}
