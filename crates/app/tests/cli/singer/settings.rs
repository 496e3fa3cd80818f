//! How a target is called, and what it tells of itself.

use insta::assert_snapshot;

use super::{SINGER, desk};

const TO: &str =
    "unknown_fields = 'json'\ndestination = { url = 'out', key = '{stream_name}.jsonl' }\n";

/// The later wins, and the environment over both: `ENV` stands for what is read anyway.
#[test]
fn settings_come_in_layers() {
    let desk = desk(TO);
    desk.write(
        "more.json",
        r#"{"destination":{"key":"{stream_name}.csv"}}"#,
    )
    .write("last.yaml", "select: [people]\n");
    let check = |line: &str, expect: &[&str]| {
        desk.ok(&format!("rm -rf out; {line} < tap"));
        assert_eq!(desk.names("out"), expect, "{line}");
    };
    let both = "spile singer --config spile.toml --config more.json";
    check(both, &["orders.csv", "people.csv"]);
    check(&format!("{both} --config last.yaml"), &["people.csv"]);
    check(
        "spile singer -c more.json -c spile.toml",
        &["orders.jsonl", "people.jsonl"],
    );
    let key = "SPILE_DESTINATION__KEY='{stream_name}.tsv' SPILE_DESTINATION__FORMAT=csv";
    check(
        &format!("{key} {both} --config ENV"),
        &["orders.tsv", "people.tsv"],
    );
    let alone = "SPILE_DESTINATION__URL=out SPILE_DESTINATION__KEY=a/{stream_name}.jsonl";
    check(
        &format!("{alone} spile singer --config ENV"),
        &["a/orders.jsonl", "a/people.jsonl"],
    );
}

#[test]
fn messages_from_a_file() {
    let desk = desk(TO);
    let ran = desk.ok("spile singer --config spile.toml --input tap");
    assert_eq!(ran.stdout, "2\n");
    assert_eq!(desk.names("out"), ["orders.jsonl", "people.jsonl"]);
    assert_snapshot!(desk.run("spile singer --config spile.toml --input none"), @r"
    exit 4
    error: failed to read none
      caused by: No such file or directory (os error 2)
    ");
}

#[test]
fn a_setting_that_is_wrong() {
    let desk = desk(&TO.replace("url", "uri"));
    assert_snapshot!(desk.run(SINGER), @r"
    exit 3
    error: destination.uri in spile.toml: there is no setting `uri` here
      hint: did you mean `url`?
    error: destination.url: the destination isn't set
      hint: give a bucket or a folder: destination.url s3://BUCKET/PREFIX or destination.url ./bucket
    ");
}

/// Which streams there are is known only as they come.
#[test]
fn one_id_is_for_one_stream() {
    let desk = desk(TO);
    let ran = desk.run("SPILE_STREAM_ID=x spile singer --config spile.toml --input tap");
    let said = ran.to_string();
    let cause = "SPILE_STREAM_ID in the environment: one id was given, but there are 2 streams";
    assert!(said.contains("exit 3") && said.contains(cause), "{said}");
}

/// Whatever the first message is that a tap begins with.
#[test]
fn a_pipe_of_messages_is_known_by_its_first_line() {
    let desk = desk(TO);
    let check = |first: &str, expect: &[&str]| {
        desk.write("first", first);
        let load = "spile load - --stream s --config spile.toml";
        desk.ok(&format!("rm -rf out; cat first tap | {load}"));
        assert_eq!(desk.names("out"), expect, "{first}");
    };
    let streams = ["orders.jsonl", "people.jsonl"];
    check("", &streams);
    check("\u{FEFF}", &streams);
    check("\n\n", &streams);
    check("{\"value\":{},\"type\":\"state\"}\n", &streams);
    check("{\"type\":\"STATE\"}\n", &["s.jsonl"]);
    check("{\"type\":\"LOG\",\"value\":1}\n", &["s.jsonl"]);
    check("{\"id\":1}\n", &["s.jsonl"]);
}

#[test]
fn about_is_json() {
    let desk = desk(TO);
    let about = desk.ok("spile singer --about --format=json");
    let about: serde_json::Value = serde_json::from_str(&about.stdout).expect("JSON");
    assert_eq!(about["name"], "target-spile");
    let capabilities = serde_json::json!(["about", "activate-version", "batch"]);
    assert_eq!(about["capabilities"], capabilities);
    assert!(about["settings"]["properties"]["destination"].is_object());
    let text = desk.ok("spile singer --about").stdout;
    assert!(text.starts_with("# "), "{text}");
    assert_eq!(desk.run("spile singer --format=json").code, 2);
}
