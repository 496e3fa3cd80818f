//! The fields of a message.

use spile_core::json::Checker;

use crate::protocol::{Fault, MessageFields, read, text};

/// The raw values of a message.
#[derive(Default)]
pub(super) struct Fields<'a> {
    kind: Option<&'a [u8]>,
    pub(super) stream: Option<&'a [u8]>,
    pub(super) record: Option<&'a [u8]>,
    pub(super) schema: Option<&'a [u8]>,
    pub(super) key_properties: Option<&'a [u8]>,
    pub(super) bookmark_properties: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) version: Option<&'a [u8]>,
    pub(super) time_extracted: Option<&'a [u8]>,
    pub(super) encoding: Option<&'a [u8]>,
    pub(super) manifest: Option<&'a [u8]>,
}

/// What a message is.
#[derive(Clone, Copy)]
pub(super) enum Type {
    Record,
    Schema,
    State,
    ActivateVersion,
    Batch,
}

/// As they are written mostly, and without regard to case.
const TYPES: [(&[u8], Type); 5] = [
    (b"\"RECORD\"", Type::Record),
    (b"\"SCHEMA\"", Type::Schema),
    (b"\"STATE\"", Type::State),
    (b"\"ACTIVATE_VERSION\"", Type::ActivateVersion),
    (b"\"BATCH\"", Type::Batch),
];

impl<'a> MessageFields<'a> for Fields<'a> {
    #[inline]
    fn named(&mut self, _within: Option<&[u8]>, key: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match key {
            b"type" => &mut self.kind,
            b"stream" => &mut self.stream,
            b"record" => &mut self.record,
            b"schema" => &mut self.schema,
            b"key_properties" => &mut self.key_properties,
            b"bookmark_properties" => &mut self.bookmark_properties,
            b"value" => &mut self.value,
            b"version" => &mut self.version,
            b"time_extracted" => &mut self.time_extracted,
            b"encoding" => &mut self.encoding,
            b"manifest" => &mut self.manifest,
            _ => return None,
        })
    }
}

impl<'a> Fields<'a> {
    /// Those of a message, which is checked.
    #[inline]
    pub(super) fn of(checker: &mut Checker, line: &'a str) -> Result<Self, Fault> {
        read::<1, Self>(checker, line)
    }

    #[inline]
    pub(super) fn message_type(&self) -> Result<Type, Fault> {
        let raw = self.kind.unwrap_or_default();
        let known = TYPES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(raw));
        match known {
            Some((_, known)) => Ok(*known),
            None => Err(unknown(&text("a message", "type", self.kind)?)),
        }
    }
}

fn unknown(found: &str) -> Fault {
    Fault(format!(
        "`{found}` is no type of message: SCHEMA, RECORD, STATE, ACTIVATE_VERSION and BATCH are known"
    ))
}
