//! Airbyte's protocol: what a source writes, a message a line.

mod catalog;
mod envelope;
mod message;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use spile_core::json::{Checker, Kind, unescape};
use spile_core::{Message, SourceError, StreamDeclaration, StreamName};

use self::catalog::CatalogStream;
pub use self::catalog::{Catalog, CatalogError};
pub use self::envelope::Envelope;
pub use self::message::with_destination_stats;
use self::message::{Fields, RecordFields, Type, described, last};
use crate::protocol::{Fault, Gather, Protocol, integer, name, of_kind, text};

/// What a user says of a source.
#[derive(Clone, Debug, Default)]
pub struct AirbyteConfig {
    /// The streams that it will send; without a catalog, those that it sends are taken as they come.
    pub catalog: Option<Arc<Catalog>>,
    /// Which fields records get.
    pub envelope: Envelope,
}

/// The messages of a source.
pub(crate) struct Airbyte {
    checker: Checker,
    envelope: Envelope,
    streams: Vec<Stream>,
    /// Those of each raw name.
    by_raw_name: HashMap<Box<[u8]>, Vec<usize>>,
    last: usize,
    /// Whether all streams are known, and have to be complete in the end.
    has_catalog: bool,
    complete: HashSet<StreamName>,
    /// What the source has said of its own failure.
    trouble: Option<String>,
}

struct Stream {
    /// As they stand in messages, with their quotes.
    raw_name: Box<[u8]>,
    raw_namespace: Option<Box<[u8]>>,
    told: CatalogStream,
}

impl Airbyte {
    pub(crate) fn new(config: &AirbyteConfig) -> Self {
        let catalog = config.catalog.as_deref().cloned();
        let has_catalog = catalog.is_some();
        let catalog = catalog.unwrap_or_default().within(config.envelope);
        let mut airbyte = Self {
            checker: Checker::default(),
            envelope: config.envelope,
            streams: Vec::new(),
            by_raw_name: HashMap::new(),
            last: 0,
            has_catalog,
            complete: HashSet::new(),
            trouble: None,
        };
        catalog
            .streams
            .into_iter()
            .for_each(|told| airbyte.add(told));
        airbyte
    }

    fn add(&mut self, told: CatalogStream) {
        let stream = Stream::of(told);
        let alike = self.by_raw_name.entry(stream.raw_name.clone());
        alike.or_default().push(self.streams.len());
        self.streams.push(stream);
    }

    #[inline]
    fn record(
        &mut self,
        fields: &RecordFields<'_>,
        line: &[u8],
        start: usize,
        gather: &mut Gather,
    ) -> Result<(), Fault> {
        const WHAT: &str = "a RECORD";
        let number = self.stream(fields, gather)?;
        let data = of_kind(WHAT, "data", Kind::Object, fields.data)?;
        let CatalogStream {
            declaration,
            generation,
            ..
        } = &self.streams[number].told;
        if self.envelope == Envelope::None {
            let at = start + (data.as_ptr() as usize - line.as_ptr() as usize);
            gather.add(number, &declaration.name, *generation, at, data.len());
            return Ok(());
        }
        integer(WHAT, "emitted_at", fields.emitted_at)?;
        let (envelope, sync_id) = (self.envelope, declaration.sync_id);
        gather.add_made(number, &declaration.name, *generation, |out| {
            envelope.write(data, fields, *generation, sync_id, out);
        });
        Ok(())
    }

    /// The stream of a record. Without a catalog, one that hasn't been met is announced.
    #[inline]
    fn stream(&mut self, fields: &RecordFields<'_>, gather: &mut Gather) -> Result<usize, Fault> {
        let namespace = fields.namespace.filter(|namespace| *namespace != b"null");
        let is_it = |stream: &Stream| {
            fields.stream == Some(&stream.raw_name) && namespace == stream.raw_namespace.as_deref()
        };
        if self.streams.get(self.last).is_some_and(is_it) {
            return Ok(self.last);
        }
        let alike = fields.stream.and_then(|raw| self.by_raw_name.get(raw));
        let mut alike = alike.into_iter().flatten().copied();
        if let Some(number) = alike.find(|number| is_it(&self.streams[*number])) {
            self.last = number;
            return Ok(number);
        }
        let name = StreamName {
            name: name("a RECORD", "stream", fields.stream)?.as_ref().into(),
            namespace: match namespace {
                None => None,
                namespace => Some(text("a RECORD", "namespace", namespace)?.as_ref().into()),
            },
        };
        let known = self
            .streams
            .iter()
            .position(|it| it.told.declaration.name == name);
        self.last = match known {
            Some(number) => number,
            None if self.has_catalog => {
                return Err(Fault(format!("stream {name} isn't in the catalog")));
            }
            None => self.meet(name, gather)?,
        };
        Ok(self.last)
    }

    fn meet(&mut self, name: StreamName, gather: &mut Gather) -> Result<usize, Fault> {
        let mut declaration = StreamDeclaration::named(name);
        self.envelope.declare(&mut declaration);
        gather.say(Message::Stream(declaration.clone()))?;
        self.add(CatalogStream {
            declaration,
            generation: None,
            counts: None,
        });
        Ok(self.streams.len() - 1)
    }

    /// A state is given back as a whole message, in its own words.
    fn state(&self, state: &[u8], line: &[u8], gather: &mut Gather) -> Result<(), Fault> {
        const WHAT: &str = "a STATE";
        let form = last(state, b"type").filter(|form| *form != b"null");
        let form = form
            .map(|form| text(WHAT, "type", Some(form)))
            .transpose()?;
        let stream = match form.as_deref() {
            None | Some("LEGACY") => None,
            Some("GLOBAL") => {
                of_kind(WHAT, "global", Kind::Object, last(state, b"global"))?;
                None
            }
            Some("STREAM") => {
                let stream = of_kind(WHAT, "stream", Kind::Object, last(state, b"stream"))?;
                Some(described(WHAT, stream)?)
            }
            Some(other) => {
                let known = "STREAM, GLOBAL and LEGACY are known";
                return Err(Fault(format!("`{other}` is no type of STATE: {known}")));
            }
        };
        gather.checkpoint(stream, line, false)
    }

    fn trace(&mut self, trace: &[u8], gather: &mut Gather) -> Result<(), Fault> {
        const WHAT: &str = "a TRACE";
        match &*text(WHAT, "type", last(trace, b"type"))? {
            "STREAM_STATUS" => {
                let status = last(trace, b"stream_status");
                let status = of_kind(WHAT, "stream_status", Kind::Object, status)?;
                self.status(status, gather)
            }
            "ERROR" => {
                let error = last(trace, b"error").and_then(|error| last(error, b"message"));
                if let Some(message) = error.and_then(unescape) {
                    self.trouble = Some(message.into_owned());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn status(&mut self, status: &[u8], gather: &mut Gather) -> Result<(), Fault> {
        const WHAT: &str = "a STREAM_STATUS";
        let stream = described(WHAT, status)?;
        match &*text(WHAT, "status", last(status, b"status"))? {
            "COMPLETE" => {
                let known = self.streams.iter();
                let mut known = known.filter(|it| it.told.declaration.name == stream);
                let counts = known.next().and_then(|it| it.told.counts);
                self.complete.insert(stream.clone());
                match counts {
                    Some(generations) => gather.say(Message::Activate {
                        stream,
                        generations,
                    }),
                    None => Ok(()),
                }
            }
            "INCOMPLETE" => {
                self.complete.remove(&stream);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Stream {
    fn of(told: CatalogStream) -> Self {
        let name = &told.declaration.name;
        // A text: there is nothing that could fail.
        let quoted = |text: &str| serde_json::to_vec(text).unwrap_or_default().into();
        Self {
            raw_name: quoted(&name.name),
            raw_namespace: name.namespace.as_deref().map(quoted),
            told,
        }
    }
}

impl Protocol for Airbyte {
    fn begin(&mut self) -> Vec<Message> {
        let declarations = self.streams.iter().map(|stream| &stream.told.declaration);
        declarations.cloned().map(Message::Stream).collect()
    }

    #[inline]
    fn message(&mut self, line: &[u8], start: usize, gather: &mut Gather) -> Result<(), Fault> {
        let fields = Fields::of(&mut self.checker, line)?;
        match fields.message_type()? {
            Type::Record => {
                of_kind("a RECORD", "record", Kind::Object, fields.record)?;
                self.record(&fields.in_record, line, start, gather)
            }
            Type::State => {
                let state = of_kind("a STATE", "state", Kind::Object, fields.state)?;
                self.state(state, line, gather)
            }
            Type::Trace => {
                let trace = of_kind("a TRACE", "trace", Kind::Object, fields.trace)?;
                self.trace(trace, gather)
            }
            Type::Log | Type::Other => Ok(()),
        }
    }

    fn end(&mut self) -> Result<Vec<Message>, SourceError> {
        let names = self
            .streams
            .iter()
            .map(|stream| &stream.told.declaration.name);
        let missing = names.filter(|name| !self.complete.contains(name));
        let missing: Vec<String> = missing.map(ToString::to_string).collect();
        if !self.has_catalog || missing.is_empty() {
            return Ok(Vec::new());
        }
        let trouble = self.trouble.as_ref();
        let trouble = trouble.map(|trouble| format!("; the source says: {trouble}"));
        Err(SourceError::Incomplete {
            cause: format!(
                "it ends, and the source hasn't said COMPLETE of {}{}",
                missing.join(", "),
                trouble.unwrap_or_default()
            ),
        })
    }
}

/// Whether a line is a message that a source begins with.
pub(crate) fn is_message(line: &[u8]) -> bool {
    let Ok(fields) = Fields::of(&mut Checker::default(), line.trim_ascii()) else {
        return false;
    };
    match fields.message_type() {
        Ok(Type::Record) => fields.in_record.data.is_some(),
        Ok(Type::State) => fields.state.is_some(),
        Ok(Type::Trace) => fields.trace.is_some(),
        Ok(Type::Log) => fields.log.is_some(),
        _ => false,
    }
}
