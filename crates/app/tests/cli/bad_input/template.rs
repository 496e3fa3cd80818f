//! Templates that make no keys.

use insta::assert_snapshot;

use crate::kit::Desk;

/// Loads one record under a template. Nothing may be written before the template is right.
fn refused(key: &str) -> String {
    let desk = Desk::new();
    desk.write("sales.csv", "id\n1\n");
    let ran = desk.run(&format!("spile load sales.csv --to out --key '{key}'"));
    assert_eq!(ran.code, 3, "{ran}");
    assert!(desk.files("out").is_empty(), "{ran}");
    ran.stderr
}

#[test]
fn an_unknown_macro() {
    assert_snapshot!(refused("{steam_name}/{part}.csv"), @r"
    error: --key: the template can't be used:
      {steam_name}/{part}.csv
      ^^^^^^^^^^^^ unknown macro `steam_name`, did you mean `{stream_name}`?
      hint: `spile macros` lists all macros
    ");
}

#[test]
fn an_unclosed_brace() {
    assert_snapshot!(refused("{stream_name}/{part.csv"), @r"
    error: --key: the template can't be used:
      {stream_name}/{part.csv
                    ^^^^^ this brace isn't closed (a literal one is written `{{`)
      hint: `spile macros` lists all macros
    ");
}

#[test]
fn several_faults_at_once() {
    assert_snapshot!(refused("{}/{steam_name}/{cursor_dat}/}{part.csv"), @r"
    error: --key: the template can't be used:
      {}/{steam_name}/{cursor_dat}/}{part.csv
      ^^ a macro needs a name
         ^^^^^^^^^^^^ unknown macro `steam_name`, did you mean `{stream_name}`?
                      ^^^^^^^^^^^^ unknown macro `cursor_dat`, did you mean `{cursor_day}`?
                                   ^ no macro begins before this brace (a literal one is written `}}`)
                                    ^^^^^ this brace isn't closed (a literal one is written `{{`)
      hint: `spile macros` lists all macros
    ");
}

#[test]
fn a_key_that_escapes() {
    assert_snapshot!(refused("../x.csv"), @r"
    error: --key: the template can't be used:
      ../x.csv
      ^^ a key can't have a segment `.` or `..`
      hint: `spile macros` lists all macros
    ");
    assert_snapshot!(refused("a/../../x.csv"), @r"
    error: --key: the template can't be used:
      a/../../x.csv
        ^^ a key can't have a segment `.` or `..`
           ^^ a key can't have a segment `.` or `..`
      hint: `spile macros` lists all macros
    ");
    assert_snapshot!(refused("/x.csv"), @r"
    error: --key: the template can't be used:
      /x.csv
      ^ a key can't begin with `/`
      hint: `spile macros` lists all macros
    ");
    assert_snapshot!(refused("a//x.csv"), @r"
    error: --key: the template can't be used:
      a//x.csv
       ^^ a key can't have an empty segment
      hint: `spile macros` lists all macros
    ");
}

#[test]
fn a_key_that_is_too_long() {
    let long = format!("{{stream_name}}/{}.csv", "x".repeat(1_100));
    assert_snapshot!(refused(&long).replace(&"x".repeat(1_100), "xxx"), @"error: the key of stream sales: can't make an object key of 1110 bytes, where at most 1024 are allowed: `sales/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxxxx.csv`");
}

/// The template is right, but one record's value makes the key too long.
#[test]
fn a_record_that_makes_the_key_too_long() {
    let desk = Desk::new();
    desk.write("a.jsonl", format!("{{\"c\":\"{}\"}}\n", "x".repeat(1_100)));
    let ran = desk
        .run("spile load a.jsonl --to 'out/{cursor}.jsonl' --cursor-field c --cursor-format text");
    assert_snapshot!(ran.to_string().replace(&"x".repeat(1_100), "xxx"), @r"
    exit 3
    failed: loaded only 0 records in 0 objects (0 B) into DIR/out in TIME, of 1 read
    error: failed to make a key for an object of stream a
      caused by: make an object key of 1106 bytes, where at most 1024 are allowed: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…xxxxxxxxxxxxx.jsonl`
    ");
}

#[test]
fn a_cursor_macro_without_a_cursor() {
    assert_snapshot!(refused("{stream_name}/{cursor_date}.csv"), @r"
    error: the key of stream sales:
      {stream_name}/{cursor_date}.csv
                    ^^^^^^^^^^^^^ `{cursor_date}` needs a cursor, and the stream has none
      hint: name the field that holds the cursor: --cursor-field FIELD
    ");
}

#[test]
fn a_macro_without_a_value() {
    assert_snapshot!(refused("{namespace}/{stream_name}.csv"), @r"
    error: the key of stream sales:
      {namespace}/{stream_name}.csv
      ^^^^^^^^^^^ `{namespace}` has no value (`{namespace?}` allows that)
    ");
}

#[test]
fn values_stay_below_the_prefix() {
    let desk = Desk::new();
    desk.write(
        "a.jsonl",
        "{\"c\":\"..\"}\n{\"c\":\"/etc\"}\n{\"c\":\"a/../b\"}\n{\"c\":\"%2F\"}\n",
    );
    let text = "--cursor-field c --cursor-format text";
    desk.ok(&format!(
        "spile load a.jsonl --to 'out/{{cursor}}/x.jsonl' {text}"
    ));
    assert_snapshot!(desk.names("").join("\n"), @r"
    a.jsonl
    out/%252F/x.jsonl
    out/%2E%2E/x.jsonl
    out/%2Fetc/x.jsonl
    out/a%2F..%2Fb/x.jsonl
    ");
    desk.ok("spile load a.jsonl --to 'by/{stream_name}/x.jsonl' --stream ..");
    desk.ok("spile load a.jsonl --to 'by/{stream_name}/x.jsonl' --stream '/a/b'");
    desk.ok("spile load a.jsonl --to 'by/{stream_name}/x.jsonl' --stream 'größe 😀'");
    assert_snapshot!(desk.names("by").join("\n"), @r"
    %2E%2E/x.jsonl
    %2Fa%2Fb/x.jsonl
    größe 😀/x.jsonl
    ");
}
