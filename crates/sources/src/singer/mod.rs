//! Singer: what a tap writes, a message a line.

mod batch;
mod message;
mod metadata;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use spile_core::json::{self, Checker, Kind};
use spile_core::{Generations, Message, Selection, SourceError, StreamDeclaration, StreamName};

use self::message::{Fields, Type};
use self::metadata::Metadata;
use self::schema::declaration;
use crate::protocol::{Fault, Gather, Protocol, Streams, integer, of_kind, text};

/// What a user says of a tap.
#[derive(Clone, Debug, Default)]
pub struct SingerConfig {
    /// Whether each record gets the fields that Singer's targets add: `_sdc_extracted_at` and others.
    pub record_metadata: bool,
    /// Whether the end of the input is known to be the tap's: a bare pipe ends as well where it has
    /// died.
    pub end_is_known: bool,
}

/// The messages of a tap.
pub(crate) struct Singer {
    checker: Checker,
    config: SingerConfig,
    selection: Selection,
    streams: Streams<Stream>,
    /// Versions that were activated before any record of theirs came.
    unproven: BTreeMap<usize, i64>,
}

/// A stream that has a schema.
struct Stream {
    /// What its last SCHEMA says.
    declaration: StreamDeclaration,
    /// The version of its last record.
    version: Option<i64>,
}

impl Singer {
    pub(crate) fn new(config: SingerConfig, selection: Selection) -> Self {
        Self {
            checker: Checker::default(),
            config,
            selection,
            streams: Streams::new(),
            unproven: BTreeMap::new(),
        }
    }

    /// The stream of a message, which has to have a schema.
    #[inline]
    fn stream(&mut self, what: &str, raw: Option<&[u8]>) -> Result<usize, Fault> {
        match raw.and_then(|raw| self.streams.written(None, raw)) {
            Some(number) => Ok(number),
            None => self.otherwise_written(what, raw),
        }
    }

    /// A name may be written with escapes, too.
    fn otherwise_written(&mut self, what: &str, raw: Option<&[u8]>) -> Result<usize, Fault> {
        let name = StreamName::new(&*text(what, "stream", raw)?);
        let found = raw.and_then(|raw| self.streams.named_so(&name, None, raw));
        found.ok_or_else(|| Fault(format!("{what} of stream {name} comes before its SCHEMA")))
    }

    #[inline]
    fn record(
        &mut self,
        fields: &Fields<'_>,
        line: &str,
        start: usize,
        gather: &mut Gather,
    ) -> Result<(), Fault> {
        const WHAT: &str = "a RECORD";
        let number = self.stream(WHAT, fields.stream)?;
        let record = of_kind(WHAT, "record", Kind::Object, fields.record)?;
        let version = integer(WHAT, "version", fields.version)?;
        let stream = &mut self.streams[number];
        stream.version = version.or(stream.version);
        if self.config.record_metadata {
            let metadata = Metadata::now(fields.time_extracted, version);
            let made = |out: &mut Vec<u8>| metadata.write(record, out);
            gather.add_made(number, &stream.declaration.name, version, made);
        } else {
            let at = start + (record.as_ptr() as usize - line.as_ptr() as usize);
            gather.add(number, &stream.declaration.name, version, at, record.len());
        }
        Ok(())
    }

    fn schema(&mut self, fields: &Fields<'_>, gather: &mut Gather) -> Result<(), Fault> {
        let has_metadata = self.config.record_metadata;
        let declaration = declaration(fields, &self.selection, has_metadata)?;
        match self.streams.named(&declaration.name) {
            // Some taps list what is the same in another order.
            Some(number) if self.streams[number].declaration == declaration => return Ok(()),
            Some(number) => self.streams[number].declaration = declaration.clone(),
            None => {
                let stream = Stream {
                    declaration: declaration.clone(),
                    version: None,
                };
                self.streams.add(declaration.name.clone(), stream);
            }
        }
        gather.say(Message::Stream(declaration))
    }

    /// A version counts alone once its records have come: a tap activates one before them, too.
    fn activate(&mut self, fields: &Fields<'_>, gather: &mut Gather) -> Result<(), Fault> {
        const WHAT: &str = "an ACTIVATE_VERSION";
        let number = self.stream(WHAT, fields.stream)?;
        let version = integer(WHAT, "version", fields.version)?;
        let version =
            version.ok_or_else(|| Fault(format!("{WHAT} needs `version`, a whole number")))?;
        let stream = &self.streams[number];
        if stream.version != Some(version) {
            self.unproven.insert(number, version);
            return Ok(());
        }
        self.unproven.remove(&number);
        gather.say(activation(&stream.declaration.name, version))
    }
}

impl Protocol for Singer {
    fn begin(&mut self) -> Vec<Message> {
        Vec::new()
    }

    #[inline]
    fn message(&mut self, line: &str, start: usize, gather: &mut Gather) -> Result<(), Fault> {
        let fields = Fields::of(&mut self.checker, line)?;
        match fields.message_type()? {
            Type::Record => self.record(&fields, line, start, gather),
            Type::Schema => self.schema(&fields, gather),
            Type::State => match fields.value {
                Some(value) => gather.checkpoint(None, value, true),
                None => Err(Fault("a STATE needs `value`".to_owned())),
            },
            Type::ActivateVersion => self.activate(&fields, gather),
            Type::Batch => self.batch(&fields, gather),
        }
    }

    fn end(&mut self) -> Result<Vec<Message>, SourceError> {
        if !self.config.end_is_known {
            return Ok(Vec::new());
        }
        let unproven = std::mem::take(&mut self.unproven).into_iter();
        let activation = |(number, version): (usize, i64)| {
            activation(&self.streams[number].declaration.name, version)
        };
        Ok(unproven.map(activation).collect())
    }
}

/// Whether a line is a message that a tap begins with.
pub(crate) fn is_message(line: &[u8]) -> bool {
    let Ok(line) = json::utf8(line.trim_ascii()) else {
        return false;
    };
    let Ok(fields) = Fields::of(&mut Checker::default(), line) else {
        return false;
    };
    match fields.message_type() {
        Ok(Type::Schema) => fields.stream.is_some() && fields.schema.is_some(),
        Ok(Type::Record) => fields.stream.is_some() && fields.record.is_some(),
        Ok(Type::State) => fields.value.is_some(),
        _ => false,
    }
}

fn activation(stream: &StreamName, version: i64) -> Message {
    Message::Activate {
        stream: stream.clone(),
        generations: Generations::From(version),
    }
}
