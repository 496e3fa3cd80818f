//! The one list of placeholders; `reference.md` says the same to users, and a test holds them
//! together.

use crate::macros::nearest;

/// What can be written in a path format or a file name pattern.
pub(crate) struct Placeholder {
    /// As it is written.
    pub(crate) written: &'static str,
    /// What it stands for, in Spile's own syntax.
    pub(crate) own: &'static str,
}

const fn placeholder(written: &'static str, own: &'static str) -> Placeholder {
    Placeholder { written, own }
}

/// In the order of the reference.
pub(crate) static PLACEHOLDERS: [Placeholder; 19] = [
    placeholder("${NAMESPACE}", "{namespace?}"),
    placeholder("${STREAM_NAME}", "{stream_name}"),
    placeholder("${YEAR}", "{year}"),
    placeholder("${MONTH}", "{month}"),
    placeholder("${DAY}", "{day}"),
    placeholder("${HOUR}", "{hour}"),
    placeholder("${MINUTE}", "{minute}"),
    placeholder("${SECOND}", "{second}"),
    // Airbyte has four digits, the first of which is always 0.
    placeholder("${MILLISECOND}", "0{millisecond}"),
    placeholder("${EPOCH}", "{epoch_ms}"),
    placeholder("${UUID}", "{uuid}"),
    placeholder("{date}", "{date}"),
    placeholder("{timestamp}", "{epoch_ms}"),
    placeholder("{timestamp:millis}", "{epoch_ms}"),
    placeholder("{timestamp:micros}", "{epoch_us}"),
    // So it is documented, and so older versions have it.
    placeholder("{timestamp:micro}", "{epoch_us}"),
    placeholder("{part_number}", "{part_index}"),
    placeholder("{sync_id}", "{sync_id}"),
    placeholder("{format_extension}", ".{extension}"),
];

/// What the placeholder stands for, in Spile's own syntax. Case counts.
pub(super) fn own_syntax(written: &str) -> Option<&'static str> {
    let known = PLACEHOLDERS.iter().find(|known| known.written == written);
    known.map(|known| known.own)
}

/// The placeholder that someone who wrote this is likely to have meant.
pub(super) fn nearest_to(written: &str) -> Option<&'static str> {
    let names: Vec<String> = PLACEHOLDERS
        .iter()
        .map(|one| name_of(one.written))
        .collect();
    let near = nearest(&name_of(written), names.iter().map(String::as_str))?;
    let known = PLACEHOLDERS.iter().zip(&names);
    let mut found = known.filter(|(_, name)| *name == near);
    found.next().map(|(known, _)| known.written)
}

/// The name in the way that macros are spelt: `stream_name`.
fn name_of(written: &str) -> String {
    let name = written.trim_start_matches('$').trim_matches(['{', '}']);
    name.to_ascii_lowercase()
}
