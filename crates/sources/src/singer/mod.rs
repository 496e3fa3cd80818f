//! Singer: what a tap writes, a message a line.

mod batch;
mod message;
mod metadata;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use spile_core::json::{Checker, Kind};
use spile_core::{Generations, Message, SourceError, StreamDeclaration, StreamName};

use self::message::{Fields, Type};
use self::metadata::Metadata;
use self::schema::declaration;
use crate::protocol::{Fault, Gather, Protocol, integer, of_kind, text};

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
    streams: Vec<Stream>,
    by_name: HashMap<Box<[u8]>, usize>,
    last: usize,
    /// Versions that were activated before any record of theirs came.
    unproven: BTreeMap<usize, i64>,
}

/// A stream that has a schema.
struct Stream {
    /// As it stands in messages, with its quotes.
    raw: Box<[u8]>,
    name: StreamName,
    /// What its last SCHEMA says.
    declaration: StreamDeclaration,
    /// The version of its last record.
    version: Option<i64>,
}

impl Singer {
    pub(crate) fn new(config: SingerConfig) -> Self {
        Self {
            checker: Checker::default(),
            config,
            streams: Vec::new(),
            by_name: HashMap::new(),
            last: 0,
            unproven: BTreeMap::new(),
        }
    }

    /// The stream of a message, which has to have a schema.
    #[inline]
    fn stream(&mut self, what: &str, raw: Option<&[u8]>) -> Result<usize, Fault> {
        if let (Some(raw), Some(last)) = (raw, self.streams.get(self.last))
            && *last.raw == *raw
        {
            return Ok(self.last);
        }
        let name = text(what, "stream", raw)?;
        match raw.and_then(|raw| self.by_name.get(raw)) {
            Some(&number) => {
                self.last = number;
                Ok(number)
            }
            None => self.by_other_spelling(what, &name),
        }
    }

    /// A name may be written with escapes, too.
    fn by_other_spelling(&self, what: &str, name: &str) -> Result<usize, Fault> {
        let found = self.streams.iter().position(|it| *it.name.name == *name);
        found.ok_or_else(|| Fault(format!("{what} of stream {name} comes before its SCHEMA")))
    }

    #[inline]
    fn record(
        &mut self,
        fields: &Fields<'_>,
        line: &[u8],
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
            gather.add_made(number, &stream.name, version, made);
        } else {
            let at = start + (record.as_ptr() as usize - line.as_ptr() as usize);
            gather.add(number, &stream.name, version, at, record.len());
        }
        Ok(())
    }

    fn schema(&mut self, fields: &Fields<'_>, gather: &mut Gather) -> Result<(), Fault> {
        let declaration = declaration(fields, self.config.record_metadata)?;
        let quoted = fields.stream.unwrap_or_default();
        let known = self.by_name.get(quoted).copied();
        let known = known.or_else(|| {
            let is_it = |it: &Stream| it.name == declaration.name;
            self.streams.iter().position(is_it)
        });
        match known {
            // Some taps list what is the same in another order.
            Some(number) if self.streams[number].declaration == declaration => return Ok(()),
            Some(number) => self.streams[number].declaration = declaration.clone(),
            None => {
                self.by_name.insert(quoted.into(), self.streams.len());
                self.streams.push(Stream {
                    raw: quoted.into(),
                    name: declaration.name.clone(),
                    declaration: declaration.clone(),
                    version: None,
                });
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
        gather.say(activation(&stream.name, version))
    }
}

impl Protocol for Singer {
    fn begin(&mut self) -> Vec<Message> {
        Vec::new()
    }

    #[inline]
    fn message(&mut self, line: &[u8], start: usize, gather: &mut Gather) -> Result<(), Fault> {
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
        let activation =
            |(number, version): (usize, i64)| activation(&self.streams[number].name, version);
        Ok(unproven.map(activation).collect())
    }
}

/// Whether a line is a message that a tap begins with.
pub(crate) fn is_message(line: &[u8]) -> bool {
    let Ok(fields) = Fields::of(&mut Checker::default(), line.trim_ascii()) else {
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
