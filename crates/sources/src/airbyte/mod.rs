//! Airbyte's protocol: what a source writes, a message a line.

mod catalog;
mod envelope;
mod message;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

use spile_core::json::{self, Checker, Kind, unescape};
use spile_core::{Message, SourceError, StreamDeclaration, StreamName};

use self::catalog::CatalogStream;
pub use self::catalog::{Catalog, CatalogError};
pub use self::envelope::Envelope;
pub use self::message::with_destination_stats;
use self::message::{Fields, RecordFields, Type, described, is_namespace, last};
use crate::protocol::{Fault, Gather, Protocol, Streams, integer, name, of_kind, text};

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
    streams: Streams<CatalogStream>,
    /// Whether all streams are known, and have to be complete in the end.
    has_catalog: bool,
    complete: HashSet<StreamName>,
    /// What the source has said of its own failure.
    trouble: Option<String>,
}

impl Airbyte {
    pub(crate) fn new(config: &AirbyteConfig) -> Self {
        let catalog = config.catalog.as_deref().cloned();
        let has_catalog = catalog.is_some();
        let catalog = catalog.unwrap_or_default().within(config.envelope);
        let mut streams = Streams::new();
        for stream in catalog.streams {
            streams.add(stream.declaration.name.clone(), stream);
        }
        Self {
            checker: Checker::default(),
            envelope: config.envelope,
            streams,
            has_catalog,
            complete: HashSet::new(),
            trouble: None,
        }
    }

    #[inline]
    fn record(
        &mut self,
        fields: &RecordFields<'_>,
        line: &str,
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
        } = &self.streams[number];
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
        let raw = fields.stream;
        let namespace = fields.namespace.filter(is_namespace);
        if let Some(number) = raw.and_then(|raw| self.streams.written(namespace, raw)) {
            return Ok(number);
        }
        let name = StreamName {
            name: name("a RECORD", "stream", fields.stream)?.as_ref().into(),
            namespace: match namespace {
                None => None,
                namespace => Some(text("a RECORD", "namespace", namespace)?.as_ref().into()),
            },
        };
        match raw.and_then(|raw| self.streams.named_so(&name, namespace, raw)) {
            Some(number) => Ok(number),
            None if self.has_catalog => Err(Fault(format!("stream {name} isn't in the catalog"))),
            None => self.meet(name, gather),
        }
    }

    fn meet(&mut self, name: StreamName, gather: &mut Gather) -> Result<usize, Fault> {
        let mut declaration = StreamDeclaration::named(name.clone());
        self.envelope.declare(&mut declaration);
        gather.say(Message::Stream(declaration.clone()))?;
        let met = CatalogStream {
            declaration,
            generation: None,
            counts: None,
        };
        Ok(self.streams.add(name, met))
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
                let known = self.streams.named(&stream);
                let counts = known.and_then(|number| self.streams[number].counts);
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

impl Protocol for Airbyte {
    fn begin(&mut self) -> Vec<Message> {
        let declarations = self.streams.iter().map(|stream| &stream.declaration);
        declarations.cloned().map(Message::Stream).collect()
    }

    #[inline]
    fn message(&mut self, line: &str, start: usize, gather: &mut Gather) -> Result<(), Fault> {
        let fields = Fields::of(&mut self.checker, line)?;
        match fields.message_type()? {
            Type::Record => {
                of_kind("a RECORD", "record", Kind::Object, fields.record)?;
                self.record(&fields.in_record, line, start, gather)
            }
            Type::State => {
                let state = of_kind("a STATE", "state", Kind::Object, fields.state)?;
                self.state(state, line.as_bytes(), gather)
            }
            Type::Trace => {
                let trace = of_kind("a TRACE", "trace", Kind::Object, fields.trace)?;
                self.trace(trace, gather)
            }
            Type::Log | Type::Other => Ok(()),
        }
    }

    fn end(&mut self) -> Result<Vec<Message>, SourceError> {
        let names = self.streams.iter().map(|stream| &stream.declaration.name);
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
    let Ok(line) = json::utf8(line.trim_ascii()) else {
        return false;
    };
    let Ok(fields) = Fields::of(&mut Checker::default(), line) else {
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
