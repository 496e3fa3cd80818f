//! Records, and the streams that they are of.

use proptest::prelude::*;

use super::*;

#[test]
fn a_stream_that_was_not_announced_is() {
    let input = [
        record(r#""stream":"s""#, r#"{"id":1}"#),
        record(r#""namespace":"n","stream":"s""#, r#"{"id":2}"#),
        record(r#""stream":"s","namespace":null"#, r#"{"id":3}"#),
        record(r#""stream":"s","namespace":"n""#, r#"{"id":4}"#),
        record(r#""stream":"s","namespace":"""#, r#"{"id":5}"#),
    ];
    let (all, fault) = plain(&input.concat());
    assert_eq!(fault, None);
    assert_eq!(
        all,
        [
            "stream s",
            r#"1 s {"id":1}"#,
            "stream n.s",
            r#"2 n.s {"id":2}"#,
            r#"3 s {"id":3}"#,
            r#"4 n.s {"id":4}"#,
            r#"5 s {"id":5}"#,
        ]
    );
}

/// Positions are those of the lines, whichever streams are in between.
#[test]
fn streams_of_a_catalog() {
    let input = [
        record(r#""stream":"t""#, r#"{"id":1}"#),
        "\n".to_owned(),
        record(r#""stream":"s""#, r#" { "id" : 2 } "#),
        "{\"type\":\"LOG\"}\n".to_owned(),
        record(r#""stream":"t""#, r#"{"id":3}"#),
        record(r#""stream":"s","namespace":"n""#, r#"{"id":4}"#),
        record(r#""stream":"s""#, r#"{"id":5}"#),
        complete(),
    ];
    let (all, fault) = cataloged(&input.concat());
    assert_eq!(fault, None);
    assert_eq!(
        all,
        [
            r#"1 t {"id":1}"#,
            r#"3 s { "id" : 2 }"#,
            r#"5 t {"id":3}"#,
            r#"6 n.s {"id":4}"#,
            r#"7 s {"id":5}"#,
        ]
    );
}

#[test]
fn streams_that_are_not_in_the_catalog() {
    let check = |descriptor: &str, name: &str| {
        let (all, fault) = cataloged(&record(descriptor, "{}"));
        let cause = format!("stream {name} isn't in the catalog");
        assert_eq!((all, fault), (vec![], message_fault(1, &cause)));
    };
    check(r#""stream":"S""#, "S");
    check(r#""stream":"t","namespace":"n""#, "n.t");
    check(r#""stream":"n.s""#, "n.s");
    check(r#""stream":"s","namespace":"N""#, "N.s");
}

/// However a name is written, it is that name.
#[test]
fn names_with_escapes() {
    let catalog = r#"{"streams":[{"stream":{"name":"a\"\u00e9/","namespace":"\\"},
        "destination_sync_mode":"append"}]}"#;
    let config = config(Some(catalog), Envelope::None);
    let check = |name: &str, namespace: &str| {
        let record = record(
            &format!(r#""stream":"{name}","namespace":"{namespace}""#),
            "{}",
        );
        let descriptor = format!(r#""name":"{name}","namespace":"{namespace}""#);
        let input = record + &status(&descriptor, "COMPLETE");
        let (all, fault) = told(&config, input.as_bytes());
        assert_eq!(fault, None, "{name}");
        assert_eq!(all, [r#"stream \.a"é/"#, r#"1 \.a"é/ {}"#], "{name}");
    };
    check(r#"a\"é/"#, r"\\");
    check(r#"a\"\u00E9\/"#, r"\u005c");
    check(r#"\u0061\u0022\u00e9\u002f"#, r"\\");
}

/// Fields that nobody knows are passed over, and of those that stand there twice nobody knows which is
/// meant.
#[test]
fn further_fields() {
    let check = |input: &str, expect: (&[&str], Option<String>)| {
        let (all, fault) = plain(input);
        assert_eq!(
            (&*all, fault),
            (
                &*expect
                    .0
                    .iter()
                    .map(|it| (*it).to_owned())
                    .collect::<Vec<_>>(),
                expect.1
            )
        );
    };
    let input = r#"{"x":{"type":"STATE"},"record":{"y":[],"data":{"a":1,"a":2},"stream":"s","x":1,"x":2},"type":"RECORD","emitted":1}"#;
    check(input, (&["stream s", r#"1 s {"a":1,"a":2}"#], None));
    let input = r#"{"record":{"data":{"a":1},"stream":"s","data":{"a":2}},"type":"RECORD"}"#;
    check(
        input,
        (
            &[],
            Some(message_fault(1, "`data` stands there twice").unwrap()),
        ),
    );
}

#[test]
fn generations_are_those_of_the_catalog() {
    let catalog = r#"{"streams":[
        {"stream":{"name":"s"},"destination_sync_mode":"overwrite","generation_id":7,
            "minimum_generation_id":7},
        {"stream":{"name":"t"},"destination_sync_mode":"append","generation_id":3,
            "minimum_generation_id":0},
        {"stream":{"name":"u"},"destination_sync_mode":"overwrite"}]}"#;
    let of = |name: &str| {
        let named = format!(r#""name":"{name}""#);
        record(&format!(r#""stream":"{name}""#), "{}") + &status(&named, "COMPLETE")
    };
    let input = of("s") + &of("t") + &of("u");
    let (all, fault) = told(&config(Some(catalog), Envelope::None), input.as_bytes());
    assert_eq!(fault, None);
    assert_eq!(
        all[3..],
        [
            "1 s@7 {}",
            "of s counts From(7)",
            "3 t@3 {}",
            "5 u {}",
            "of u counts OfRun",
        ]
    );
}

fn any_line() -> impl Strategy<Value = String> {
    let descriptor = prop::sample::select(vec![
        r#""stream":"s""#,
        r#""stream":"t""#,
        r#""namespace":"n","stream":"s""#,
    ]);
    let state = r#"{"type":"STATE","state":{"data":{}}}"#.to_owned() + "\n";
    prop_oneof![
        8 => (descriptor, 0..1_000_000_u64)
            .prop_map(|(it, id)| record(it, &format!(r#"{{"id":{id}}}"#))),
        1 => Just(state),
        1 => Just(status(r#""name":"s""#, "RUNNING")),
        1 => Just("\n".to_owned()),
        1 => Just("no message\n".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_size_of_batch_gives_the_same(
        lines in prop::collection::vec(any_line(), 0..30),
        batch_bytes in 1..500_usize,
        has_catalog in any::<bool>(),
    ) {
        let input = lines.concat();
        let whole = config(has_catalog.then_some(CATALOG), Envelope::None);
        let sliced = InputConfig { batch_bytes, ..whole.clone() };
        let found = told(&sliced, input.as_bytes());
        prop_assert_eq!(found, told(&whole, input.as_bytes()));
    }

    #[test]
    fn no_input_is_met_by_a_panic(input in prop::collection::vec(any::<u8>(), 0..300)) {
        told(&config(Some(CATALOG), Envelope::Data), &input);
    }
}
