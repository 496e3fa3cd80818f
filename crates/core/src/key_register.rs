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
    /// The number of a route's last object; 0 where it has none yet.
    pub(crate) fn last_number(&self, route: &RouteKey) -> u32 {
        self.numbers.get(route).copied().unwrap_or_default()
    }

    /// The next key of a route that no object of this run has.
    pub(crate) fn claim_next(
        &mut self,
        keys: &KeyPlan,
        route: &RouteKey,
    ) -> Result<ObjectKey, KeyError> {
        let mut number = self.last_number(route);
        loop {
            number += 1;
            let key = keys.object_key(route, number)?;
            if self.claim(route, number, &key) {
                return Ok(key);
            }
        }
    }

    /// Claims the key with a number, unless an object of this run has it.
    pub(crate) fn claim(&mut self, route: &RouteKey, number: u32, key: &ObjectKey) -> bool {
        self.numbers.insert(route.clone(), number);
        self.claimed.insert(key.clone())
    }

    /// Whether an object of this run has a key.
    pub(crate) fn has(&self, key: &ObjectKey) -> bool {
        self.claimed.contains(key)
    }
}
