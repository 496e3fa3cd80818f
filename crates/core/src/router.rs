//! The router: which route each record of a stream takes, by the period of its cursor.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow::error::ArrowError;
use serde::{Deserialize, Serialize};
use spile_macros_template::{CursorValue, Granularity, KeyError, KeyPlan, RouteKey};

use crate::cursor::{CursorFault, CursorField, CursorSource};
use crate::cursor_column::{CursorCell, CursorColumn};
use crate::moment::{Moment, Zone};
use crate::period::{LocalSpan, Period, PeriodName};
use crate::quarantine::Refused;
use crate::records::Records;

/// Routes the records of one stream.
#[derive(Debug)]
pub(crate) struct Router {
    keys: Arc<KeyPlan>,
    cursor: CursorSource,
    /// Whether a record may have no cursor.
    optional: bool,
    zone: Zone,
    routes: Vec<Route>,
    of_period: HashMap<PeriodName, usize>,
    /// The period that the last record fell into and its route, since the next one mostly does too.
    last: Option<(LocalSpan, usize)>,
}

/// Where the records of a period go.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) key: RouteKey,
    pub(crate) period: Period,
}

/// Records of a batch that take one route.
#[derive(Debug)]
pub(crate) struct RoutedBatch {
    /// The route's index among the stream's.
    pub(crate) route: usize,
    /// The records, in their order.
    pub(crate) records: Records,
    /// Where they stand in the batch, where those aren't all of it.
    pub(crate) indices: Option<Vec<u32>>,
    /// Their cursors, where those are times.
    pub(crate) cursors: Option<CursorRange>,
}

/// The first and the last of some cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorRange {
    /// The earliest.
    pub first: Moment,
    /// The latest.
    pub last: Moment,
}

/// Why a record can't be routed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RouteError {
    /// The record at an index of the batch has no usable cursor.
    #[error("read the cursor of a record: {fault}")]
    Cursor {
        /// The record's index in its batch.
        at: usize,
        /// What is wrong with it.
        fault: CursorFault,
    },
    /// No key can be made for the record at an index of the batch.
    #[error("make a key for a record")]
    Key {
        /// The record's index in its batch.
        at: usize,
        /// Why not.
        source: KeyError,
    },
    /// The batch can't be divided.
    #[error("divide a batch by route")]
    Divide(#[from] ArrowError),
}

/// Why a record has no route.
enum Misplaced {
    Cursor(CursorFault),
    Key(KeyError),
}

/// The records of a batch that go one way, while the batch is divided.
struct Share {
    route: usize,
    indices: Vec<u32>,
    cursors: Option<CursorRange>,
}

/// The shares of a batch, and where the share of each route is among them.
#[derive(Default)]
struct Shares {
    shares: Vec<Share>,
    of_route: HashMap<usize, usize>,
    last: usize,
}

impl Router {
    pub(crate) fn new(keys: Arc<KeyPlan>, cursor: CursorSource, zone: Zone) -> Self {
        Self {
            optional: keys.cursor_is_optional(),
            keys,
            cursor,
            zone,
            routes: Vec::new(),
            of_period: HashMap::new(),
            last: None,
        }
    }

    /// A route that was returned by [`divide`](Self::divide).
    pub(crate) fn route_at(&self, route: usize) -> &Route {
        &self.routes[route]
    }

    /// All routes.
    pub(crate) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// Divides a batch by route. The parts come in the order of their first records. Those without
    /// a usable cursor are refused where they may be, and an error where not.
    pub(crate) fn divide(
        &mut self,
        records: &Records,
        refused: Option<&mut Vec<Refused>>,
    ) -> Result<Vec<RoutedBatch>, RouteError> {
        match self.cursor.clone() {
            CursorSource::None => self.whole(records, None),
            CursorSource::Run(cursor) => {
                let cell = CursorCell::Text(Cow::Borrowed(&cursor.raw));
                self.whole(records, Some(&(cell, cursor.moment)))
            }
            CursorSource::Field(field) => self.by_field(records, &field, refused),
        }
    }

    /// The first and the last cursor of records that were divided before.
    pub(crate) fn cursors(&mut self, records: &Records) -> Option<CursorRange> {
        let ranges = self
            .divide(records, None)
            .ok()?
            .into_iter()
            .filter_map(|part| part.cursors);
        ranges.reduce(CursorRange::joined)
    }

    /// All records take one route.
    fn whole(
        &mut self,
        records: &Records,
        cursor: Option<&(CursorCell<'_>, Option<Moment>)>,
    ) -> Result<Vec<RoutedBatch>, RouteError> {
        let moment = cursor.and_then(|(_, moment)| *moment);
        let key_error = |source| RouteError::Key { at: 0, source };
        let span = moment.and_then(|moment| LocalSpan::around(self.keys.granularity(), moment));
        let name = match (span, self.keys.granularity(), cursor) {
            (Some(span), ..) => PeriodName::Time(span),
            (None, Granularity::None, _) | (None, _, None) => PeriodName::Whole,
            (None, _, Some((cell, _))) => PeriodName::Value(cell.raw().into()),
        };
        let route = self.route(name, cursor, moment).map_err(key_error)?;
        let cursors = moment.map(|moment| CursorRange {
            first: moment,
            last: moment,
        });
        Ok(vec![RoutedBatch {
            route,
            records: records.clone(),
            indices: None,
            cursors,
        }])
    }

    fn by_field(
        &mut self,
        records: &Records,
        field: &CursorField,
        mut refused: Option<&mut Vec<Refused>>,
    ) -> Result<Vec<RoutedBatch>, RouteError> {
        let mut refuse = |at, fault: CursorFault| match &mut refused {
            Some(refused) => {
                let cause = fault.to_string();
                refused.push(Refused { at, cause });
                Ok(())
            }
            None => Err(RouteError::Cursor { at, fault }),
        };
        let column = match CursorColumn::of(records, field) {
            Ok(column) => column,
            Err(found) => {
                (0..records.len()).try_for_each(|at| refuse(at, found.clone()))?;
                return Ok(Vec::new());
            }
        };
        let mut shares = Shares::default();
        for at in 0..records.len() {
            let placed = match column.cell(at) {
                Ok(cell) => self.place(cell, field),
                Err(found) => Err(Misplaced::Cursor(found)),
            };
            match placed {
                Ok((route, moment)) => shares.add(route, at, moment),
                Err(Misplaced::Cursor(found)) => refuse(at, found)?,
                Err(Misplaced::Key(source)) => return Err(RouteError::Key { at, source }),
            }
        }
        Ok(shares.divide(records)?)
    }

    /// The route of a record by its cursor, and what time that is.
    #[inline]
    fn place(
        &mut self,
        cell: Option<CursorCell<'_>>,
        field: &CursorField,
    ) -> Result<(usize, Option<Moment>), Misplaced> {
        match cell.filter(|cell| !(cell.is_empty() && self.optional)) {
            Some(cell) => {
                let moment = self.moment(field, &cell)?;
                Ok((self.route_of(cell, moment)?, moment))
            }
            None if self.optional => Ok((self.route(PeriodName::Absent, None, None)?, None)),
            None => Err(field.missing().into()),
        }
    }

    /// The time of a cursor. Where the key needs none, a cursor needn't be one.
    fn moment(
        &self,
        field: &CursorField,
        cell: &CursorCell<'_>,
    ) -> Result<Option<Moment>, CursorFault> {
        match (field.moment(cell, self.zone), self.keys.granularity()) {
            (Err(_), Granularity::Raw) => Ok(None),
            (moment, _) => moment.map(Some),
        }
    }

    fn route_of(
        &mut self,
        cell: CursorCell<'_>,
        moment: Option<Moment>,
    ) -> Result<usize, KeyError> {
        let granularity = self.keys.granularity();
        if let (Some((span, route)), Some(moment)) = (&self.last, moment)
            && span.contains(moment)
        {
            return Ok(*route);
        }
        let span = moment.and_then(|moment| LocalSpan::around(granularity, moment));
        let name = match &span {
            _ if granularity == Granularity::None => PeriodName::Whole,
            Some(span) => PeriodName::Time(span.clone()),
            None => PeriodName::Value(cell.raw().into()),
        };
        let route = self.route(name, Some(&(cell, moment)), moment)?;
        self.last = span.map(|span| (span, route));
        Ok(route)
    }

    /// The route of a period; its key is made from the first cursor that is seen in it.
    fn route(
        &mut self,
        name: PeriodName,
        cursor: Option<&(CursorCell<'_>, Option<Moment>)>,
        moment: Option<Moment>,
    ) -> Result<usize, KeyError> {
        if let Some(&route) = self.of_period.get(&name) {
            return Ok(route);
        }
        let time = moment.and_then(Moment::to_date_time);
        let raw = cursor.map(|(cell, _)| cell.raw());
        let value = raw.as_ref().map(|raw| CursorValue { raw, time });
        let key = self.keys.route_key(value.as_ref())?;
        // Past the calendar's end there are no spans: what is left is the value.
        let value = || Period::Value(raw.as_deref().unwrap_or_default().to_owned());
        let period = name.period(self.zone).unwrap_or_else(value);
        self.routes.push(Route { key, period });
        let route = self.routes.len() - 1;
        self.of_period.insert(name, route);
        Ok(route)
    }
}

impl From<CursorFault> for Misplaced {
    fn from(fault: CursorFault) -> Self {
        Self::Cursor(fault)
    }
}

impl From<KeyError> for Misplaced {
    fn from(source: KeyError) -> Self {
        Self::Key(source)
    }
}

impl Shares {
    fn add(&mut self, route: usize, at: usize, moment: Option<Moment>) {
        let last = self
            .shares
            .get(self.last)
            .is_some_and(|share| share.route == route);
        if !last {
            let next = self.shares.len();
            self.last = *self.of_route.entry(route).or_insert(next);
            if self.last == next {
                self.shares.push(Share {
                    route,
                    indices: Vec::new(),
                    cursors: None,
                });
            }
        }
        if let Some(share) = self.shares.get_mut(self.last) {
            // A batch has far fewer records than fit 32 bits: its text is indexed by those.
            share.indices.push(u32::try_from(at).unwrap_or(u32::MAX));
            share.cursors = CursorRange::extended(share.cursors, moment);
        }
    }

    fn divide(self, records: &Records) -> Result<Vec<RoutedBatch>, ArrowError> {
        let part = |share: Share| {
            let (records, indices) = if share.indices.len() == records.len() {
                (records.clone(), None)
            } else {
                (records.select(&share.indices)?, Some(share.indices))
            };
            Ok(RoutedBatch {
                route: share.route,
                records,
                indices,
                cursors: share.cursors,
            })
        };
        self.shares.into_iter().map(part).collect()
    }
}

impl CursorRange {
    /// The range that also holds `moment`.
    pub(crate) fn extended(range: Option<Self>, moment: Option<Moment>) -> Option<Self> {
        let moment = CursorRange {
            first: moment?,
            last: moment?,
        };
        Some(range.map_or(moment, |range| range.joined(moment)))
    }

    /// The range that holds both.
    pub(crate) fn joined(self, other: Self) -> Self {
        let first = if other.first.instant_micros() < self.first.instant_micros() {
            other.first
        } else {
            self.first
        };
        let last = if other.last.instant_micros() > self.last.instant_micros() {
            other.last
        } else {
            self.last
        };
        Self { first, last }
    }
}
