//! States, byte for byte.

use super::*;

#[test]
fn each_form_has_its_scope() {
    let check = |state: &str, scope: &str| {
        for envelope in [Envelope::None, Envelope::Data] {
            let (all, fault) = told(&config(None, envelope), format!(" {state} \r\n").as_bytes());
            assert_eq!(
                (all, fault),
                (vec![format!("state of {scope}: {state}")], None)
            );
        }
    };
    let stream = r#"{"type":"STREAM","stream":{"stream_descriptor":{"name":"s"NAMESPACE},"stream_state":{"a":1.0e2}},"id":1}"#;
    let stream = |namespace: &str| {
        format!(
            r#"{{ "type" : "STATE" ,"state":{}}}"#,
            stream.replace("NAMESPACE", namespace)
        )
    };
    check(&stream(""), "s");
    check(&stream(r#","namespace":null"#), "s");
    check(&stream(r#","namespace":"""#), "s");
    check(&stream(r#","namespace":"n""#), "n.s");
    check(&stream(r#","namespace":"\u006e""#), "n.s");
    check(
        r#"{"type":"STATE","state":{"type":"GLOBAL","global":{"shared_state":{"é":"\u00e9"},"stream_states":[]}}}"#,
        "all",
    );
    check(
        r#"{"type":"STATE","state":{"type":"LEGACY","data":{"a":[1, 2]}}}"#,
        "all",
    );
    check(
        r#"{"state":{"type":null,"data":1e999,"z":{}},"q":1,"type":"STATE"}"#,
        "all",
    );
    check(r#"{"type":"STATE","state":{}}"#, "all");
}

/// All records before it are told before it, and none that comes after.
#[test]
fn a_state_stands_where_it_stood() {
    let state = r#"{"type":"STATE","state":{}}"#;
    let input = [
        record(r#""stream":"t""#, "{}"),
        record(r#""stream":"s""#, "{}"),
        format!("{state}\n{state}\n"),
        record(r#""stream":"t""#, "{}"),
        complete(),
    ];
    let (all, fault) = cataloged(&input.concat());
    assert_eq!(fault, None);
    let state = format!("state of all: {state}");
    assert_eq!(all, ["1 t {}", "2 s {}", &*state, &*state, "5 t {}"]);
}
