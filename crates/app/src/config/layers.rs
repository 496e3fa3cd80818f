//! The layers of a configuration: file < environment < flags.

use std::ffi::OsString;
use std::path::Path;

use figment::error::{Actual, Kind};
use figment::providers::{Format, Json, Serialized, Toml, Yaml};
use figment::value::{Dict, Value};
use figment::{Figment, Source};

use super::env_texts::EnvTexts;
use super::exposed::warn_if_readable;
use super::faults::{ConfigFault, ConfigFaults, nearest};
use super::flags::Flags;
use super::nearer;
use super::places::Places;
use super::secret::Secret;
use super::settings::Settings;
use crate::cli::SettingArgs;

/// Settings as they were given.
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    /// What is wrong with settings that couldn't be read.
    pub(crate) faults: ConfigFaults,
    pub(crate) places: Places,
}

/// Reads the settings of all layers. `files` is the input, and `variables` the environment.
///
/// What is wrong with some settings comes beside the others, which can be checked further; an
/// error is that nothing can be read at all.
pub(crate) fn load(
    args: &SettingArgs,
    files: &[String],
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Loaded, ConfigFaults> {
    let flags = Flags { args, files };
    let mut layers = Figment::new();
    for path in &args.config {
        layers = layers.merge(read_file(path)?);
    }
    let layers = layers
        .merge(EnvTexts::of(variables)?)
        .merge(Flags { args, files });
    let places = Places::of_layers(layers);
    let mut places = places.map_err(|error| file_faults(*error, args))?;
    places.change(|dict, layer_of| nearer::keep(dict, &flags, layer_of));
    let (settings, faults) = extract(places.values().clone(), &places)?;
    if has_secret(&settings, &places) {
        args.config.iter().for_each(|path| warn_if_readable(path));
    }
    Ok(Loaded {
        settings,
        faults,
        places,
    })
}

/// Whether the file itself has a secret in it.
fn has_secret(settings: &Settings, places: &Places) -> bool {
    let destination = &settings.destination;
    let auth = &destination.auth;
    let secrets: [(&[&str], _); 4] = [
        (&["proxy"], &destination.proxy),
        (&["auth", "credential_process"], &auth.credential_process),
        (&["auth", "secret_access_key"], &auth.secret_access_key),
        (&["auth", "session_token"], &auth.session_token),
    ];
    secrets.iter().any(|(path, secret)| {
        let path = [&["destination"], *path].concat();
        matches!(secret, Some(Secret::Text(_))) && places.is_in_file(&path)
    })
}

fn read_file(path: &str) -> Result<Figment, ConfigFault> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigFault::new("--config", format!("{path} can't be read: {error}")))?;
    let extension = Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str());
    Ok(match extension.unwrap_or_default() {
        "toml" => Figment::from(named(Toml::string(&text), path)),
        "yaml" | "yml" => Figment::from(named(Yaml::string(&text), path)),
        "json" => Figment::from(named(Json::string(&text), path)),
        _ => {
            let fault = ConfigFault::new("--config", format!("{path} has no known extension"));
            return Err(fault.hint("name it .toml, .yaml or .json"));
        }
    })
}

/// A text that is called by the path of its file.
struct Named<P>(P, String);

fn named<P: figment::Provider>(provider: P, path: &str) -> Named<P> {
    Named(provider, path.to_owned())
}

impl<P: figment::Provider> figment::Provider for Named<P> {
    fn metadata(&self) -> figment::Metadata {
        figment::Metadata::from(self.1.clone(), Source::File(self.1.clone().into()))
    }

    fn data(&self) -> Result<figment::value::Map<figment::Profile, Dict>, figment::Error> {
        self.0.data()
    }
}

/// What is wrong with a file that isn't even well-formed.
fn file_faults(error: figment::Error, args: &SettingArgs) -> ConfigFaults {
    let file = match args.config.is_empty() {
        true => "the configuration".to_owned(),
        false => args.config.join(", "),
    };
    let faults = error.into_iter().map(|error| {
        let message = without_quotation(&error.kind.to_string());
        ConfigFault::new(
            file.as_str(),
            format!("the file can't be understood: {}", message.trim()),
        )
    });
    ConfigFaults(faults.collect())
}

/// A message without the line of the file that it quotes: a secret may stand there.
fn without_quotation(message: &str) -> String {
    let is_quotation = |line: &&str| {
        line.split_once('|')
            .is_some_and(|(number, _)| number.trim().chars().all(|c| c.is_ascii_digit()))
    };
    let lines = message
        .lines()
        .filter(|line| !is_quotation(line))
        .map(str::trim);
    lines.collect::<Vec<_>>().join(": ")
}

/// Makes settings of the values. What is wrong is noted and left out, until the rest is right.
fn extract(mut dict: Dict, places: &Places) -> Result<(Settings, ConfigFaults), ConfigFaults> {
    let mut faults = ConfigFaults::default();
    loop {
        let errors = match Figment::from(Serialized::globals(&dict)).extract() {
            Ok(settings) => return Ok((settings, faults)),
            Err(errors) => errors,
        };
        let mut removed = false;
        for error in errors {
            let path = error.path.clone();
            faults.0.push(fault(error, places));
            removed |= remove(&mut dict, &path);
        }
        if !removed {
            return Err(faults);
        }
    }
}

fn remove(dict: &mut Dict, path: &[String]) -> bool {
    match path {
        [] => false,
        [name] => dict.remove(name).is_some(),
        [name, rest @ ..] => match dict.get_mut(name) {
            Some(Value::Dict(_, inner)) => remove(inner, rest) || dict.remove(name).is_some(),
            Some(_) => dict.remove(name).is_some(),
            None => false,
        },
    }
}

/// The ends of paths whose values aren't shown; a table that holds some may itself be a text by
/// mistake.
const SECRETS: [&str; 6] = [
    "auth",
    "proxy",
    "external_id",
    "secret_access_key",
    "session_token",
    "credential_process",
];

fn fault(error: figment::Error, places: &Places) -> ConfigFault {
    let path: Vec<&str> = error.path.iter().map(String::as_str).collect();
    let (place, path) = (places.of(&path), path.join("."));
    let is_secret = SECRETS.iter().any(|name| path.ends_with(name));
    match error.kind {
        Kind::UnknownField(name, known) => {
            let fault = ConfigFault::new(place, format!("there is no setting `{name}` here"));
            match nearest(&name, known) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint(format!("known here: {}", known.join(", "))),
            }
        }
        Kind::InvalidType(found, expected) => {
            let found = if is_secret {
                "something else".to_owned()
            } else {
                shown(&found)
            };
            ConfigFault::new(place, format!("expected {expected}, found {found}"))
        }
        _ if is_secret => ConfigFault::new(place, "the value can't be used"),
        Kind::Message(message) => ConfigFault::new(place, message),
        kind => ConfigFault::new(place, kind),
    }
}

fn shown(actual: &Actual) -> String {
    match actual {
        Actual::Unsigned(number) => format!("the number {number}; put it in quotes"),
        Actual::Signed(number) => format!("the number {number}; put it in quotes"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn load_from(
        file: &str,
        variables: &[(&str, &str)],
        args: SettingArgs,
    ) -> Result<Settings, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("spile.toml");
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

    #[test]
    fn a_file_that_is_no_toml() {
        let file = "secret_access_key = \"hush\n";
        assert_snapshot!(load_from(file, &[], SettingArgs::default()).expect_err("wrong"), @"DIR/spile.toml: the file can't be understood: TOML parse error at line 1, column 26: invalid basic string");
    }
}
