//! The fields of a message.

use spile_core::StreamName;
use spile_core::json::{Checker, Kind, fields};

use crate::protocol::{Fault, MessageFields, name, of_kind, read, shown, text};

/// The raw values of a message.
#[derive(Default)]
pub(super) struct Fields<'a> {
    kind: Option<&'a [u8]>,
    pub(super) record: Option<&'a [u8]>,
    pub(super) in_record: RecordFields<'a>,
    pub(super) state: Option<&'a [u8]>,
    pub(super) trace: Option<&'a [u8]>,
    pub(super) log: Option<&'a [u8]>,
}

/// What a message is.
#[derive(Clone, Copy)]
pub(super) enum Type {
    Record,
    State,
    Trace,
    Log,
    /// What a destination has no use for.
    Other,
}

const TYPES: [(&[u8], Type); 9] = [
    (b"\"RECORD\"", Type::Record),
    (b"\"STATE\"", Type::State),
    (b"\"TRACE\"", Type::Trace),
    (b"\"LOG\"", Type::Log),
    (b"\"SPEC\"", Type::Other),
    (b"\"CATALOG\"", Type::Other),
    (b"\"CONTROL\"", Type::Other),
    (b"\"CONNECTION_STATUS\"", Type::Other),
    (b"\"DESTINATION_CATALOG\"", Type::Other),
];

/// The raw values of a record.
#[derive(Default)]
pub(super) struct RecordFields<'a> {
    pub(super) namespace: Option<&'a [u8]>,
    pub(super) stream: Option<&'a [u8]>,
    pub(super) data: Option<&'a [u8]>,
    pub(super) emitted_at: Option<&'a [u8]>,
    pub(super) meta: Option<&'a [u8]>,
}

impl<'a> MessageFields<'a> for Fields<'a> {
    #[inline]
    fn named(&mut self, within: Option<&[u8]>, key: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match (within, key) {
            (None, b"type") => &mut self.kind,
            (None, b"record") => &mut self.record,
            (None, b"state") => &mut self.state,
            (None, b"trace") => &mut self.trace,
            (None, b"log") => &mut self.log,
            (Some(b"record"), b"namespace") => &mut self.in_record.namespace,
            (Some(b"record"), b"stream") => &mut self.in_record.stream,
            (Some(b"record"), b"data") => &mut self.in_record.data,
            (Some(b"record"), b"emitted_at") => &mut self.in_record.emitted_at,
            (Some(b"record"), b"meta") => &mut self.in_record.meta,
            _ => return None,
        })
    }
}

impl<'a> Fields<'a> {
    /// Those of a message, which is checked.
    #[inline]
    pub(super) fn of(checker: &mut Checker, line: &'a str) -> Result<Self, Fault> {
        read::<2, Self>(checker, line)
    }

    #[inline]
    pub(super) fn message_type(&self) -> Result<Type, Fault> {
        let raw = self.kind.unwrap_or_default();
        let known = TYPES.iter().find(|(name, _)| *name == raw);
        match known {
            Some((_, known)) => Ok(*known),
            None => {
                let found = text("a message", "type", self.kind)?;
                let known = TYPES
                    .map(|(name, _)| shown(name).replace('"', ""))
                    .join(", ");
                Err(Fault(format!(
                    "`{found}` is no type of message: known are {known}"
                )))
            }
        }
    }
}

/// Whether a raw value is one: some sources without namespaces say that there is one without a name.
#[inline]
pub(super) fn is_namespace(value: &&[u8]) -> bool {
    !matches!(*value, b"null" | b"\"\"")
}

/// The stream that a `stream_descriptor` names, of the object that has it.
pub(super) fn described(what: &str, object: &[u8]) -> Result<StreamName, Fault> {
    let descriptor = last(object, b"stream_descriptor");
    let descriptor = of_kind(what, "stream_descriptor", Kind::Object, descriptor)?;
    let name = name(what, "name", last(descriptor, b"name"))?;
    let namespace = last(descriptor, b"namespace").filter(is_namespace);
    let namespace = namespace.map(|namespace| text(what, "namespace", Some(namespace)));
    Ok(StreamName {
        namespace: namespace
            .transpose()?
            .map(|namespace| namespace.as_ref().into()),
        name: name.as_ref().into(),
    })
}

/// The raw value of a field.
pub(super) fn last<'a>(object: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let named = fields(object).filter(|(key, _)| *key == name);
    named.last().map(|(_, value)| value)
}

/// A STATE message with what has become of the records that it covers, by its own words otherwise:
/// what the platform compares its source with.
pub fn with_destination_stats(message: &str, records: u64, rejected: u64) -> String {
    let stats = format!(
        r#""destinationStats":{{"recordCount":{records}.0,"rejectedRecordCount":{rejected}.0}}"#
    );
    let state = fields(message.as_bytes()).filter(|(key, _)| *key == b"state");
    let Some((_, state)) = state.last() else {
        return message.to_owned();
    };
    let start = state.as_ptr() as usize - message.as_ptr() as usize;
    let inner = &message[start + 1..start + state.len() - 1];
    let comma = if inner.trim_ascii().is_empty() {
        ""
    } else {
        ","
    };
    let (before, after) = (&message[..start], &message[start + state.len()..]);
    format!(
        "{before}{{{}{comma}{stats}}}{after}",
        inner.trim_ascii_end()
    )
}
