//! What a run has done so far, for whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of a run, read from any thread at any time.
#[derive(Debug, Default)]
pub struct Progress {
    input_bytes: AtomicU64,
    rows_read: AtomicU64,
    objects: AtomicU64,
    object_bytes: AtomicU64,
}

impl Progress {
    /// Bytes of input that were read and routed.
    pub fn input_bytes(&self) -> u64 {
        self.input_bytes.load(Ordering::Relaxed)
    }

    /// Records that were read and routed.
    pub fn rows_read(&self) -> u64 {
        self.rows_read.load(Ordering::Relaxed)
    }

    /// Objects that have appeared in the bucket.
    pub fn objects(&self) -> u64 {
        self.objects.load(Ordering::Relaxed)
    }

    /// Their bytes.
    pub fn object_bytes(&self) -> u64 {
        self.object_bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn read(&self, rows: u64, input_bytes: u64) {
        self.rows_read.fetch_add(rows, Ordering::Relaxed);
        self.input_bytes.fetch_add(input_bytes, Ordering::Relaxed);
    }

    pub(crate) fn published(&self, bytes: u64) {
        self.objects.fetch_add(1, Ordering::Relaxed);
        self.object_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
