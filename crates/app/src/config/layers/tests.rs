//! Layers of settings, and what is wrong with them.

use insta::assert_snapshot;

use super::*;

fn load_from(
    file: &str,
    variables: &[(&str, &str)],
    args: SettingArgs,
) -> Result<Settings, String> {
    load_text("spile.toml", file, variables, args)
}

fn load_text(
    name: &str,
    file: &str,
    variables: &[(&str, &str)],
    args: SettingArgs,
) -> Result<Settings, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, file).expect("written");
    let config = vec![path.display().to_string()];
    let variables = variables
        .iter()
        .map(|(name, text)| (name.into(), text.into()));
    let loaded = load(&SettingArgs { config, ..args }, &[], variables);
    let loaded = loaded.and_then(|loaded| loaded.faults.or(Some(loaded.settings)));
    loaded.map_err(|faults| {
        let line = |fault: ConfigFault| {
            let hint = fault
                .hint
                .map(|hint| format!(" ({hint})"))
                .unwrap_or_default();
            format!("{}: {}{hint}\n", fault.place, fault.message)
        };
        let text: String = faults.0.into_iter().map(line).collect();
        text.replace(&folder.path().display().to_string(), "DIR")
    })
}

#[test]
fn later_layers_win() {
    let file = "timezone = 'a'\nload_time = 'a'\ncursor = 'a'\n[streams.s]\ncursor = 'own'";
    let variables = [("SPILE_LOAD_TIME", "b"), ("SPILE_CURSOR", "b")];
    let args = SettingArgs {
        cursor: Some("c".into()),
        ..SettingArgs::default()
    };
    let settings = load_from(file, &variables, args).expect("right");
    assert_eq!(settings.timezone.as_deref(), Some("a"));
    assert_eq!(settings.load_time.as_deref(), Some("b"));
    assert_eq!(settings.cursor.as_deref(), Some("c"));
    assert_eq!(
        settings.streams["s"].cursor, None,
        "a flag wins over a stream's table"
    );
}

#[test]
fn a_template_in_the_url_wins_over_keys_of_the_file() {
    let file = "[destination]\nkey = 'a'\n[streams.s]\nkey = 'b'";
    let to = |to: &str| SettingArgs {
        to: Some(to.to_owned()),
        ..SettingArgs::default()
    };
    let settings = load_from(file, &[], to("./out/{stream_name}.csv")).expect("right");
    assert_eq!(settings.destination.key, None);
    assert_eq!(settings.streams["s"].key, None);
    let settings = load_from(file, &[], to("./out")).expect("right");
    assert_eq!(settings.destination.key.as_deref(), Some("a"));
    assert_eq!(settings.streams["s"].key.as_deref(), Some("b"));
}

#[test]
fn the_nearer_layer_chooses_between_a_cursor_and_its_field() {
    let check = |variables: &[(&str, &str)], args: SettingArgs, expect: [Option<&str>; 4]| {
        let file = "cursor_field = 'at'\n[streams.s]\ncursor_field = 'on'";
        let settings = load_from(file, variables, args).expect("right");
        let own = &settings.streams["s"];
        let found = [
            &settings.cursor,
            &settings.cursor_field,
            &own.cursor,
            &own.cursor_field,
        ];
        assert_eq!(found.map(Option::as_deref), expect);
    };
    let none = SettingArgs::default;
    let flag = SettingArgs {
        cursor: Some("c".into()),
        ..none()
    };
    check(&[], none(), [None, Some("at"), None, Some("on")]);
    check(&[], flag, [Some("c"), None, None, None]);
    let general = [("SPILE_CURSOR", "b")];
    check(&general, none(), [Some("b"), None, None, Some("on")]);
    let own = [("SPILE_STREAMS__S__CURSOR", "b")];
    check(&own, none(), [None, Some("at"), Some("b"), None]);
    let field = SettingArgs {
        cursor_field: Some("to".into()),
        ..none()
    };
    check(&general, field, [None, Some("to"), None, None]);
}

#[test]
fn the_environment_is_text() {
    let variables = [
        ("SPILE_CONNECTION__ID", "00501"),
        ("SPILE_LIMITS__OBJECT_ROWS", "1000"),
        ("SPILE_DESTINATION__ALLOW_HTTP", "true"),
        ("SPILE_LOG", "debug"),
        ("OTHER", "1"),
    ];
    let settings = load_from("", &variables, SettingArgs::default()).expect("right");
    assert_eq!(settings.connection.id.as_deref(), Some("00501"));
    assert_eq!(
        settings.limits.object_rows.map(|rows| rows.0.get()),
        Some(1_000)
    );
    assert_eq!(settings.destination.allow_http, Some(true));
}

#[test]
fn all_faults_are_told_at_once() {
    let file = "
        timezon = 'UTC'
        [connection]
        id = 17
        [limits]
        memory = 'much'
        [streams.sales]
        curser_field = 'at'
        [destination.auth]
        secret_access_key = 4711";
    let variables = [("SPILE_LIMITS__OBJECT_AGE", "90")];
    let args = SettingArgs {
        object_rows: Some("many".into()),
        ..SettingArgs::default()
    };
    assert_snapshot!(load_from(file, &variables, args).expect_err("wrong"), @r#"
    connection.id in DIR/spile.toml: expected a string, found the number 17; put it in quotes
    destination.auth.secret_access_key in DIR/spile.toml: expected a text, { file = "…" } or { command = ["…"] }, found something else
    limits.memory in DIR/spile.toml: `much`: a size is a number with B, KB, KiB, MB, MiB, GB or GiB, such as 256MiB
    SPILE_LIMITS__OBJECT_AGE in the environment: `90`: a span of time is a number with s, m, h or d, such as 5m
    --object-rows: `many`: a whole number is expected, within reason
    streams.sales.curser_field in DIR/spile.toml: there is no setting `curser_field` here (did you mean `cursor_field`?)
    timezon in DIR/spile.toml: there is no setting `timezon` here (did you mean `timezone`?)
    "#);
}

/// Whatever is wrong with them, and wherever they stand.
#[test]
fn no_secret_is_told() {
    let check = |name: &str, text: &str, variables: &[(&str, &str)]| {
        let told = load_text(name, text, variables, SettingArgs::default());
        let told = told.expect_err("wrong");
        assert!(!told.contains("hush") && !told.contains("4711"), "{told}");
    };
    for name in SECRETS {
        let table = match name {
            "proxy" => "destination",
            "webhook" | "authorization" => "on_complete",
            _ => "destination.auth",
        };
        for value in [
            "4711",
            "[\"hush\"]",
            "{ command = \"hush\" }",
            "{ file = [\"hush\"] }",
            "{ command = [4711] }",
            "{ file = \"a\", command = [\"hush\"] }",
            "{ file = 4711 }",
        ] {
            check("a.toml", &format!("[{table}]\n{name} = {value}\n"), &[]);
        }
    }
    for name in ["on_complete", "destination", "destination.auth"] {
        check("a.toml", &format!("{name} = \"hush\"\n"), &[]);
        check("a.toml", &format!("{name} = 4711\n"), &[]);
        let variable = format!("SPILE_{}", name.replace('.', "__").to_uppercase());
        check("a.toml", "", &[(&variable, "hush")]);
    }
    for (name, text) in [
        ("a.yaml", "hush"),
        ("a.yaml", "on_complete: {webhook: hush"),
        ("a.yaml", "on_complete:\n  webhook: *hush"),
        ("a.yaml", "on_complete:\n  webhook: !hush 1\n x"),
        ("a.yaml", "- hush"),
        ("a.json", "\"hush\""),
        ("a.json", "{\"on_complete\": {\"webhook\": hush}}"),
        ("a.toml", "hush"),
        ("a.toml", "[on_complete]\nwebhook = hush"),
        (
            "a.toml",
            "on_complete.webhook = \"hush\"\non_complete = \"hush\"",
        ),
    ] {
        check(name, text, &[]);
    }
}

#[test]
fn a_file_that_is_no_toml() {
    let file = "secret_access_key = \"hush\n";
    assert_snapshot!(load_from(file, &[], SettingArgs::default()).expect_err("wrong"), @"DIR/spile.toml: the file can't be understood: TOML parse error at line 1, column 26: invalid basic string");
}
