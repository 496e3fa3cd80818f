//! Settings from the environment, each a text: an id of digits keeps its zeros.

use std::ffi::OsString;

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::faults::ConfigFault;

/// The variables that begin with `SPILE_`. `SPILE_DESTINATION__URL` is `destination.url`.
pub(crate) struct EnvTexts(Vec<(String, String)>);

const PREFIX: &str = "SPILE_";
/// What to log is settled before any setting is read.
const OTHERS: [&str; 1] = ["SPILE_LOG"];

impl EnvTexts {
    /// Takes the settings out of variables. Those of others may hold anything.
    pub(crate) fn of(
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigFault> {
        let mut texts = Vec::new();
        for (name, text) in variables {
            let Ok(name) = name.into_string() else {
                continue;
            };
            if !name.starts_with(PREFIX) || OTHERS.contains(&&*name) {
                continue;
            }
            let text = text.into_string();
            let text = text.map_err(|_| ConfigFault::new(&*name, "the value isn't UTF-8"))?;
            texts.push((name, text));
        }
        Ok(Self(texts))
    }
}

impl Provider for EnvTexts {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment").interpolater(|_: &Profile, path: &[&str]| {
            format!("{PREFIX}{}", path.join("__").to_uppercase())
        })
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut dict = Dict::new();
        for (name, text) in &self.0 {
            let path = name[PREFIX.len()..].to_lowercase();
            insert(&mut dict, &path.split("__").collect::<Vec<_>>(), text);
        }
        Ok(Profile::Default.collect(dict))
    }
}

fn insert(dict: &mut Dict, path: &[&str], text: &str) {
    match path {
        [] => {}
        [name] => {
            dict.insert((*name).to_owned(), Value::from(text));
        }
        [name, rest @ ..] => {
            let inner = dict
                .entry((*name).to_owned())
                .or_insert_with(|| Value::from(Dict::new()));
            // A variable that is a text and a table at once: the table wins, and is told of.
            if !matches!(inner, Value::Dict(..)) {
                *inner = Value::from(Dict::new());
            }
            if let Value::Dict(_, inner) = inner {
                insert(inner, rest, text);
            }
        }
    }
}
