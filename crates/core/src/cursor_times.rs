//! The times of the cursors of records, apart from any route.

use crate::cursor::{CursorFault, CursorField};
use crate::cursor_column::CursorColumn;
use crate::moment::Zone;
use crate::records::Records;
use crate::router::CursorRange;

/// The times of the cursors of some records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CursorTimes {
    /// The first and the last.
    pub range: Option<CursorRange>,
    /// Why the first record whose cursor is no time has none, where there is such a record.
    pub fault: Option<CursorFault>,
}

impl CursorTimes {
    /// Takes in further records.
    pub fn add(&mut self, records: &Records, field: &CursorField, zone: Zone) {
        let column = match CursorColumn::of(records, field) {
            Ok(column) => column,
            Err(fault) => return self.note(fault),
        };
        for at in 0..records.len() {
            let moment = match column.cell(at) {
                Ok(Some(cell)) => field.moment(&cell, zone),
                Ok(None) => Err(field.missing()),
                Err(fault) => Err(fault),
            };
            match moment {
                Ok(moment) => self.range = CursorRange::extended(self.range, Some(moment)),
                Err(fault) => self.note(fault),
            }
        }
    }

    fn note(&mut self, fault: CursorFault) {
        self.fault.get_or_insert(fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::CursorFormat;
    use crate::records::{JsonRecords, Span};

    fn times(lines: &str) -> (Option<String>, Option<String>) {
        let mut spans = Vec::new();
        let mut start = 0;
        for line in lines.split_inclusive('\n') {
            let end = start + line.len() as u32;
            spans.push(Span {
                start,
                end: end - 1,
            });
            start = end;
        }
        let json = JsonRecords::new(lines.to_owned().into(), spans).expect("inside");
        let records = Records::Json(json);
        let mut times = CursorTimes::default();
        let field = CursorField::new("at", CursorFormat::Time);
        times.add(&records, &field, Zone::UTC);
        let range = times
            .range
            .map(|range| format!("{} {}", range.first, range.last));
        (range, times.fault.map(|fault| fault.to_string()))
    }

    #[test]
    fn the_first_and_the_last_and_what_is_no_time() {
        let (range, fault) = times("{\"at\":\"2025-04-15\"}\n{\"at\":\"2025-04-14T08:00:00Z\"}\n");
        assert_eq!(
            range.as_deref(),
            Some("2025-04-14T08:00:00Z 2025-04-15T00:00:00Z")
        );
        assert_eq!(fault, None);
        let (range, fault) = times("{\"at\":\"soon\"}\n{}\n{\"at\":\"2025-04-15\"}\n");
        assert!(range.is_some());
        assert!(fault.is_some_and(|fault| fault.contains("soon")));
    }
}
