//! Templates and values for property tests.

use proptest::prelude::*;

use crate::MacroSet;

/// The text of a template that parses: segments of literals and macros, some of them optional.
pub(crate) fn template() -> impl Strategy<Value = String> {
    let segment = prop::collection::vec(prop_oneof![literal(), name()], 1..4);
    let segment = segment.prop_map(|parts| parts.concat());
    let segment = segment.prop_filter("no folder", |text| text != "." && text != "..");
    prop::collection::vec(segment, 1..6).prop_map(|segments| segments.join("/"))
}

/// The text of a template with a piece of text put anywhere in it, so that it rarely parses.
pub(crate) fn broken_template() -> impl Strategy<Value = String> {
    let pieces = vec!["{", "}", "/", "?", ".", "..", "\t", "é", "{x}", "{}", "{{"];
    let piece = prop::sample::select(pieces);
    (template(), any::<prop::sample::Index>(), piece).prop_map(|(mut text, at, piece)| {
        let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
        text.insert_str(*at.get(&places), piece);
        text
    })
}

/// Text of every kind, with what needs an escape more often than chance has it.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let special = prop::sample::select(vec![".", "..", "/", "%", "%2F", r"\", "{part}", "\u{1}"]);
    let part = prop_oneof![
        special.prop_map(str::to_owned),
        "\\PC{1,4}",
        any::<String>()
    ];
    let value = prop::collection::vec(part, 1..4).prop_map(|parts| parts.concat());
    value.prop_filter("a value", |text| !text.is_empty())
}

fn literal() -> impl Strategy<Value = String> {
    "[a-zé=_.:-]{1,4}|\\{\\{|\\}\\}"
}

fn name() -> impl Strategy<Value = String> {
    let names: Vec<_> = MacroSet::standard()
        .iter()
        .map(|known| known.name().to_owned())
        .collect();
    (prop::sample::select(names), any::<bool>()).prop_map(|(name, optional)| {
        if optional {
            format!("{{{name}?}}")
        } else {
            format!("{{{name}}}")
        }
    })
}
