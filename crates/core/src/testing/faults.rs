//! Calls that fail on purpose, and a record of all calls.

use crate::bucket::BucketErrorKind;

/// A method of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Begins an object.
    Begin,
    /// Sends a part.
    Part,
    /// Ends an upload.
    Finish,
    /// Makes an object appear.
    Publish,
    /// Gives an upload up.
    Discard,
    /// Looks for uploads.
    UploadsAt,
    /// Writes an object in one step.
    Put,
    /// Asks for what is known of an object.
    Head,
    /// Reads an object.
    Get,
    /// Lists objects.
    List,
    /// Deletes an object.
    Delete,
}

/// A call that a bucket has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its method.
    pub operation: Operation,
    /// The key it was about, or the prefix of a list.
    pub on: String,
}

/// A call that is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    operation: Operation,
    calls_before: usize,
    kind: BucketErrorKind,
    is_done: bool,
}

impl Fault {
    /// The `nth` call of `operation` from now, counted from 1, fails and does nothing.
    pub fn nth(operation: Operation, nth: usize, kind: BucketErrorKind) -> Self {
        Fault {
            operation,
            calls_before: nth.saturating_sub(1),
            kind,
            is_done: false,
        }
    }

    /// The `nth` call of `operation` from now, counted from 1, does what it was asked, but its
    /// answer is lost.
    pub fn lost_answer(operation: Operation, nth: usize) -> Self {
        Fault {
            is_done: true,
            ..Fault::nth(operation, nth, BucketErrorKind::Interrupted)
        }
    }

    /// Whether the call is done in spite of its failure.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    pub(super) fn kind(&self) -> BucketErrorKind {
        self.kind
    }
}

/// The faults to come and the calls so far.
#[derive(Debug, Default)]
pub(super) struct Script {
    faults: Vec<Fault>,
    calls: Vec<Call>,
}

impl Script {
    pub(super) fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(super) fn heal(&mut self) {
        self.faults.clear();
    }

    pub(super) fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Records a call, and says whether it is one that fails.
    pub(super) fn call(&mut self, operation: Operation, on: &str) -> Option<Fault> {
        self.calls.push(Call {
            operation,
            on: on.to_owned(),
        });
        let due = self.due(operation);
        for fault in self
            .faults
            .iter_mut()
            .filter(|fault| fault.operation == operation)
        {
            fault.calls_before = fault.calls_before.saturating_sub(1);
        }
        due
    }

    fn due(&mut self, operation: Operation) -> Option<Fault> {
        let due = |fault: &Fault| fault.operation == operation && fault.calls_before == 0;
        let position = self.faults.iter().position(due)?;
        Some(self.faults.remove(position))
    }
}
