//! The layers of a configuration: file < environment < flags.

#[cfg(test)]
mod tests;

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
    let (destination, told) = (&settings.destination, &settings.on_complete);
    let auth = &destination.auth;
    let secrets: [(&[&str], _); 6] = [
        (&["destination", "proxy"], &destination.proxy),
        (
            &["destination", "auth", "credential_process"],
            &auth.credential_process,
        ),
        (
            &["destination", "auth", "secret_access_key"],
            &auth.secret_access_key,
        ),
        (
            &["destination", "auth", "session_token"],
            &auth.session_token,
        ),
        (&["on_complete", "webhook"], &told.webhook),
        (&["on_complete", "authorization"], &told.authorization),
    ];
    let is_text = |secret: &Option<Secret>| matches!(secret, Some(Secret::Text(_)));
    secrets
        .iter()
        .any(|(path, secret)| is_text(secret) && places.is_in_file(path))
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

/// A message without the line of the file that it quotes, and without a text that it does: a secret may
/// stand there.
fn without_quotation(message: &str) -> String {
    let is_quotation = |line: &&str| {
        line.split_once('|')
            .is_some_and(|(number, _)| number.trim().chars().all(|c| c.is_ascii_digit()))
    };
    let lines = message
        .lines()
        .filter(|line| !is_quotation(line))
        .map(str::trim);
    let told = lines.collect::<Vec<_>>().join(": ");
    match (told.find('"'), told.rfind('"')) {
        (Some(from), Some(to)) if from < to => format!("{}\"…{}", &told[..from], &told[to..]),
        _ => told,
    }
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

/// Settings whose values aren't shown, nor what stands in them: a secret may be a table by mistake.
const SECRETS: [&str; 7] = [
    "proxy",
    "external_id",
    "secret_access_key",
    "session_token",
    "credential_process",
    "webhook",
    "authorization",
];
/// Tables that hold some of them, and may themselves be a text by mistake.
const HOLDERS: [&str; 3] = ["destination", "auth", "on_complete"];

fn is_secret(path: &[&str]) -> bool {
    let is_holder = path.last().is_none_or(|last| HOLDERS.contains(last));
    is_holder || path.iter().any(|name| SECRETS.contains(name))
}

fn fault(error: figment::Error, places: &Places) -> ConfigFault {
    let path: Vec<&str> = error.path.iter().map(String::as_str).collect();
    let (place, is_secret) = (places.of(&path), is_secret(&path));
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
