//! Airbyte's own fields.

use super::*;

const CATALOG: &str = r#"{"streams":[{"stream":{"name":"s","json_schema":{"properties":{
    "id":{"type":"integer"},"_airbyte_meta":{"type":"integer"}}}},
    "destination_sync_mode":"append","generation_id":3,"minimum_generation_id":0,"sync_id":9,
    "cursor_field":["at","of"]}]}"#;

/// What comes of a record, its id by a name, once it is known to be one.
fn made(config: &InputConfig, descriptor: &str, data: &str) -> (String, String) {
    let (mut all, _) = told(config, record(descriptor, data).as_bytes());
    let (text, stream) = (all.pop().unwrap(), all.pop().unwrap());
    let (before, rest) = text.split_once(r#""_airbyte_raw_id":""#).unwrap();
    let (id, after) = rest.split_once('"').unwrap();
    let id: uuid::Uuid = id.parse().unwrap();
    assert_eq!(id.get_version_num(), 4);
    (stream, format!("{before}ID{after}"))
}

#[test]
fn columns_that_are_declared() {
    let check = |catalog: Option<&str>, envelope: Envelope, expect: &str| {
        let all = told(
            &config(catalog, envelope),
            record(r#""stream":"s""#, "{}").as_bytes(),
        )
        .0;
        assert_eq!(all[0], format!("stream s{expect}"), "{envelope:?}");
    };
    let own = " _airbyte_raw_id text _airbyte_extracted_at int64 _airbyte_meta json \
               _airbyte_generation_id int64";
    check(None, Envelope::None, "");
    check(None, Envelope::Columns, own);
    check(None, Envelope::Data, &format!("{own} _airbyte_data json"));
    check(
        Some(CATALOG),
        Envelope::None,
        " id int64 _airbyte_meta int64",
    );
    check(Some(CATALOG), Envelope::Columns, &format!(" id int64{own}"));
    check(
        Some(CATALOG),
        Envelope::Data,
        &format!("{own} _airbyte_data json"),
    );
}

#[test]
fn fields_in_their_order() {
    let check = |catalog: Option<&str>, envelope: Envelope, expect: &str| {
        let config = config(catalog, envelope);
        let found = made(&config, r#""stream":"s""#, r#"{"id": 1}"#).1;
        assert_eq!(found, expect, "{envelope:?}");
    };
    let own = r#"ID,"_airbyte_extracted_at":1,"_airbyte_meta":{"sync_id":null,"changes":[]},"_airbyte_generation_id":null"#;
    check(
        None,
        Envelope::Columns,
        &format!(r#"1 s {{"id": 1,{own}}}"#),
    );
    let data = format!(r#"1 s {{{own},"_airbyte_data":{{"id": 1}}}}"#);
    check(None, Envelope::Data, &data);
    let data = data.replace(r#""sync_id":null"#, r#""sync_id":9"#);
    let data = data
        .replace(r#"_id":null"#, r#"_id":3"#)
        .replace("1 s ", "1 s@3 ");
    check(Some(CATALOG), Envelope::Data, &data);
}

#[test]
fn changes_that_the_source_has_made() {
    let check = |meta: &str, expect: &str| {
        let config = config(None, Envelope::Columns);
        let found = made(&config, &format!(r#""stream":"s","meta":{meta}"#), "{}").1;
        let expect = format!(r#""_airbyte_meta":{{"sync_id":null,"changes":{expect}}}"#);
        assert!(found.contains(&expect), "{found}");
    };
    let change = r#"[{"field":"a","change":"TRUNCATED","reason":"é\u00e9", "x":1}]"#;
    check(&format!(r#"{{"changes":{change}}}"#), change);
    check(r#"{"changes":[]}"#, "[]");
    for none in [
        "null",
        "{}",
        "1",
        r#"{"changes":null}"#,
        r#"{"changes":{}}"#,
    ] {
        check(none, "[]");
    }
}

/// What isn't there is null; where it is no number it is told as a fault.
#[test]
fn when_it_was_extracted() {
    let read = |fields: &str| {
        let line = format!(r#"{{"type":"RECORD","record":{{"stream":"s","data":{{}}{fields}}}}}"#);
        let (all, fault) = told(&config(None, Envelope::Columns), line.as_bytes());
        (all.last().cloned().unwrap_or_default(), fault)
    };
    for none in ["", r#","emitted_at":null"#] {
        let (text, fault) = read(none);
        assert!(text.contains(r#""_airbyte_extracted_at":null,"#), "{text}");
        assert_eq!(fault, None);
    }
    let cause = r#"`emitted_at` of a RECORD has to be a whole number, found "x""#;
    assert_eq!(read(r#","emitted_at":"x""#).1, message_fault(1, cause));
}

/// Each knows the line that it was read from.
#[test]
fn positions_of_records_that_were_made() {
    let input = [
        record(r#""stream":"s""#, r#"{"id":1}"#),
        "\n\n".to_owned(),
        record(r#""stream":"t""#, r#"{"id":4}"#),
        record(r#""stream":"s""#, r#"{"id":5}"#),
        "{\"type\":\"LOG\"}\n".to_owned(),
        record(r#""stream":"t""#, r#"{"id":7}"#),
        record(r#""stream":"s""#, r#"{"id":8}"#),
    ];
    let (all, _) = told(&config(None, Envelope::Data), input.concat().as_bytes());
    let records: Vec<_> = all.iter().filter(|it| !it.starts_with("stream ")).collect();
    assert_eq!(records.len(), 5);
    for record in records {
        let (line, _) = record.split_once(' ').unwrap();
        assert!(
            record.ends_with(&format!(r#"{{"id":{line}}}}}"#)),
            "{record}"
        );
    }
}

/// A record may have been loaded from such an object.
#[test]
fn a_record_that_has_such_fields_already() {
    let data = r#"{"_airbyte_raw_id":"x","id":1,"_airbyte_generation_id":2}"#;
    let of = |data: &str| made(&config(None, Envelope::Columns), r#""stream":"s""#, data).1;
    assert_eq!(of(data), of(r#"{"id":1}"#));
    let (all, _) = told(
        &config(None, Envelope::Data),
        record(r#""stream":"s""#, data).as_bytes(),
    );
    assert!(
        all[1].ends_with(&format!(r#""_airbyte_data":{data}}}"#)),
        "{all:?}"
    );
}

#[test]
fn the_cursor_of_data_is_within_it() {
    let cursor = |envelope| {
        let catalog = Catalog::parse(CATALOG.as_bytes(), &Selection::default())
            .unwrap()
            .within(envelope);
        let streams: Vec<_> = catalog.declarations().cloned().collect();
        streams[0].cursor.join(".")
    };
    assert_eq!(cursor(Envelope::None), "at.of");
    assert_eq!(cursor(Envelope::Columns), "at.of");
    assert_eq!(cursor(Envelope::Data), "_airbyte_data.at.of");
}
