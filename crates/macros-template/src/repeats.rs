//! Whether a later run renders the same keys.

use crate::Granularity;
use crate::instant::InstantFormat;
use crate::standard::Source;
use crate::time::TimeFormat;

/// When a later run with the same settings and cursors renders the same keys as an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// Never, since the id of the run or a `{uuid}` is in them; or hardly ever, since the time of
    /// the load is, to the second.
    Never,
    /// Where both load within the same year, month, day, hour or minute: whatever the load's time
    /// is written to, from the year on. `{year}/{day}` is written to the year, as two months may
    /// have that day.
    Within(Granularity),
    /// Whenever it may run. Custom macros are taken to stay as they are.
    Always,
}

/// What the macros of a template have that differs from run to run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Differences {
    of_run: bool,
    of_load_time: Vec<Granularity>,
}

impl Differences {
    /// Notes a macro that isn't empty.
    pub(crate) fn note(&mut self, source: Source) {
        match source {
            Source::Load(format) => self.of_load_time.extend(format.fields()),
            // It alone tells no two runs apart, as little as the day of some month.
            Source::LoadInstant(InstantFormat::Millisecond) => {}
            Source::LoadInstant(_) => self.of_load_time.extend(TimeFormat::DateTime.fields()),
            Source::ConnectionRunId | Source::StreamRunId | Source::SyncId | Source::Uuid => {
                self.of_run = true;
            }
            _ => {}
        }
    }

    pub(crate) fn repeats(&self) -> Repeats {
        use Granularity::{Day, Hour, Minute, Month, Second, Year};
        if self.of_run {
            return Repeats::Never;
        }
        let fields = [Year, Month, Day, Hour, Minute, Second].into_iter();
        let told = fields.take_while(|field| self.of_load_time.contains(field));
        match told.last() {
            None => Repeats::Always,
            Some(Second) => Repeats::Never,
            Some(span) => Repeats::Within(span),
        }
    }
}
