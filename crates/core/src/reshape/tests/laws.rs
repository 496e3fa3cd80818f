//! Laws that hold for any records.

use proptest::prelude::*;

use super::{config, json, records};
use crate::json::{check, fields, unescape};
use crate::records::Records;
use crate::reshape::{Reshape, ReshapeConfig, RestColumn};

/// A field as it comes out: its name, and its value as it is written.
type Field = (String, String);

fn name() -> impl Strategy<Value = String> {
    prop_oneof![8 => "[a-c]{1,2}", 1 => any::<String>(), 1 => Just("_rest".to_owned())]
}

/// A name as a record may write it: as it is, or each character as its number.
fn key() -> impl Strategy<Value = String> {
    let numbered = |name: String| -> String {
        let code = |unit| format!("\\u{unit:04x}");
        format!("\"{}\"", name.encode_utf16().map(code).collect::<String>())
    };
    let plain = |name: String| serde_json::to_string(&name).expect("a text");
    prop_oneof![4 => name().prop_map(plain), 1 => name().prop_map(numbered)]
}

fn value() -> impl Strategy<Value = String> {
    let text = any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a text"));
    let plain = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just(r#""},{\"a\":[""#.to_owned()),
        "-?[1-9][0-9]{0,30}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,3})?",
        text,
    ];
    plain.prop_recursive(3, 12, 3, |inner| {
        let list = |values: Vec<String>| format!("[{}]", values.join(" ,"));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(list),
            object(inner),
        ]
    })
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let space = || prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\t ")];
    let field = (key(), value, space(), space(), space(), space());
    let field = field.prop_map(|(key, value, a, b, c, d)| format!("{a}{key}{b}:{c}{value}{d}"));
    let fields = prop::collection::vec(field, 0..6);
    (fields, space()).prop_map(|(fields, space)| match fields.is_empty() {
        true => format!("{{{space}}}"),
        false => format!("{{{}}}", fields.join(",")),
    })
}

fn objects() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(object(value()), 0..6)
}

/// Configs of plain names: what a name of itself matches is clear.
fn any_config() -> impl Strategy<Value = ReshapeConfig> {
    let names = |most| prop::collection::vec("[a-c]{1,2}", 0..most);
    let rename = prop::collection::btree_map("[a-c]{1,2}", "[a-z]{1,2}", 0..4);
    let rest = prop::option::of(names(8));
    (names(6), names(3), rename, rest).prop_map(|(include, exclude, rename, known)| ReshapeConfig {
        include,
        exclude,
        rename,
        rest: known.map(|known| RestColumn {
            name: "_rest".to_owned(),
            known,
        }),
    })
}

fn batch(objects: &[String]) -> Records {
    records(&objects.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fields_of(object: &[u8]) -> Vec<Field> {
    let text = |raw: &[u8]| String::from_utf8(raw.to_vec()).expect("UTF-8");
    let field = |(key, value): (&[u8], &[u8])| {
        let name = unescape(&[b"\"", key, b"\""].concat())
            .expect("a key")
            .into();
        (name, text(value))
    };
    fields(object).map(field).collect()
}

/// What ought to come of a record, and what of it is collected. `None` where two columns would be
/// called the same.
fn expected(config: &ReshapeConfig, object: &str) -> Option<(Vec<Field>, Vec<Field>)> {
    let (mut kept, mut rest, mut stay, mut renamed) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (name, value) in fields_of(object.as_bytes()) {
        let is_included = config.include.is_empty() || config.include.contains(&name);
        if !is_included || config.exclude.contains(&name) {
            continue;
        }
        let is_known = |rest: &RestColumn| rest.known.contains(&name);
        if !config.rest.as_ref().is_none_or(is_known) {
            rest.push((name, value));
        } else if let Some(new) = config.rename.get(&name).filter(|new| **new != name) {
            renamed.push(new.clone());
            kept.push((new.clone(), value));
        } else {
            stay.push(name.clone());
            kept.push((name, value));
        }
    }
    (!renamed.iter().any(|name| stay.contains(name))).then_some((kept, rest))
}

proptest! {
    #[test]
    fn each_field_comes_out_as_it_should(config in any_config(), objects in objects()) {
        let Ok(Some(reshape)) = Reshape::new(&config) else {
            return Ok(());
        };
        let expect: Option<Vec<_>> = objects.iter().map(|object| expected(&config, object)).collect();
        let reshaped = reshape.apply(&batch(&objects));
        prop_assert_eq!(reshaped.is_ok(), expect.is_some(), "{:?}", reshaped);
        let (Ok(reshaped), Some(expect)) = (reshaped, expect) else {
            return Ok(());
        };
        prop_assert_eq!(reshaped.len(), objects.len());
        for (record, (kept, rest)) in json(&reshaped).iter().zip(expect) {
            prop_assert_eq!(check(record), Ok(()));
            prop_assert!(!record.contains(&b'\n'));
            let mut found = fields_of(record);
            if !rest.is_empty() {
                let (name, collected) = found.pop().expect("the column of the rest");
                prop_assert_eq!(name, "_rest");
                prop_assert_eq!(fields_of(collected.as_bytes()), rest);
            }
            prop_assert_eq!(found, kept);
        }
    }

    #[test]
    fn what_changes_nothing_gives_the_records_back(objects in objects(), other: String) {
        let never = format!("{other}, and no key");
        let rename = [(never, "x".to_owned())].into();
        let config = ReshapeConfig { rename, ..config(&["include *"]) };
        let reshape = Reshape::new(&config).expect("a config").expect("a rename");
        let batch = batch(&objects);
        let reshaped = reshape.apply(&batch).expect("records");
        prop_assert!(json(&batch).iter().eq(json(&reshaped).iter()));
    }

    #[test]
    fn what_is_put_in_and_left_out_again_leaves_the_rest(objects in objects(), value in value()) {
        let more = |object: &String| {
            let comma = if fields(object.as_bytes()).next().is_some() { "," } else { "" };
            format!("{{\"more\":{value}{comma}{}", &object[1..])
        };
        let with_more: Vec<String> = objects.iter().map(more).collect();
        let reshape = Reshape::new(&config(&["exclude more"])).expect("a config").expect("one");
        let reshaped = reshape.apply(&batch(&with_more)).expect("records");
        for (object, record) in objects.iter().zip(json(&reshaped).iter()) {
            prop_assert_eq!(fields_of(object.as_bytes()), fields_of(record));
        }
    }

    #[test]
    fn a_rename_and_its_reverse_give_the_values_back(objects in objects()) {
        let there = Reshape::new(&config(&["rename a new", "rename b é\"\\"]));
        let back = Reshape::new(&config(&["rename new a", "rename é\"\\ b"]));
        let (there, back) = (there.expect("a config").expect("one"), back.expect("a config").expect("one"));
        let reshaped = there.apply(&batch(&objects)).expect("records");
        let reshaped = back.apply(&reshaped).expect("records");
        for (object, record) in objects.iter().zip(json(&reshaped).iter()) {
            prop_assert_eq!(fields_of(object.as_bytes()), fields_of(record));
        }
    }

    #[test]
    fn text_that_nobody_has_checked_does_no_harm(
        config in any_config(),
        objects in prop::collection::vec("[\\[\\]{}\",:\\\\a-c1 ]{0,30}", 0..4),
    ) {
        if let Ok(Some(reshape)) = Reshape::new(&config)
            && let Ok(reshaped) = reshape.apply(&batch(&objects))
        {
            prop_assert_eq!(reshaped.len(), objects.len());
        }
    }
}
