//! Where bad records are set aside: a batch without them, and they in objects of their own.

use super::stream::Stream;
use super::{Loader, of_route};
use crate::encoding::Misfit;
use crate::load_error::{LoadError, of_declared};
use crate::quarantine::{Quarantine, Refused};
use crate::records::Records;
use crate::router::RoutedBatch;
use crate::source::{Batch, RejectedRecord, StreamDeclaration, StreamName};

/// The bad records of a run.
pub(super) struct Aside {
    pub(super) quarantine: Quarantine,
    /// How many have been set aside.
    pub(super) count: u64,
}

/// A batch without its bad records, and those, in the order in which they were read.
struct Sifted {
    routed: Vec<(usize, RoutedBatch)>,
    rejected: Vec<Rejected>,
}

struct Rejected {
    record: RejectedRecord,
    /// Whether the source couldn't read it.
    is_unread: bool,
}

/// So many records are looked through at once for further ones that don't fit: where most don't,
/// looking through all of the batch again for each would take long.
const MISFIT_STRIDE: usize = 256;

impl Loader {
    /// Adds the good records of a batch to their objects, and the bad ones to those of the
    /// quarantine: says how many those are.
    pub(super) fn ingest_good(&mut self, batch: &Batch) -> Result<usize, LoadError> {
        let Sifted { routed, rejected } = self.sift(batch)?;
        let room = self.quarantine_room();
        if let Some(bad) = rejected.get(room) {
            let unread = rejected.iter().take(room).filter(|bad| bad.is_unread);
            let before = up_to(batch, bad.record.before, unread.count());
            self.ingest_good(&before)?;
            return Err(self.too_many(&bad.record));
        }
        for (stream, routed) in routed {
            self.add((stream, routed.route), routed, None)?;
        }
        let rejected: Vec<RejectedRecord> = rejected.into_iter().map(|bad| bad.record).collect();
        self.set_aside(&batch.stream, &rejected)?;
        Ok(rejected.len())
    }

    fn sift(&mut self, batch: &Batch) -> Result<Sifted, LoadError> {
        let mut refused = Vec::new();
        let mut routed = Vec::new();
        if !batch.records.is_empty() {
            let stream = self.stream(batch)?;
            let parts = self.divide_good(stream, batch, &mut refused)?;
            routed.extend(parts.into_iter().map(|part| (stream, part)));
        }
        let unread = batch.rejected.iter().map(|record| Rejected {
            record: record.clone(),
            is_unread: true,
        });
        let mut rejected: Vec<Rejected> = unread.collect();
        for Refused { at, cause } in refused {
            let text = self.text_of(batch, at)?;
            rejected.push(Rejected {
                record: RejectedRecord {
                    position: batch.position_of(at),
                    cause,
                    text,
                    is_cut: false,
                    before: at,
                },
                is_unread: false,
            });
        }
        // Of those with as many records before them, the last is the one that could be read.
        rejected.sort_by_key(|bad| bad.record.before);
        Ok(Sifted { routed, rejected })
    }

    /// Divides what can be loaded of a batch by route. What can't is refused.
    fn divide_good(
        &mut self,
        stream: usize,
        batch: &Batch,
        refused: &mut Vec<Refused>,
    ) -> Result<Vec<RoutedBatch>, LoadError> {
        let gather = |source| LoadError::Gather {
            stream: batch.stream.clone(),
            source,
        };
        let records = self.shaped(stream, &batch.records)?;
        self.refuse_misfits(stream, &records, refused)?;
        let misfits: Vec<usize> = refused.iter().map(|refused| refused.at).collect();
        let (fitting, stood) = match misfits.is_empty() {
            true => (records, None),
            false => {
                let (fitting, stood) = records.without(&misfits).map_err(gather)?;
                (fitting, Some(stood))
            }
        };
        let at_first = |at: usize| match &stood {
            None => at,
            Some(stood) => stood.get(at).map_or(at, |at| *at as usize),
        };
        let mut astray = Vec::new();
        let divided = self.streams[stream]
            .router
            .divide(&fitting, Some(&mut astray));
        let routed = divided.map_err(|source| of_route(batch, source, at_first))?;
        if !self.streams[stream].has_schema {
            let astray: Vec<usize> = astray.iter().map(|refused| refused.at).collect();
            let (good, _) = fitting.without(&astray).map_err(gather)?;
            self.first_schema(stream, &good)?;
        }
        refused.extend(astray.into_iter().map(|Refused { at, cause }| Refused {
            at: at_first(at),
            cause,
        }));
        Ok(routed)
    }

    /// Refuses the records that a declared column doesn't take.
    fn refuse_misfits(
        &self,
        stream: usize,
        records: &Records,
        refused: &mut Vec<Refused>,
    ) -> Result<(), LoadError> {
        let mut refuse = |from: usize, misfit: Misfit| {
            let at = from + misfit.at;
            let cause = of_declared(&misfit);
            refused.push(Refused { at, cause });
            at + 1
        };
        let Some(first) = self.misfit(stream, records)? else {
            return Ok(());
        };
        let mut from = refuse(0, first);
        while from < records.len() {
            let to = records.len().min(from + MISFIT_STRIDE);
            from = match self.misfit(stream, &records.slice(from..to))? {
                Some(misfit) => refuse(from, misfit),
                None => to,
            };
        }
        Ok(())
    }

    fn text_of(&self, batch: &Batch, at: usize) -> Result<bytes::Bytes, LoadError> {
        let Some(aside) = &self.aside else {
            return Ok(bytes::Bytes::new());
        };
        let text = aside.quarantine.text_of(&batch.records, at);
        text.map_err(|source| LoadError::Encode {
            stream: batch.stream.clone(),
            source,
        })
    }

    /// How many more bad records may be set aside.
    fn quarantine_room(&self) -> usize {
        let room = |aside: &Aside| aside.quarantine.bad_records_max.saturating_sub(aside.count);
        usize::try_from(self.aside.as_ref().map_or(0, room)).unwrap_or(usize::MAX)
    }

    fn too_many(&self, bad: &RejectedRecord) -> LoadError {
        LoadError::TooManyBad {
            position: bad.position.clone(),
            cause: bad.cause.clone(),
            bad_records_max: self
                .aside
                .as_ref()
                .map_or(0, |aside| aside.quarantine.bad_records_max),
        }
    }

    /// Adds bad records to the open object of their stream's quarantine.
    fn set_aside(
        &mut self,
        name: &StreamName,
        rejected: &[RejectedRecord],
    ) -> Result<(), LoadError> {
        for rejected in pieces(rejected) {
            let stream = self.quarantine_stream(name)?;
            let (Some(aside), Some(first)) = (&mut self.aside, rejected.first()) else {
                continue;
            };
            aside.count += rejected.len() as u64;
            let lines = aside.quarantine.lines(name, rejected);
            let lines = lines.map_err(|source| LoadError::Gather {
                stream: name.clone(),
                source,
            })?;
            let (count, position) = (rejected.len(), first.position.clone());
            tracing::debug!(stream = %name, count, %position, cause = first.cause, "set aside");
            let divided = self.streams[stream].router.divide(&lines, None);
            let routed = divided.map_err(|source| LoadError::Route { position, source })?;
            if !self.streams[stream].has_schema {
                self.first_schema(stream, &lines)?;
            }
            for routed in routed {
                self.add((stream, routed.route), routed, None)?;
            }
        }
        Ok(())
    }

    fn quarantine_stream(&mut self, name: &StreamName) -> Result<usize, LoadError> {
        if let Some(&stream) = self.aside_by_name.get(name) {
            return Ok(stream);
        }
        let Some(aside) = &mut self.aside else {
            return Err(LoadError::Plan {
                stream: name.clone(),
                source: "there is no quarantine".into(),
            });
        };
        let declaration = StreamDeclaration::named(name.clone());
        let plan = (aside.quarantine.plans)(&declaration);
        let plan = plan.map_err(|source| LoadError::Plan {
            stream: name.clone(),
            source,
        })?;
        self.streams.push(Stream {
            is_quarantine: true,
            ..Stream::new(name.clone(), plan, self.zone, false)
        });
        let stream = self.streams.len() - 1;
        self.aside_by_name.insert(name.clone(), stream);
        Ok(stream)
    }
}

/// A batch up to the record at an index, with the first of those that couldn't be read.
fn up_to(batch: &Batch, at: usize, unread: usize) -> Batch {
    Batch {
        records: batch.records.slice(0..at),
        rejected: batch.rejected.iter().take(unread).cloned().collect(),
        generation: batch.generation,
        stream: batch.stream.clone(),
        position: batch.position.clone(),
        input_bytes: batch.input_bytes,
    }
}

/// Bad records in pieces of about a mebibyte: each of them may be long.
fn pieces(rejected: &[RejectedRecord]) -> impl Iterator<Item = &[RejectedRecord]> {
    const BYTES: usize = 1 << 20;
    let mut bytes = 0;
    rejected.chunk_by(move |bad, _| {
        bytes += bad.text.len() + bad.cause.len();
        let goes_on = bytes < BYTES;
        if !goes_on {
            bytes = 0;
        }
        goes_on
    })
}
