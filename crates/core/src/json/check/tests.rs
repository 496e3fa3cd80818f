use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::json::JsonErrorKind;

#[test]
fn what_is_wrong_and_where() {
    let check = |text: &[u8], expect: &str| {
        let found = check(text).map_or_else(|error| error.to_string(), |()| "fine".into());
        assert_eq!(found, expect, "{}", String::from_utf8_lossy(text));
    };
    check(br#"{}"#, "fine");
    check(br#" {"a": [1, {"b": null}], "a": -0.5e+3} "#, "fine");
    check(br#"{"surrogates":"\ud83d\ude00\u0000"}"#, "fine");
    check(b"", "expected an object, found the end at byte 0");
    check(
        b"\xef\xbb\xbf{}",
        "expected an object, found `\\u{feff}` at byte 0",
    );
    check(b"[1]", "expected an object, found an array at byte 0");
    check(b"null", "expected an object, found null at byte 0");
    check(b"{} {}", "expected the end, found `{` at byte 3");
    check(br#"{"a":1,}"#, "expected a key, found `}` at byte 7");
    check(br#"{"a":[1,]}"#, "expected a value, found `]` at byte 8");
    check(br#"{"a":[1}"#, "expected `,` or `]`, found `}` at byte 7");
    check(br#"{"a" 1}"#, "expected `:`, found `1` at byte 5");
    check(br#"{"a":}"#, "expected a value, found `}` at byte 5");
    check(br#"{"a":01}"#, "expected `,` or `}`, found `1` at byte 6");
    check(br#"{"a":+1}"#, "expected a value, found `+` at byte 5");
    check(br#"{"a":1.}"#, "expected a digit, found `}` at byte 7");
    check(br#"{"a":NaN}"#, "expected a value, found `N` at byte 5");
    check(br#"{"a":nul}"#, "expected a value, found `n` at byte 5");
    check(
        b"{\"a\":\"\n\"}",
        "control character 0x0a in a string at byte 6",
    );
    check(b"{\"a\":\"\xff\"}", "invalid UTF-8 at byte 6");
    check(br#"{"a":"\x"}"#, "expected an escape, found `x` at byte 7");
    check(
        br#"{"a":"\u12g4"}"#,
        "expected a hexadecimal digit, found `g` at byte 10",
    );
    check(br#"{"a":"\ud83d"}"#, "half of a surrogate pair at byte 6");
    check(
        br#"{"a":"\ud83d\u0041"}"#,
        "half of a surrogate pair at byte 6",
    );
    check(br#"{"a":"\ude00"}"#, "half of a surrogate pair at byte 6");
    check(br#"{"a":"#, "expected a value, found the end at byte 5");
    check(br#"{"a":"x"#, "expected `\"`, found the end at byte 7");
    check(br#"{'a':1}"#, "expected a key or `}`, found `'` at byte 1");
}

#[test]
fn depth_is_limited() {
    let nested = |levels: usize| {
        let inner = levels - 1;
        format!("{{\"a\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
    };
    let deepest = DEPTH_MAX as usize;
    assert_eq!(check(nested(deepest).as_bytes()), Ok(()));
    let error = check(nested(deepest + 1).as_bytes()).expect_err("too deep");
    assert_eq!(error.kind, JsonErrorKind::TooDeep);
}

/// Objects as serde_json writes them, pretty or not.
fn object() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = scalar.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,3}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let fields = prop::collection::vec((".{0,5}", value), 0..5);
    let object = fields.prop_map(|fields| Value::Object(fields.into_iter().collect()));
    (object, any::<bool>()).prop_map(|(object, pretty)| match pretty {
        true => format!("{object:#}"),
        false => object.to_string(),
    })
}

/// Bytes that JSON is made of, for changes that come near to being well-formed.
fn byte() -> impl Strategy<Value = u8> {
    let telling: &[u8] = b"{}[]:,\"\\/bfnrtu0123456789abcdefAF+-.eE \t\r\n\x00\x1f\x7f\x80\xc3\xff";
    prop_oneof![4 => prop::sample::select(telling), 1 => any::<u8>()]
}

/// serde_json refuses lone surrogates in strings that it builds (not in those it skips), so values
/// are built.
fn agrees_with_serde(text: &[u8]) -> Result<(), TestCaseError> {
    let ours = check(text);
    let theirs = serde_json::from_slice::<Map<String, Value>>(text);
    let shown = String::from_utf8_lossy(text).into_owned();
    prop_assert_eq!(
        ours.is_ok(),
        theirs.is_ok(),
        "{}: {:?}, {:?}",
        shown,
        ours,
        theirs
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn accepts_what_serde_writes(text in object()) {
        prop_assert_eq!(check(text.as_bytes()), Ok(()), "{}", text);
    }

    #[test]
    fn agrees_with_serde_on_changed_text(
        text in object(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, byte()), 1..4),
    ) {
        let mut text = text.into_bytes();
        for (place, edit, byte) in edits {
            let at = place.index(text.len() + 1);
            match edit {
                0 => text.insert(at, byte),
                1 if at < text.len() => { text.remove(at); }
                _ if at < text.len() => text[at] = byte,
                _ => {}
            }
        }
        agrees_with_serde(&text)?;
    }

    #[test]
    fn agrees_with_serde_on_strings(inner in prop::collection::vec(byte(), 0..12)) {
        agrees_with_serde(&[b"{\"\":\"", &inner[..], b"\"}"].concat())?;
    }

    #[test]
    fn agrees_with_serde_on_surrogates(codes in prop::collection::vec(0xd7f0_u16..0xe010, 0..4)) {
        let escapes: String = codes.iter().map(|code| format!("\\u{code:04x}")).collect();
        agrees_with_serde(format!("{{\"\":\"{escapes}\"}}").as_bytes())?;
    }

    #[test]
    fn agrees_with_serde_on_numbers(number in "[-+]?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][-+]?[0-9]{0,2})?") {
        agrees_with_serde(format!("{{\"\":{number}}}").as_bytes())?;
    }
}

/// Whatever the text, and whatever was checked before, it is found right or wrong as by [`check`], and the
/// fields are those that the light reader finds.
fn same_by_field(checker: &mut Checker, text: &[u8]) {
    let shown = String::from_utf8_lossy(text);
    let (mut outer, mut inner) = (Vec::new(), Vec::new());
    let by_field = utf8(text).and_then(|text| {
        checker.check_fields::<2>(text, |field| match field.within {
            None => outer.push((field.key, field.value)),
            Some(within) => inner.push((within, field.key, field.value)),
        })
    });
    assert_eq!(by_field, check(text), "{shown}");
    assert_eq!(checker.check(text), by_field, "{shown}");
    if by_field.is_ok() {
        let fields: Vec<_> = crate::json::fields(text).collect();
        assert_eq!(outer, fields, "{shown}");
        let within = |(within, value)| {
            let fields = crate::json::fields(value);
            fields.map(move |(key, value)| (within, key, value))
        };
        let fields: Vec<_> = fields.into_iter().flat_map(within).collect();
        assert_eq!(inner, fields, "{shown}");
    }
}

#[test]
fn fields_are_told_of_while_they_are_checked() {
    let mut checker = Checker::default();
    for text in [
        "{}",
        r#" { "a" : 1 , "b":[1,{"c":"]"}],"a":"x\"," } "#,
        r#"{"a":{},"b":[],"c":{"d":{"e":[[],{}]}},"f":null}"#,
        r#"{"a":{},"b":[],"c":{"d":{"e":[[],{}]},"g":[{"h":1}]},"f":null}"#,
        r#"{"a":1"#,
        r#"{"a":[1}"#,
        r#"{"a":1} x"#,
        r#"{"a":1,}"#,
        "[1]",
        "",
    ] {
        same_by_field(&mut checker, text.as_bytes());
        same_by_field(&mut Checker::default(), text.as_bytes());
    }
}

proptest! {
    #[test]
    fn any_texts_are_read_alike_by_field(
        texts in prop::collection::vec(r#"\{("a":|"b\\"":|"a" :|[\[\]{},1"]|null){0,12}\}?"#, 1..6)
    ) {
        let mut checker = Checker::default();
        for text in texts {
            same_by_field(&mut checker, text.as_bytes());
        }
    }

    #[test]
    fn what_was_checked_before_changes_nothing(
        objects in prop::collection::vec(object(), 1..5),
        edits in prop::collection::vec((any::<prop::sample::Index>(), byte()), 0..6),
    ) {
        let mut checker = Checker::default();
        for object in &objects {
            same_by_field(&mut checker, object.as_bytes());
            let mut text = object.clone().into_bytes();
            for (place, byte) in &edits {
                let at = place.index(text.len());
                text[at] = *byte;
                prop_assert_eq!(checker.check(&text), check(&text));
            }
        }
    }
}

/// Of keys without end, little is kept.
#[test]
fn long_keys_and_many_are_checked_all_the_same() {
    let mut checker = Checker::default();
    for round in 0..3 {
        let long = "k".repeat(10_000 + round);
        let many = (0..3_000).map(|at| format!("\"{at}\":{{\"{long}\":{at},\"a\":1}}"));
        let many: Vec<String> = many.take(if round == 1 { 3_000 } else { 3 }).collect();
        let text = format!("{{\"{long}\":1,{},\"b\":2}}", many.join(","));
        same_by_field(&mut checker, text.as_bytes());
    }
    let kept = checker.keys.0.iter().map(|key| key.raw().len());
    assert!(kept.sum::<usize>() < 300_000);
}
