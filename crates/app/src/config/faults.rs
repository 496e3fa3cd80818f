//! What is wrong with a configuration.

use std::fmt;

/// One thing that is wrong, where it stands, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigFault {
    /// The setting, and where it was given: `destination.format in spile.toml`. The checks of
    /// values name the setting alone: where it was given is looked up when all is told.
    pub(crate) place: String,
    /// What is wrong with it.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

/// All that is wrong with a configuration; never empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConfigFaults(pub(crate) Vec<ConfigFault>);

impl ConfigFault {
    pub(crate) fn new(place: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            place: place.into(),
            message: message.to_string(),
            hint: None,
        }
    }

    /// A name that is none of those known.
    pub(crate) fn unknown(place: &str, name: &str, nearest: Option<&str>, known: &[&str]) -> Self {
        let fault = Self::new(place, format!("`{name}` is none of {}", known.join(", ")));
        match nearest {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault,
        }
    }

    /// Whether this is about a setting as it stands in one of the layers.
    fn is_of_layer(&self, setting: &str) -> bool {
        let rest = self.place.strip_prefix(setting);
        rest.is_some_and(|rest| rest.starts_with(" in "))
    }

    /// The same, of another setting.
    pub(crate) fn at(mut self, place: &str) -> Self {
        place.clone_into(&mut self.place);
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl ConfigFaults {
    /// Takes a result's value, or notes what is wrong.
    pub(crate) fn check<T>(&mut self, result: Result<T, ConfigFault>) -> Option<T> {
        result.map_err(|fault| self.note(fault)).ok()
    }

    /// Notes what is wrong, once. A setting that couldn't be read is only missing because of that.
    pub(crate) fn note(&mut self, fault: ConfigFault) {
        let is_told = |known: &ConfigFault| *known == fault || known.is_of_layer(&fault.place);
        if !self.0.iter().any(is_told) {
            self.0.push(fault);
        }
    }

    /// Notes all that is wrong elsewhere, once.
    pub(crate) fn note_all(&mut self, others: ConfigFaults) {
        others.0.into_iter().for_each(|fault| self.note(fault));
    }

    /// The same faults, each where its setting was given.
    pub(crate) fn placed(mut self, place: impl Fn(&str) -> String) -> Self {
        for fault in &mut self.0 {
            fault.place = place(&fault.place);
        }
        self
    }

    /// The value, unless anything was wrong.
    pub(crate) fn or<T>(self, value: Option<T>) -> Result<T, ConfigFaults> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl From<ConfigFault> for ConfigFaults {
    fn from(fault: ConfigFault) -> Self {
        Self(vec![fault])
    }
}

/// The nearest of some names, to suggest it.
pub(crate) fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let distance = |other: &&&str| strsim::damerau_levenshtein(name, other);
    let nearest = names.iter().min_by_key(distance)?;
    (strsim::damerau_levenshtein(name, nearest) <= 1 + name.len() / 3).then_some(*nearest)
}
