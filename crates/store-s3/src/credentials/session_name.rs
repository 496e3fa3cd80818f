//! The name of a session, by which the owner of a role finds a run in their records.

/// The longest that STS takes.
const CHARACTERS_MAX: usize = 64;
/// Enough to know a connection by; a run's id, a UUID, fits behind it.
const CONNECTION_MAX: usize = 20;

/// A session's name of the ids of a connection and a run: `spile-CONNECTION-RUN`, with a `_` for
/// what STS takes in no name, and as much of the ids as it takes.
pub fn session_name(connection_id: Option<&str>, run_id: &str) -> String {
    let connection = connection_id.map(|id| taken(id).take(CONNECTION_MAX).collect::<String>());
    let name = match connection {
        Some(connection) => format!("spile-{connection}-"),
        None => "spile-".to_owned(),
    };
    name.chars()
        .chain(taken(run_id))
        .take(CHARACTERS_MAX)
        .collect()
}

/// The characters of an id as STS takes them.
fn taken(id: &str) -> impl Iterator<Item = char> {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || "_=,.@-".contains(c);
    id.chars().map(move |c| if is_taken(c) { c } else { '_' })
}

#[cfg(test)]
mod tests {
    use super::session_name;

    #[test]
    fn names_are_those_that_sts_takes() {
        let check = |connection: Option<&str>, run: &str, expect: &str| {
            assert_eq!(session_name(connection, run), expect);
            assert!(expect.chars().count() <= 64);
        };
        check(None, "r1", "spile-r1");
        check(Some("acme sales/ü"), "r:1", "spile-acme_sales__-r_1");
        check(
            Some("f52c7268-2359-567a-f5e8-83c536cb4de8"),
            "fad1983d-7446-e5c4-bb46-4578affe02d5",
            "spile-f52c7268-2359-567a-f-fad1983d-7446-e5c4-bb46-4578affe02d5",
        );
        check(
            Some(""),
            &"x".repeat(100),
            &format!("spile--{}", "x".repeat(57)),
        );
    }
}
