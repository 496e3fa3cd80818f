//! What a nearer layer says replaces what a farther one says, also where the two settings differ.

use std::cmp::Ordering;

use figment::value::{Dict, Value};

use super::flags::{Flags, STREAM_FLAGS};
use super::places::Layer;

/// The settings of which a stream has one.
const CURSOR_CHOICES: [&str; 2] = ["cursor", "cursor_field"];

/// Leaves out what a nearer layer replaces.
pub(super) fn keep(dict: &mut Dict, flags: &Flags<'_>, layer_of: &dyn Fn(&Value) -> Layer) {
    drop_what_flags_replace(dict, flags);
    keep_nearer_cursor(dict, layer_of);
    for_each_stream(dict, |table| keep_nearer_cursor(table, layer_of));
}

/// A cursor and a cursor field are one choice: where two layers make it, the nearer one's stands.
fn keep_nearer_cursor(table: &mut Dict, layer_of: &dyn Fn(&Value) -> Layer) {
    let [cursor, field] = CURSOR_CHOICES;
    if let (Some(value), Some(of_field)) = (table.get(cursor), table.get(field)) {
        match layer_of(value).cmp(&layer_of(of_field)) {
            Ordering::Less => table.remove(cursor),
            Ordering::Greater => table.remove(field),
            // Both in one layer are told of later.
            Ordering::Equal => None,
        };
    }
}

fn for_each_stream(dict: &mut Dict, mut change: impl FnMut(&mut Dict)) {
    if let Some(Value::Dict(_, streams)) = dict.get_mut("streams") {
        for stream in streams.values_mut() {
            if let Value::Dict(_, table) = stream {
                change(table);
            }
        }
    }
}

/// A flag wins over a stream's own table, and the template in `--to` over one that no flag gives.
fn drop_what_flags_replace(dict: &mut Dict, flags: &Flags<'_>) {
    let own = STREAM_FLAGS.iter().filter(|(path, _)| flags.gives(path));
    let mut own: Vec<&str> = own.map(|(_, name)| *name).collect();
    if flags.has_template_in_url() && !own.contains(&"key") {
        own.push("key");
        if let Some(Value::Dict(_, destination)) = dict.get_mut("destination") {
            destination.remove("key");
        }
    }
    if CURSOR_CHOICES.iter().any(|name| own.contains(name)) {
        own.extend(CURSOR_CHOICES);
    }
    for_each_stream(dict, |table| {
        table.retain(|name, _| !own.contains(&name.as_str()));
    });
}
