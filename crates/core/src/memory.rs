//! How the memory of a run is divided.

use crate::bucket::PartLimits;
use crate::roll::RollPolicy;

/// The shares of a run's memory. Together they are two thirds of what the process may use; the rest is the
/// program's own, and what the allocator can't use of what was freed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPlan {
    /// For open objects: encoders, records that wait for them, parts that aren't whole yet.
    pub open_bytes: usize,
    /// For parts that wait to be sent or are on their way.
    pub upload_bytes: usize,
    /// The length of a part.
    pub part_bytes: usize,
}

/// The memory that the process may use is too little to load anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("divide {given} bytes of memory: at least {least} are needed")]
pub struct TooLittleMemory {
    /// What was given.
    pub given: usize,
    /// What is needed with this bucket and this size of objects.
    pub least: usize,
}

/// Batches being read, waiting and being encoded, with what reading them takes.
const SOURCE_BYTES: usize = 12 << 20;
const OPEN_BYTES_MIN: usize = 8 << 20;

impl MemoryPlan {
    /// Divides the memory that the process may use. Parts are as long as they have to be for
    /// objects of the policy's size to stay far below the bucket's number of parts. `object_bytes` is
    /// what one open object needs at least: with less, each would be sealed as soon as it begins.
    ///
    /// # Errors
    /// [`TooLittleMemory`].
    pub fn divide(
        memory_bytes: usize,
        roll: &RollPolicy,
        parts: PartLimits,
        object_bytes: usize,
    ) -> Result<Self, TooLittleMemory> {
        let by_count = roll
            .bytes_max
            .div_ceil(u64::from(parts.count_max / 2).max(1));
        let by_count = usize::try_from(by_count).unwrap_or(usize::MAX);
        let part_bytes = parts.bytes_usual.max(parts.bytes_min).max(by_count);
        let open = OPEN_BYTES_MIN.saturating_add(object_bytes);
        // The parts' share is a quarter, but no less than one part.
        let buffers = open.saturating_add(part_bytes.max(open / 3 + 1));
        let least = buffers
            .saturating_add(SOURCE_BYTES)
            .saturating_mul(3)
            .div_ceil(2);
        if memory_bytes < least {
            return Err(TooLittleMemory {
                given: memory_bytes,
                least,
            });
        }
        let buffers = memory_bytes.saturating_mul(2) / 3 - SOURCE_BYTES;
        let upload_bytes = (buffers / 4).max(part_bytes);
        Ok(Self {
            open_bytes: buffers - upload_bytes,
            upload_bytes,
            part_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S3: PartLimits = PartLimits {
        bytes_min: 5 << 20,
        bytes_usual: 8 << 20,
        count_max: 10_000,
    };

    fn divide(memory_bytes: usize, bytes_max: u64) -> Result<MemoryPlan, TooLittleMemory> {
        divide_for(memory_bytes, bytes_max, 0)
    }

    fn divide_for(
        memory_bytes: usize,
        bytes_max: u64,
        object_bytes: usize,
    ) -> Result<MemoryPlan, TooLittleMemory> {
        let roll = RollPolicy {
            bytes_max,
            ..RollPolicy::default()
        };
        MemoryPlan::divide(memory_bytes, &roll, S3, object_bytes)
    }

    #[test]
    fn shares_are_two_thirds() {
        let plan = divide(256 << 20, 256 << 20).expect("enough");
        assert_eq!(plan.part_bytes, 8 << 20);
        assert_eq!(
            plan.open_bytes + plan.upload_bytes + SOURCE_BYTES,
            (256 << 20) * 2 / 3
        );
    }

    #[test]
    fn parts_grow_with_objects() {
        let plan = divide(1 << 30, 100 << 30).expect("enough");
        assert!(plan.part_bytes as u64 * 5_000 >= 100 << 30);
    }

    #[test]
    fn too_little_is_an_error_that_says_how_much_it_takes() {
        let TooLittleMemory { least, .. } = divide(16 << 20, 256 << 20).expect_err("too little");
        assert!(divide(least, 256 << 20).is_ok());
    }

    #[test]
    fn one_object_has_room_in_the_least_memory() {
        for object_bytes in [0, 1, 412 << 10, 90 << 20, 778 << 20] {
            let TooLittleMemory { least, .. } =
                divide_for(0, 256 << 20, object_bytes).expect_err("nothing");
            let plan = divide_for(least, 256 << 20, object_bytes).expect("enough");
            assert!(plan.open_bytes > object_bytes, "{object_bytes}");
            assert!(plan.open_bytes < object_bytes + (9 << 20), "{object_bytes}");
        }
    }
}
