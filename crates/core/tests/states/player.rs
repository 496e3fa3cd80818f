//! A source that plays a script, from where somebody has left it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};
use spile_core::{
    Batch, Checkpoint, Message, Position, PositionUnit, RejectedRecord, Source, SourceError,
    StreamName,
};
use tokio::sync::watch;

use crate::kit;
use crate::script::{Event, Kind, Record, STREAMS, Script};

/// How many records of each stream are known, by its name.
pub(crate) type Known = BTreeMap<String, usize>;

/// What has been said, for those who look at what becomes of it.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) checkpoints: Vec<SaidCheckpoint>,
    pub(crate) is_at_end: bool,
    /// Good and bad records of each stream since they were last counted.
    counts: BTreeMap<usize, (u64, u64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct SaidCheckpoint {
    /// Counts what is said.
    pub(crate) number: u64,
    pub(crate) stream: Option<StreamName>,
    pub(crate) supersedes: bool,
    pub(crate) bytes: usize,
    /// Good and bad records that it is the first to know.
    pub(crate) counts: (u64, u64),
}

/// How a source ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Well,
    /// Before the event of this number, in so many words.
    Incomplete(usize),
    /// Before the event of this number, by nonsense.
    Message(usize),
}

pub(crate) struct Player {
    pub(crate) script: Arc<Script>,
    pub(crate) said: Arc<Mutex<Said>>,
    pub(crate) end: End,
    /// Before which event somebody asks the run to stop.
    pub(crate) stops_at: Option<usize>,
    pub(crate) stop: watch::Sender<bool>,
    /// Records that are known already.
    pub(crate) known: Known,
    /// The next event.
    pub(crate) next: usize,
    pub(crate) random: fastrand::Rng,
}

/// What somebody knows who has been told a text, and maybe some more in an array.
pub(crate) fn known_by(text: &str, known: &mut Known) {
    let value: Value = serde_json::from_str(text).expect("a checkpoint");
    let texts = value.as_array().cloned().unwrap_or_else(|| vec![value]);
    for text in texts {
        for (stream, count) in text["known"].as_object().expect("streams") {
            let count = count.as_u64().expect("a number") as usize;
            known.insert(stream.clone(), count);
        }
    }
}

impl Source for Player {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        let mut messages = Vec::new();
        for _ in 0..self.random.usize(1..12) {
            self.end_early(&messages)?;
            let Some(event) = self.script.events.get(self.next).cloned() else {
                break;
            };
            if matches!(self.end, End::Incomplete(at) | End::Message(at) if at == self.next) {
                return Ok(Some(messages));
            }
            if self.stops_at == Some(self.next) {
                self.stop.send_replace(true);
            }
            self.next += 1;
            self.say(event, &mut messages)?;
        }
        if messages.is_empty() && self.next < self.script.events.len() {
            return self.next_messages();
        }
        self.said.lock().expect("no panic").is_at_end = messages.is_empty();
        Ok((!messages.is_empty()).then_some(messages))
    }
}

impl Player {
    /// An error comes alone: what stands before it was all given.
    fn end_early(&self, messages: &[Message]) -> Result<(), SourceError> {
        if !messages.is_empty() {
            return Ok(());
        }
        match self.end {
            End::Incomplete(at) if at == self.next => {
                let cause = "it has died".to_owned();
                Err(SourceError::Incomplete { cause })
            }
            End::Message(at) if at == self.next => Err(SourceError::Message {
                position: position(at),
                cause: "nonsense".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    fn say(&mut self, event: Event, messages: &mut Vec<Message>) -> Result<(), SourceError> {
        match event {
            Event::Declare { stream, column } => {
                let column = format!("x{column}");
                messages.push(kit::declaration(STREAMS[stream], &["s", &column]));
            }
            Event::Record(record) if record.number >= self.known_of(record.stream) => {
                self.note(&record);
                self.say_record(&record, messages)?;
            }
            Event::Record(_) => {}
            Event::Checkpoint {
                stream,
                supersedes,
                pad,
            } => messages.push(self.checkpoint(stream, supersedes, pad)),
            Event::Activate {
                stream,
                generations,
            } => messages.push(Message::Activate {
                stream: StreamName::new(STREAMS[stream]),
                generations,
            }),
        }
        Ok(())
    }

    fn known_of(&self, stream: usize) -> usize {
        self.known.get(STREAMS[stream]).copied().unwrap_or_default()
    }

    fn note(&mut self, record: &Record) {
        let name = STREAMS[record.stream].to_owned();
        self.known.insert(name, record.number + 1);
        let mut said = self.said.lock().expect("no panic");
        let (good, bad) = said.counts.entry(record.stream).or_default();
        *match record.kind {
            Kind::Good => good,
            Kind::Astray | Kind::Unread => bad,
        } += 1;
    }

    /// Consecutive records of a stream are one batch, now and then.
    fn say_record(
        &mut self,
        record: &Record,
        messages: &mut Vec<Message>,
    ) -> Result<(), SourceError> {
        let batch = batch_of(&[record])?;
        let last = messages.last_mut().filter(|_| self.random.u8(..4) > 0);
        let Some(Message::Batch(last)) = last else {
            messages.push(Message::Batch(batch));
            return Ok(());
        };
        match joined(last, &batch)? {
            Some(joined) => *last = joined,
            None => messages.push(Message::Batch(batch)),
        }
        Ok(())
    }

    fn checkpoint(&self, stream: Option<usize>, supersedes: bool, pad: usize) -> Message {
        let number = self.next as u64;
        let known: Known = match stream {
            None => self.known.clone(),
            Some(stream) => [(STREAMS[stream].to_owned(), self.known_of(stream))].into(),
        };
        let text = json!({"number": number, "known": known, "pad": "x".repeat(pad)}).to_string();
        let mut said = self.said.lock().expect("no panic");
        let counts = match stream {
            Some(stream) => said.counts.remove(&stream).unwrap_or_default(),
            None => std::mem::take(&mut said.counts)
                .into_values()
                .fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1)),
        };
        let stream = stream.map(|stream| StreamName::new(STREAMS[stream]));
        said.checkpoints.push(SaidCheckpoint {
            number,
            stream: stream.clone(),
            supersedes,
            bytes: text.len(),
            counts,
        });
        Message::Checkpoint(Checkpoint {
            stream,
            text: text.into(),
            supersedes,
        })
    }
}

fn position(number: usize) -> Position {
    Position {
        origin: "test".into(),
        unit: PositionUnit::Line,
        number: number as u64 + 1,
    }
}

fn line(record: &Record) -> String {
    let Record {
        stream,
        number,
        day,
        column,
        ..
    } = record;
    let name = STREAMS[*stream];
    let at = match record.kind {
        Kind::Astray => String::new(),
        _ => format!(r#""at":"2025-04-0{day}","#),
    };
    format!(r#"{{"s":"{name}",{at}"n":{number},"x{column}":1}}"#)
}

fn batch_of(records: &[&Record]) -> Result<Batch, SourceError> {
    let read = records.iter().filter(|it| it.kind != Kind::Unread);
    let lines: Vec<String> = read.map(|record| line(record)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let unread = records.iter().filter(|it| it.kind == Kind::Unread);
    let rejected = unread.map(|record| RejectedRecord {
        position: position(record.number),
        cause: "it can't be read".to_owned(),
        text: Bytes::from(line(record)),
        is_cut: false,
        before: 0,
    });
    let first = records.first().expect("a record");
    Ok(Batch {
        rejected: rejected.collect(),
        generation: first.generation,
        ..kit::batch(STREAMS[first.stream], &lines)?
    })
}

/// Two batches as one, where they are of the same stream and generation.
fn joined(first: &Batch, second: &Batch) -> Result<Option<Batch>, SourceError> {
    if (&first.stream, first.generation) != (&second.stream, second.generation) {
        return Ok(None);
    }
    let before = first.records.len();
    let spile_core::Records::Json(a) = &first.records else {
        return Ok(None);
    };
    let spile_core::Records::Json(b) = &second.records else {
        return Ok(None);
    };
    let lines = a.iter().chain(b.iter());
    let lines: Vec<&str> = lines
        .map(|line| std::str::from_utf8(line).expect("text"))
        .collect();
    let later = second.rejected.iter().cloned();
    let later = later.map(|bad| RejectedRecord { before, ..bad });
    Ok(Some(Batch {
        rejected: first.rejected.iter().cloned().chain(later).collect(),
        generation: first.generation,
        ..kit::batch(&first.stream.name, &lines)?
    }))
}
