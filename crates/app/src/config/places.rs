//! Where each setting was given.

use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::faults::ConfigFaults;
use super::flags::{STREAM_FLAGS, flag_of};

/// The layers of a configuration, from the farthest to the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    File,
    Environment,
    Flags,
}

/// The values of all layers together, each of which knows its own. They may be secret, so that this
/// has no `Debug`.
pub(crate) struct Places {
    layers: Figment,
    values: Dict,
}

impl Places {
    /// # Errors
    /// Where a layer can't be read.
    pub(crate) fn of_layers(layers: Figment) -> Result<Self, Box<Error>> {
        let mut values: Map<Profile, Dict> = layers.data().map_err(Box::new)?;
        let values = values.remove(&Profile::Default).unwrap_or_default();
        Ok(Self { layers, values })
    }

    pub(crate) fn values(&self) -> &Dict {
        &self.values
    }

    /// Leaves values out that others replace; which, is decided by their layers.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Dict, &dyn Fn(&Value) -> Layer)) {
        let layers = &self.layers;
        change(&mut self.values, &|value| layer(metadata(layers, value)));
    }

    /// The setting at a path as its layer names it, and which layer that is: `--write`, or
    /// `destination.write in spile.toml`. What was given nowhere is called by its flag, unless it
    /// is about credentials, which are better not typed.
    pub(crate) fn of(&self, path: &[&str]) -> String {
        let name = path.join(".");
        let Some(metadata) = self.found(path).map(|found| metadata(&self.layers, found)) else {
            return match name.starts_with("destination.auth.") {
                true => name,
                false => flag_of(&name),
            };
        };
        match (layer(metadata), metadata) {
            (Layer::Flags, _) => flag_of(&name),
            (Layer::Environment, _) => format!(
                "SPILE_{} in the environment",
                path.join("__").to_uppercase()
            ),
            (Layer::File, Some(metadata)) => format!("{name} in {}", metadata.name),
            (Layer::File, None) => name,
        }
    }

    /// The general setting that streams call by this name.
    pub(crate) fn of_general(&self, name: &str) -> String {
        let general = STREAM_FLAGS.iter().find(|(_, own)| *own == name);
        let path = general.map_or(name, |(path, _)| path);
        self.of(&path.split('.').collect::<Vec<_>>())
    }

    /// Where each of these settings was given. What is no setting stays as it is called.
    pub(crate) fn place(&self, faults: ConfigFaults) -> ConfigFaults {
        faults.placed(|place| self.of(&place.split('.').collect::<Vec<_>>()))
    }

    /// Whether the file gives a setting.
    pub(super) fn is_in_file(&self, path: &[&str]) -> bool {
        let found = self.found(path);
        found.is_some_and(|found| layer(metadata(&self.layers, found)) == Layer::File)
    }

    /// Whether there is a value at a path.
    pub(crate) fn has(&self, path: &[&str]) -> bool {
        self.found(path).is_some()
    }

    /// The value at a path. What stands in a list is as far as it goes.
    fn found(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        let mut found = self.values.get(*first)?;
        for name in rest {
            match found {
                Value::Dict(_, inner) => found = inner.get(*name)?,
                _ => break,
            }
        }
        Some(found)
    }
}

fn metadata<'a>(layers: &'a Figment, value: &Value) -> Option<&'a Metadata> {
    layers.get_metadata(value.tag())
}

fn layer(metadata: Option<&Metadata>) -> Layer {
    match metadata {
        Some(metadata) if metadata.name == "flags" => Layer::Flags,
        Some(metadata) if metadata.source.is_none() => Layer::Environment,
        _ => Layer::File,
    }
}
