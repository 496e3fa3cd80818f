//! What becomes of each column, by its name.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::datatypes::FieldRef;

use super::claims::Claims;
use super::error::ReshapeError;
use super::{ReshapeConfig, RestColumn};
use crate::globs::Globs;

/// What becomes of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is what it was. Where a column is renamed to its name, the index of that among the
    /// renames: a record can't have both.
    Stays { contested: Option<usize> },
    /// It gets the name of the rename at an index.
    Renamed(usize),
    /// It goes into the column of the rest.
    Collected,
    /// It goes.
    LeftOut,
}

/// What becomes of columns, by their names.
#[derive(Clone, Debug)]
pub(super) struct Names {
    include: Globs,
    exclude: Globs,
    renames: Vec<Rename>,
    /// The renames by their old names, and by their new ones.
    by_old: HashMap<String, usize>,
    by_new: HashMap<String, usize>,
    rest: Option<Rest>,
}

/// A column that gets another name.
#[derive(Clone, Debug)]
pub(super) struct Rename {
    pub(super) old: String,
    pub(super) new: String,
    /// The new name as a record has it, with quotes and colon.
    pub(super) key: String,
}

/// The column that unknown fields go to.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    pub(super) name: String,
    /// Its name as a record has it, with quotes and colon.
    pub(super) key: String,
    known: HashSet<String>,
}

impl Names {
    /// `None` where all columns stay as they are.
    pub(super) fn new(config: &ReshapeConfig) -> Result<Option<Self>, ReshapeError> {
        let globs = |globs: &[String]| Globs::new(globs.iter().map(String::as_str));
        let mut names = Self {
            include: globs(&config.include)?,
            exclude: globs(&config.exclude)?,
            renames: Vec::new(),
            by_old: HashMap::new(),
            by_new: HashMap::new(),
            rest: config.rest.as_ref().map(Rest::new).transpose()?,
        };
        names.add_renames(&config.rename)?;
        if let Some(rest) = &config.rest {
            names.check_known(rest)?;
        }
        Ok(names.may_change_any().then_some(names))
    }

    fn may_change_any(&self) -> bool {
        let all_are_included = self.include.is_empty() || self.include.has_star();
        let is_none_renamed = self.renames.is_empty() && self.rest.is_none();
        !(all_are_included && self.exclude.is_empty() && is_none_renamed)
    }

    /// Those of columns that are left out change nothing, and can't be in the way of others.
    fn add_renames(&mut self, renames: &BTreeMap<String, String>) -> Result<(), ReshapeError> {
        for (old, new) in renames {
            if new.is_empty() {
                let column = old.clone();
                return Err(ReshapeError::EmptyName { column });
            }
            if old == new || !self.is_kept(old) {
                continue;
            }
            let index = self.renames.len();
            if let Some(first) = self.by_new.insert(new.clone(), index) {
                return Err(ReshapeError::SameName {
                    first: self.renames[first].old.clone(),
                    second: old.clone(),
                    name: new.clone(),
                });
            }
            self.by_old.insert(old.clone(), index);
            self.renames.push(Rename {
                old: old.clone(),
                new: new.clone(),
                key: key(new),
            });
        }
        Ok(())
    }

    /// Where there is a rest, the known columns are all that there are beside it.
    fn check_known(&self, rest: &RestColumn) -> Result<(), ReshapeError> {
        let is_rest = |column: &&String| self.name_of(column) == Some(&rest.name);
        if let Some(column) = rest.known.iter().find(is_rest) {
            return Err(ReshapeError::RestTaken {
                name: rest.name.clone(),
                column: column.clone(),
            });
        }
        self.check(rest.known.iter().map(|column| self.of_field(column)))
    }

    /// Checks that the columns of these fates have a name each.
    pub(super) fn check(&self, fates: impl IntoIterator<Item = Fate>) -> Result<(), ReshapeError> {
        let mut claims = Claims::new(self);
        fates.into_iter().try_for_each(|fate| claims.note(0, fate))
    }

    /// What becomes of a field of a JSON record.
    pub(super) fn of_field(&self, name: &str) -> Fate {
        let is_known = |rest: &Rest| rest.known.contains(name);
        match self.of_column(name) {
            Fate::LeftOut => Fate::LeftOut,
            _ if !self.rest.as_ref().is_none_or(is_known) => Fate::Collected,
            fate => fate,
        }
    }

    /// What becomes of a column of a table: one that isn't JSON has no rest.
    pub(super) fn of_column(&self, name: &str) -> Fate {
        if !self.is_kept(name) {
            return Fate::LeftOut;
        }
        let contested = self.by_new.get(name).copied();
        let renamed = self.by_old.get(name).copied();
        renamed.map_or(Fate::Stays { contested }, Fate::Renamed)
    }

    /// The name afterwards of a field of a JSON record that has one of its own.
    pub(super) fn name_of<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match self.of_field(name) {
            Fate::Stays { .. } => Some(name),
            Fate::Renamed(index) => self.rename(index).map(|rename| rename.new.as_str()),
            Fate::Collected | Fate::LeftOut => None,
        }
    }

    /// The column afterwards, with its marks, where there is one.
    pub(super) fn column(&self, column: &FieldRef, fate: Fate) -> Option<FieldRef> {
        match fate {
            Fate::Stays { .. } => Some(Arc::clone(column)),
            Fate::Renamed(index) => {
                let new = &self.rename(index)?.new;
                Some(Arc::new(column.as_ref().clone().with_name(new)))
            }
            Fate::Collected | Fate::LeftOut => None,
        }
    }

    pub(super) fn rename(&self, index: usize) -> Option<&Rename> {
        self.renames.get(index)
    }

    pub(super) fn renames(&self) -> usize {
        self.renames.len()
    }

    pub(super) fn rest(&self) -> Option<&Rest> {
        self.rest.as_ref()
    }

    fn is_kept(&self, name: &str) -> bool {
        let is_included = self.include.is_empty() || self.include.matches(name);
        is_included && !self.exclude.matches(name)
    }
}

impl Rest {
    fn new(config: &RestColumn) -> Result<Self, ReshapeError> {
        if config.name.is_empty() {
            return Err(ReshapeError::EmptyRest);
        }
        Ok(Self {
            name: config.name.clone(),
            key: key(&config.name),
            known: config.known.iter().cloned().collect(),
        })
    }
}

/// A name as the key of a record, with quotes and colon.
fn key(name: &str) -> String {
    // A text: there is nothing that could fail.
    serde_json::to_string(name).unwrap_or_default() + ":"
}
