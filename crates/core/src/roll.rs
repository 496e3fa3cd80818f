//! When an object is sealed and the next one of its route begins.

/// An object is sealed as soon as one of these is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RollPolicy {
    /// Bytes of an object, as they lie in the bucket. Met within about a sixteenth.
    pub bytes_max: u64,
    /// Records of an object. Met exactly.
    pub rows_max: Option<u64>,
    /// How long an object stays open, in milliseconds, whether records arrive or not.
    pub age_max_ms: Option<u64>,
}

impl Default for RollPolicy {
    fn default() -> Self {
        Self {
            bytes_max: 256 << 20,
            rows_max: None,
            age_max_ms: None,
        }
    }
}

impl RollPolicy {
    /// How many of `rows` records, of about `row_bytes` each, may be written before the object is
    /// looked at again.
    pub(crate) fn stride(&self, rows_so_far: u64, rows: usize, row_bytes: usize) -> usize {
        let by_bytes = (self.bytes_max / 16).max(4 << 10) / row_bytes.max(1) as u64;
        let by_rows = self
            .rows_max
            .map_or(u64::MAX, |most| most.saturating_sub(rows_so_far));
        let stride = by_bytes.min(by_rows).max(1);
        usize::try_from(stride).unwrap_or(usize::MAX).min(rows)
    }

    /// Whether an object of so many rows and bytes is full.
    pub(crate) fn is_full(&self, rows: u64, bytes: u64) -> bool {
        bytes >= self.bytes_max || self.rows_max.is_some_and(|most| rows >= most)
    }

    /// Whether an object that was opened at a time is too old.
    pub(crate) fn is_old(&self, opened_ms: u64, now_ms: u64) -> bool {
        self.age_max_ms
            .is_some_and(|most| now_ms.saturating_sub(opened_ms) >= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: RollPolicy = RollPolicy {
        bytes_max: 1 << 20,
        rows_max: Some(100),
        age_max_ms: Some(1_000),
    };

    #[test]
    fn rows_are_met_exactly() {
        assert_eq!(POLICY.stride(0, 1_000, 10), 100);
        assert_eq!(POLICY.stride(99, 1_000, 10), 1);
        assert!(POLICY.is_full(100, 0));
        assert!(!POLICY.is_full(99, 0));
    }

    #[test]
    fn bytes_are_met_within_a_sixteenth() {
        assert_eq!(POLICY.stride(0, 1_000, 16 << 10), 4);
        assert_eq!(
            POLICY.stride(0, 1_000, 2 << 20),
            1,
            "a record of any size can be written"
        );
        assert!(POLICY.is_full(1, 1 << 20));
    }

    #[test]
    fn age_counts_from_the_beginning() {
        assert!(!POLICY.is_old(500, 1_499));
        assert!(POLICY.is_old(500, 1_500));
    }
}
