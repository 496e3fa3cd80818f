//! What catalogs say, and which of them can't be followed.

use super::*;

fn parse(text: &str) -> Result<Catalog, CatalogError> {
    Catalog::parse(text.as_bytes(), &Selection::default())
}

fn catalog(of_stream: &str) -> Result<CatalogStream, String> {
    let text = format!(r#"{{"streams":[{{"stream":{{"name":"s"}},{of_stream}}}]}}"#);
    let mut catalog = parse(&text).map_err(|error| error.to_string())?;
    Ok(catalog.streams.remove(0))
}

#[test]
fn what_counts_follows_from_generations_and_mode() {
    let check = |mode: &str, ids: &str, expect: Result<Option<Generations>, &str>| {
        let found = catalog(&format!(r#""destination_sync_mode":"{mode}"{ids}"#));
        let found = found.map(|stream| stream.counts);
        assert_eq!(found, expect.map_err(str::to_owned), "{mode} {ids}");
    };
    check("append", "", Ok(None));
    check("overwrite", "", Ok(Some(Generations::OfRun)));
    let ids = |id, minimum| {
        format!(r#","generation_id":{id},"minimum_generation_id":{minimum},"sync_id":7"#)
    };
    check("append", &ids(3, 0), Ok(None));
    check("overwrite", &ids(3, 3), Ok(Some(Generations::From(3))));
    let refreshed = Generations::FromAndUnnumbered(3);
    check("append", &ids(3, 3), Ok(Some(refreshed)));
    let wrong = "write stream s: its minimum_generation_id has to be 0 or the same as its \
                 generation_id";
    check("overwrite", &ids(3, 2), Err(wrong));
    let mode = "write stream s by `append_dedup`, as the catalog says: overwrite and append are \
                known";
    check("append_dedup", "", Err(mode));
}

#[test]
fn streams_are_told_apart() {
    let check = |streams: &[&str], cause: Option<&str>| {
        let stream =
            |it: &&str| format!(r#"{{"stream":{{{it}}},"destination_sync_mode":"append"}}"#);
        let streams: Vec<String> = streams.iter().map(stream).collect();
        let text = format!(r#"{{"streams":[{}]}}"#, streams.join(","));
        let found = parse(&text).err();
        let expect = cause.map(|it| format!("tell the streams of the catalog apart: {it}"));
        assert_eq!(found.map(|error| error.to_string()), expect);
    };
    let (s, of_n) = (r#""name":"s""#, r#""name":"s","namespace":"n""#);
    check(&[s, of_n], None);
    check(&[s, of_n, s], Some("s stands there twice"));
    check(&[of_n, of_n], Some("n.s stands there twice"));
    let of_none = r#""name":"s","namespace":"""#;
    check(&[s, of_none], Some("s stands there twice"));
    check(&[r#""name":"""#], Some("one has no name"));
}

#[test]
fn what_is_no_catalog_is_refused() {
    let check = |text: &str, expect: &str| {
        let error = parse(text).unwrap_err();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let found = format!("{error}: {}", cause.unwrap_or_default());
        assert!(found.starts_with(expect), "{text}: {found}");
    };
    let json = "understand the catalog: ";
    check("", json);
    check("[]", json);
    check("{}", "understand the catalog: missing field `streams`");
    check(r#"{"streams":null}"#, json);
    check(
        r#"{"streams":[{}]}"#,
        "understand the catalog: missing field `stream`",
    );
    let stream = r#"{"streams":[{"stream":{"name":"s"}}]}"#;
    check(
        stream,
        "understand the catalog: missing field `destination_sync_mode`",
    );
    let of = |more: &str| {
        format!(
            r#"{{"streams":[{{"stream":{{"name":"s"}},"destination_sync_mode":"append"{more}}}]}}"#
        )
    };
    check(&of(r#","generation_id":"1""#), json);
    check(&of(r#","generation_id":1.5"#), json);
    check(&of(r#","cursor_field":"at""#), json);
    let schema = of("").replace(r#""s"}"#, r#""s","json_schema":[]}"#);
    check(
        &schema,
        "understand the schema of stream s in the catalog: ",
    );
}

#[test]
fn the_cursor_is_the_configured_one_or_the_usual_one() {
    let text = br#"{"streams":[{"stream":{"name":"s","namespace":"n",
        "json_schema":{"properties":{"id":{"type":"integer"}}},"default_cursor_field":["a"]},
        "sync_mode":"incremental","destination_sync_mode":"append","cursor_field":["b","c"]}]}"#;
    let catalog = Catalog::parse(text, &Selection::default()).expect("a catalog");
    let declaration = catalog.declarations().next().expect("a stream");
    assert_eq!(declaration.cursor, ["b", "c"]);
    assert_eq!(declaration.name.to_string(), "n.s");
    let columns = declaration.columns.as_ref().expect("columns");
    assert_eq!(columns[0].name, "id");
}

#[test]
fn streams_that_are_left_out_may_be_anything() {
    let text = r#"{"streams":[
        {"stream":{"name":"a","json_schema":{"properties":[]}},"destination_sync_mode":"append"},
        {"stream":{"name":"b"},"destination_sync_mode":"append_dedup"},
        {"stream":{"name":"c"},"destination_sync_mode":"overwrite","generation_id":2,
            "minimum_generation_id":1}]}"#;
    let check = |globs: &[&str], is_right: bool| {
        let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
        let selection = Selection::new(&globs).expect("globs");
        let catalog = Catalog::parse(text.as_bytes(), &selection);
        let streams = catalog.map(|catalog| catalog.streams.len());
        assert_eq!(streams.ok(), is_right.then_some(3), "{globs:?}");
    };
    check(&["d"], true);
    for glob in ["a", "b", "c"] {
        check(&[glob], false);
    }
}

#[test]
fn what_is_there_is_retained_where_generations_say_so() {
    let check = |mode: &str, minimum: i64, expect: bool| {
        let text = format!(
            r#"{{"streams":[{{"stream":{{"name":"s"}},"destination_sync_mode":"{mode}",
                "generation_id":3,"minimum_generation_id":{minimum}}}]}}"#
        );
        let catalog = parse(&text).expect("a catalog");
        assert_eq!(catalog.retained().count() > 0, expect, "{mode} {minimum}");
    };
    check("overwrite", 0, true);
    check("overwrite", 3, false);
    check("append", 0, false);
}
