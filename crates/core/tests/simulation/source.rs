//! The source of a schedule.

use spile_core::{Batch, Checkpoint, Message, Source, SourceError, StreamName};

use crate::kit;
use crate::scenario::{Record, Scenario};

/// Batches of records, each with the number of the next one as its checkpoint, and then what counts.
pub(crate) struct Batches {
    pub(crate) scenario: Scenario,
    pub(crate) next: usize,
    pub(crate) is_over: bool,
}

impl Source for Batches {
    fn next_messages(&mut self) -> Result<Option<Vec<Message>>, SourceError> {
        let Scenario {
            records, per_batch, ..
        } = &self.scenario;
        let rest = records.get(self.next..).unwrap_or_default();
        let Some(first) = rest.first() else {
            return Ok(self.end());
        };
        let generation = self.scenario.generation(first);
        let is_alike = |record: &&Record| self.scenario.generation(record) == generation;
        let batch = rest.iter().take(*per_batch).take_while(is_alike);
        let line = |record: &Record| match (record, self.scenario.is_bad(record)) {
            (Record { day, number }, false) => {
                format!(r#"{{"at":"2025-04-{day:02}","n":{number}}}"#)
            }
            (Record { number, .. }, true) => format!(r#"{{"n":{number}}}"#),
        };
        let lines: Vec<String> = batch.map(line).collect();
        self.next += lines.len();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let checkpoint = Checkpoint {
            stream: None,
            text: self.next.to_string().into(),
            supersedes: true,
        };
        let batch = Message::Batch(Batch {
            generation,
            ..kit::batch("s", &lines)?
        });
        Ok(Some(vec![batch, Message::Checkpoint(checkpoint)]))
    }
}

impl Batches {
    fn end(&mut self) -> Option<Vec<Message>> {
        let is_over = std::mem::replace(&mut self.is_over, true);
        let generations = self.scenario.generations.filter(|_| !is_over)?;
        Some(vec![Message::Activate {
            stream: StreamName::new("s"),
            generations,
        }])
    }
}
