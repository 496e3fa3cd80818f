//! The keys that a run has claimed: no two of its objects ever share one.

use std::collections::{HashMap, HashSet};

use spile_macros_template::{KeyError, KeyPlan, ObjectKey, RouteKey};

/// Numbers the objects of each route and remembers their keys.
#[derive(Debug, Default)]
pub(crate) struct KeyRegister {
    /// The number of the last object of routes whose keys read alike.
    numbers: HashMap<RouteKey, u32>,
    claimed: HashSet<ObjectKey>,
}

impl KeyRegister {
    /// The next key of a route that no object of this run has.
    pub(crate) fn claim(
        &mut self,
        keys: &KeyPlan,
        route: &RouteKey,
    ) -> Result<ObjectKey, KeyError> {
        let number = self.numbers.entry(route.clone()).or_default();
        loop {
            *number += 1;
            let key = keys.object_key(route, *number)?;
            if self.claimed.insert(key.clone()) {
                return Ok(key);
            }
        }
    }
}
