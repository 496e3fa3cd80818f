//! What a source says of the end of its streams.

use super::*;

const S: &str = r#""name":"s""#;
const OF_N: &str = r#""name":"s","namespace":"n""#;
const T: &str = r#""name":"t""#;

fn incomplete(streams: &str) -> Option<String> {
    Some(format!(
        "read the input to its end: it ends, and the source hasn't said COMPLETE of {streams}"
    ))
}

#[test]
fn streams_that_are_not_complete() {
    let check = |statuses: &[(&str, &str)], missing: Option<&str>| {
        let statuses: String = statuses.iter().map(|(it, word)| status(it, word)).collect();
        let input = record(r#""stream":"s""#, "{}") + &statuses;
        let (all, fault) = cataloged(&input);
        assert_eq!(all, ["1 s {}"], "what was read comes first");
        assert_eq!(fault, missing.and_then(incomplete), "{statuses}");
    };
    check(&[], Some("s, n.s, t"));
    check(
        &[(S, "STARTED"), (S, "RUNNING"), (S, "PAUSED")],
        Some("s, n.s, t"),
    );
    check(&[(S, "COMPLETE")], Some("n.s, t"));
    check(&[(OF_N, "COMPLETE")], Some("s, t"));
    check(
        &[(S, "COMPLETE"), (OF_N, "COMPLETE"), (T, "COMPLETE")],
        None,
    );
    let all_but = [
        (OF_N, "COMPLETE"),
        (T, "COMPLETE"),
        (r#""name":"u""#, "COMPLETE"),
    ];
    check(&all_but, Some("s"));
    check(&[&all_but[..], &[(S, "INCOMPLETE")]].concat(), Some("s"));
    check(
        &[&all_but[..], &[(S, "INCOMPLETE"), (S, "COMPLETE")]].concat(),
        None,
    );
    check(
        &[&all_but[..], &[(S, "COMPLETE"), (S, "INCOMPLETE")]].concat(),
        Some("s"),
    );
    check(
        &[&all_but[..], &[(S, "COMPLETE"), (S, "RUNNING")]].concat(),
        None,
    );
}

/// Without a catalog nobody knows which streams there are.
#[test]
fn without_a_catalog_any_end_is_one() {
    let input = record(r#""stream":"s""#, "{}") + &status(S, "INCOMPLETE");
    assert_eq!(plain(&input).1, None);
    assert_eq!(plain(""), (vec![], None));
}

#[test]
fn an_empty_catalog_is_complete() {
    let config = config(Some(r#"{"streams":[]}"#), Envelope::None);
    assert_eq!(told(&config, b""), (vec![], None));
}

#[test]
fn what_the_source_says_of_its_failure() {
    let trouble = |error: &str| {
        format!(r#"{{"type":"TRACE","trace":{{"type":"ERROR","emitted_at":1,"error":{error}}}}}"#)
            + "\n"
    };
    let check = |errors: &[&str], expect: &str| {
        let input: String = errors.iter().map(|error| trouble(error)).collect();
        let fault = incomplete(&format!("s, n.s, t{expect}"));
        assert_eq!(cataloged(&input), (vec![], fault), "{errors:?}");
        assert_eq!(
            cataloged(&(input + &complete())),
            (vec![], None),
            "{errors:?}"
        );
    };
    let said = r#"{"message":"no \"way\"\u0021","internal_message":"x"}"#;
    check(&[said], "; the source says: no \"way\"!");
    check(
        &[r#"{"message":"first"}"#, said],
        "; the source says: no \"way\"!",
    );
    check(
        &[said, "{}", r#"{"message":1}"#, "null"],
        "; the source says: no \"way\"!",
    );
    check(&["{}", r#"{"message":null}"#, "[]"], "");
}
