//! Where settings were given.

use figment::Figment;
use figment::value::{Dict, Value};

use super::faults::{ConfigFault, ConfigFaults};
use super::flags::{STREAM_FLAGS, flag_of, setting_of};

/// The layers that settings were given in.
pub(crate) struct Origins(Figment);

impl Origins {
    pub(super) fn of(layers: Figment) -> Self {
        Self(layers)
    }

    /// Faults at the places where their settings were given: whoever finds one knows the setting by
    /// its flag or its path only.
    pub(crate) fn tell(&self, faults: ConfigFaults) -> ConfigFaults {
        let told = |fault: ConfigFault| match self.given(setting_of(&fault.place)) {
            Some(place) => fault.at(&place),
            None => fault,
        };
        ConfigFaults(faults.0.into_iter().map(told).collect())
    }

    /// Whether the file gives a setting.
    pub(super) fn is_in_file(&self, path: &str) -> bool {
        let metadata = self.0.find_metadata(path);
        metadata.is_some_and(|metadata| metadata.source.is_some())
    }

    /// The setting as its layer names it, and which layer that is.
    pub(super) fn place(&self, path: &str) -> String {
        self.found(path).unwrap_or_else(|| path.to_owned())
    }

    /// Where a setting was given, unless it is in several tables: then nobody knows which was meant.
    fn given(&self, path: &str) -> Option<String> {
        let general = self.found(path);
        let is_flag = general.as_deref() == Some(&*flag_of(path));
        match (general, &*self.tables_with(path)) {
            (Some(place), []) => Some(place),
            (Some(place), _) if is_flag => Some(place),
            (None, [own]) => self.found(own),
            _ => None,
        }
    }

    /// The paths of a setting in the streams' own tables.
    fn tables_with(&self, path: &str) -> Vec<String> {
        let own = STREAM_FLAGS.iter().find(|(general, _)| *general == path);
        let layers: Dict = self.0.extract().unwrap_or_default();
        let (Some((_, name)), Some(Value::Dict(_, streams))) = (own, layers.get("streams")) else {
            return Vec::new();
        };
        let has_it = |table: &Value| {
            table
                .as_dict()
                .is_some_and(|table| table.contains_key(*name))
        };
        let tables = streams.iter().filter(|(_, table)| has_it(table));
        tables
            .map(|(stream, _)| format!("streams.{stream}.{name}"))
            .collect()
    }

    fn found(&self, path: &str) -> Option<String> {
        let metadata = self.0.find_metadata(path)?;
        Some(if metadata.name == "flags" {
            flag_of(path)
        } else if metadata.source.is_none() {
            let variable = path.replace('.', "__").to_uppercase();
            format!("SPILE_{variable} in the environment")
        } else {
            format!("{path} in {}", metadata.name)
        })
    }
}
