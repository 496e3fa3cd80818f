use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::time::digits;

/// Stand in the text of a route for `{part}`, `{uuid}` and `{part_index}`. No literal and no value can have
/// them: they are control characters. They go into each `{uuid}`, so they never change.
pub(crate) const PART: char = '\u{1}';
pub(crate) const UUID: char = '\u{2}';
pub(crate) const PART_INDEX: char = '\u{3}';

/// The key of a route: the run's and the cursor's macros rendered, the object's still open.
///
/// Routes that render the same text are equal. `Display` prints a template, in which the
/// macros of the object are all that is open. A clone is cheap.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteKey(Arc<str>);

impl RouteKey {
    pub(crate) fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The text of the key of object `number`. Where the route has no macro of the object, the
    /// number goes before `suffix`, or to the end, from the second object on.
    pub(crate) fn number(&self, number: u32, suffix: &str, run: &Uuid) -> String {
        let mut out = String::with_capacity(self.0.len() + 40);
        if self.0.contains(is_open) {
            self.fill(number, run, &mut out);
        } else if number == 1 {
            out.push_str(&self.0);
        } else {
            self.insert(number, suffix, &mut out);
        }
        out
    }

    fn fill(&self, number: u32, run: &Uuid, out: &mut String) {
        let mut rest = &*self.0;
        while let Some(at) = rest.find(is_open) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            match from.chars().next() {
                Some(PART) => digits(number, 5, out),
                Some(PART_INDEX) => digits(number.saturating_sub(1), 1, out),
                _ => {
                    let uuid = self.uuid(number, run).hyphenated();
                    out.push_str(uuid.encode_lower(&mut [0; 36]));
                }
            }
            rest = from.get(1..).unwrap_or_default();
        }
        out.push_str(rest);
    }

    fn insert(&self, number: u32, suffix: &str, out: &mut String) {
        let stem = self.0.strip_suffix(suffix).unwrap_or(&self.0);
        out.push_str(stem);
        out.push('-');
        digits(number, 5, out);
        out.push_str(&self.0[stem.len()..]);
    }

    /// Made from the run, the route and the number alone.
    fn uuid(&self, number: u32, run: &Uuid) -> Uuid {
        let mut name = Vec::with_capacity(self.0.len() + 4);
        name.extend_from_slice(&number.to_be_bytes());
        name.extend_from_slice(self.0.as_bytes());
        Uuid::new_v5(run, &name)
    }
}

/// The namespace of all `{uuid}` of one stream's run.
pub(crate) fn run_uuid(identity: &[&str]) -> Uuid {
    // Random, fixed for good.
    let spile = Uuid::from_u128(0x6f1d_8f0a_53b1_4c0e_9d43_27a1_b6c4_e95f);
    let mut name = Vec::new();
    for part in identity {
        name.extend_from_slice(&(part.len() as u64).to_be_bytes());
        name.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&spile, &name)
}

fn is_open(c: char) -> bool {
    matches!(c, PART | UUID | PART_INDEX)
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            PART => f.write_str("{part}"),
            UUID => f.write_str("{uuid}"),
            PART_INDEX => f.write_str("{part_index}"),
            '{' => f.write_str("{{"),
            '}' => f.write_str("}}"),
            _ => fmt::Write::write_char(f, c),
        })
    }
}

impl fmt::Debug for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RouteKey").field(&self.to_string()).finish()
    }
}
