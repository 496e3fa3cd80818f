//! What a page shows against what was printed.

/// Whether a text reads as it is shown. In what is shown, `…` stands for anything within a line,
/// and a line of nothing else for any number of lines. How many spaces there are doesn't count:
/// tables are as wide as their widest cell.
pub(crate) fn reads_like(shown: &str, printed: &str) -> bool {
    let (shown, printed) = (single_spaced(shown), single_spaced(printed));
    let shown: Vec<&str> = shown.lines().collect();
    let printed: Vec<&str> = printed.lines().collect();
    lines(&shown, &printed)
}

fn single_spaced(text: &str) -> String {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = text.trim_end().lines().map(words);
    lines.collect::<Vec<_>>().join("\n")
}

fn lines(shown: &[&str], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        ["…", rest @ ..] => (0..=printed.len()).any(|from| lines(rest, &printed[from..])),
        [line, rest @ ..] => match printed {
            [] => false,
            [found, others @ ..] => one_line(line, found) && lines(rest, others),
        },
    }
}

fn one_line(shown: &str, printed: &str) -> bool {
    match shown.split_once('…') {
        None => shown == printed,
        Some((start, rest)) => printed.strip_prefix(start).is_some_and(|printed| {
            let mut ends = printed
                .char_indices()
                .map(|(at, _)| at)
                .chain([printed.len()]);
            ends.any(|from| one_line(rest, &printed[from..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::reads_like;

    #[test]
    fn dots_stand_for_anything() {
        assert!(reads_like("a  … c\n", "a b  c  \n"));
        assert!(reads_like("a\n…\nd\n", "a\nb\nc\nd\n"));
        assert!(reads_like("a\n…\n", "a\n"));
        assert!(reads_like("", ""));
        assert!(!reads_like("a\n", "a\nb\n"));
        assert!(!reads_like("a … d\n", "a b c\n"));
        assert!(!reads_like("a\nb\n", "a\n"));
    }
}
