//! Cuts what comes out of an encoder into parts of one length.

use bytes::Bytes;

/// The bytes of an object that no part has carried yet.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Whole parts, in their order.
    whole: Vec<Bytes>,
    /// What makes no whole part yet.
    rest: Vec<u8>,
}

impl Parts {
    /// Appends bytes. Only what completes a part and what is left over is copied; whole parts
    /// share the memory that they came in.
    pub(crate) fn push(&mut self, output: Vec<u8>, part_bytes: usize) {
        if self.rest.is_empty() && output.len() < part_bytes {
            self.rest = output;
            return;
        }
        let mut output = Bytes::from(output);
        if !self.rest.is_empty() {
            let missing = (part_bytes - self.rest.len()).min(output.len());
            self.rest.extend_from_slice(&output.split_to(missing));
            if self.rest.len() == part_bytes {
                self.whole.push(Bytes::from(std::mem::take(&mut self.rest)));
            }
        }
        while output.len() >= part_bytes {
            self.whole.push(output.split_to(part_bytes));
        }
        self.rest.extend_from_slice(&output);
    }

    /// Takes the whole parts.
    pub(crate) fn take_whole(&mut self) -> Vec<Bytes> {
        std::mem::take(&mut self.whole)
    }

    /// Takes what makes no whole part, to end the object with: in no more memory than it needs, since that
    /// is what is counted of it while it waits.
    pub(crate) fn take_rest(&mut self) -> Bytes {
        let mut rest = std::mem::take(&mut self.rest);
        rest.shrink_to_fit();
        Bytes::from(rest)
    }

    /// Bytes that make no whole part yet.
    pub(crate) fn rest_bytes(&self) -> usize {
        self.rest.len()
    }

    /// Bytes of memory held.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.rest.capacity() + self.whole.iter().map(Bytes::len).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_are_of_one_length_and_lose_nothing(
            lengths in prop::collection::vec(0_usize..50, 0..20),
            part_bytes in 1_usize..20,
        ) {
            let mut parts = Parts::default();
            let (mut pushed, mut taken) = (Vec::new(), Vec::new());
            for (number, length) in lengths.into_iter().enumerate() {
                let output: Vec<u8> = (0..length).map(|at| (number * 7 + at) as u8).collect();
                pushed.extend_from_slice(&output);
                parts.push(output, part_bytes);
                for part in parts.take_whole() {
                    prop_assert_eq!(part.len(), part_bytes);
                    taken.extend_from_slice(&part);
                }
                prop_assert!(parts.rest_bytes() < part_bytes);
            }
            taken.extend_from_slice(&parts.take_rest());
            prop_assert_eq!(taken, pushed);
        }
    }
}
