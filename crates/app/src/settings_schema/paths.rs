//! The settings by their paths.

use super::list::ALL;
use super::setting::{Connector, Kind, Setting};

/// A setting with a value, or tables by name, and where it stands.
pub(super) struct Entry {
    /// `NAME` stands for a name that the user chooses.
    pub(super) path: String,
    pub(super) setting: &'static Setting,
    /// The method that it is a setting of, where not all have it.
    pub(super) method: Option<&'static str>,
}

/// All settings that a connector has, in their order. What several methods have is there for each.
pub(super) fn entries(connector: Connector) -> Vec<Entry> {
    let mut walk = Walk {
        connector,
        method: None,
        found: Vec::new(),
    };
    walk.table("", ALL);
    walk.found
}

/// What is found on the way through all tables.
struct Walk {
    connector: Connector,
    /// The method whose settings these are.
    method: Option<&'static str>,
    found: Vec<Entry>,
}

impl Walk {
    fn table(&mut self, prefix: &str, settings: &'static [Setting]) {
        for setting in settings {
            if setting.is_for(self.connector) {
                self.setting(format!("{prefix}{}", setting.name), setting);
            }
        }
    }

    fn setting(&mut self, path: String, setting: &'static Setting) {
        let below = format!("{path}.");
        match setting.kind {
            Kind::Table(settings) => self.table(&below, settings),
            Kind::OneOf { by, methods } => {
                self.setting(format!("{below}{}", by.name), by);
                for one in methods {
                    self.method = Some(one.name);
                    self.table(&below, one.settings);
                }
                self.method = None;
            }
            Kind::Named(settings) => {
                self.note(path, setting);
                self.table(&format!("{below}NAME."), settings);
            }
            _ => self.note(path, setting),
        }
    }

    fn note(&mut self, path: String, setting: &'static Setting) {
        self.found.push(Entry {
            path,
            setting,
            method: self.method,
        });
    }
}
