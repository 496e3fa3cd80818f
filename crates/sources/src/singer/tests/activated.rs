//! Versions of streams, and from when on they count alone.

use super::{
    SCHEMA_A, SCHEMA_B, activate, check, config, known_end, lines, record, state, told, versioned,
};

#[test]
fn a_version_counts_from_where_its_records_have_come() {
    let input = [
        SCHEMA_A.to_owned(),
        versioned("a", "{}", 7),
        activate("a", 7),
        versioned("a", "{}", 8),
        activate("a", 8),
        state("1"),
    ];
    let expect = [
        "stream a",
        "a v7: 2={}",
        "activate 7 of a",
        "a v8: 4={}",
        "activate 8 of a",
        "state 1",
    ];
    check(&input, &expect);
}

/// A tap says so before its records, too. Whether all have come shows at the end, if that is known.
#[test]
fn before_its_records_it_counts_at_the_end() {
    let check = |input: &[String], guessed: &[&str], known: &[&str]| {
        let input = lines(input);
        assert_eq!(told(&config(), &input), guessed);
        let all: Vec<&str> = guessed.iter().chain(known).copied().collect();
        assert_eq!(told(&known_end(), &input), all);
    };
    let (a, b) = (|| SCHEMA_A.to_owned(), || SCHEMA_B.to_owned());
    check(
        &[a(), activate("a", 7)],
        &["stream a"],
        &["activate 7 of a"],
    );
    check(
        &[a(), activate("a", 7), versioned("a", "{}", 7)],
        &["stream a", "a v7: 3={}"],
        &["activate 7 of a"],
    );
    // Said again behind them, it needs no end.
    check(
        &[
            a(),
            activate("a", 7),
            versioned("a", "{}", 7),
            activate("a", 7),
        ],
        &["stream a", "a v7: 3={}", "activate 7 of a"],
        &[],
    );
    // The last that was said is meant.
    check(
        &[a(), activate("a", 7), activate("a", 8)],
        &["stream a"],
        &["activate 8 of a"],
    );
    check(
        &[
            a(),
            versioned("a", "{}", 7),
            activate("a", 7),
            activate("a", 8),
        ],
        &["stream a", "a v7: 2={}", "activate 7 of a"],
        &["activate 8 of a"],
    );
    // Each stream has its own.
    check(
        &[
            a(),
            b(),
            activate("a", 7),
            activate("b", 7),
            versioned("b", "{}", 7),
            activate("b", 7),
        ],
        &["stream a", "stream b", "b v7: 5={}", "activate 7 of b"],
        &["activate 7 of a"],
    );
}

#[test]
fn an_input_that_is_wrong_activates_nothing() {
    let input = lines(&[SCHEMA_A, &activate("a", 7), "{"]);
    let told = told(&known_end(), &input);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].starts_with("error "), "{told:?}");
}

#[test]
fn records_of_two_versions_are_kept_apart() {
    let input = [
        SCHEMA_A.to_owned(),
        record("a", "{\"n\":1}"),
        versioned("a", "{\"n\":2}", -3),
        record("a", "{\"n\":3}"),
        versioned("a", "{\"n\":4}", i64::MAX),
        versioned("a", "{\"n\":5}", -3),
        record("a", "{\"n\":6}").replace("}}", "},\"version\":null}"),
    ];
    let expect = [
        "stream a",
        "a: 2={\"n\":1} 4={\"n\":3} 7={\"n\":6}",
        "a v-3: 3={\"n\":2} 6={\"n\":5}",
        "a v9223372036854775807: 5={\"n\":4}",
    ];
    check(&input, &expect);
}
