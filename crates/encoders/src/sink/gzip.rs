//! One gzip member, made of blocks that are compressed side by side.
//!
//! Each block is deflate of its own that ends at a byte, and refers back to the text before it as if it
//! had been compressed in one go. Joined they are one stream, which every reader takes: some stop behind
//! the first member.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use flate2::{Compress, CompressError, Compression, Crc, FlushCompress};

/// Text of a block: enough that the borders cost nothing (a thousandth), few enough that there are blocks
/// for several threads in a mebibyte.
const BLOCK_BYTES: usize = 256 << 10;
/// As far back as deflate can refer.
const WINDOW_BYTES: usize = 32 << 10;
/// Deflate, without a time, a name or a system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty block, marked as the last.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Compressors that nobody uses at the moment, by their levels. They are large, and there need be no more
/// than threads, however many streams there are.
static IDLE: [Mutex<Vec<Compress>>; 10] = [const { Mutex::new(Vec::new()) }; 10];

/// How hard blocks are compressed, and how many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gzip {
    level: u32,
    threads: usize,
}

/// A member that is being written.
pub(super) struct Member {
    gzip: Gzip,
    /// The last of the text so far.
    window: Vec<u8>,
    crc: Crc,
    output: Vec<u8>,
}

/// A block's deflate, and the sum of its text.
type Block = Result<(Vec<u8>, Crc), CompressError>;

impl Gzip {
    pub(crate) fn new(level: u32) -> Self {
        Self {
            level,
            threads: thread::available_parallelism().map_or(1, usize::from),
        }
    }

    /// Compresses the blocks of a text, of which `window` is what stands before it.
    fn compress(self, window: &[u8], text: &[u8]) -> Vec<Block> {
        let count = text.len().div_ceil(BLOCK_BYTES).max(1);
        let length = text.len().div_ceil(count);
        let block = |at: usize| {
            let (start, end) = (at * length, text.len().min((at + 1) * length));
            let before = if at == 0 { window } else { &text[..start] };
            self.block(tail(before), &text[start..end])
        };
        if count == 1 || self.threads == 1 {
            return (0..count).map(block).collect();
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < count);
            let done = std::iter::from_fn(take).map(|at| (at, block(at)));
            done.collect::<Vec<_>>()
        };
        let mut blocks: Vec<(usize, Block)> = thread::scope(|scope| {
            let others = (1..self.threads.min(count)).map(|_| scope.spawn(work));
            let others: Vec<_> = others.collect();
            let own = work();
            let joined = others.into_iter().map(|other| other.join());
            let unwound =
                joined.map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            unwound.flatten().chain(own).collect()
        });
        blocks.sort_unstable_by_key(|(at, _)| *at);
        blocks.into_iter().map(|(_, block)| block).collect()
    }

    fn block(self, window: &[u8], text: &[u8]) -> Block {
        let idle = self.idle().pop();
        let mut compress =
            idle.unwrap_or_else(|| Compress::new(Compression::new(self.level), false));
        compress.reset();
        if !window.is_empty() {
            compress.set_dictionary(window)?;
        }
        let mut out = Vec::with_capacity(text.len() / 2 + 1_024);
        loop {
            let read = usize::try_from(compress.total_in()).unwrap_or(usize::MAX);
            let rest = text.get(read..).unwrap_or_default();
            compress.compress_vec(rest, &mut out, FlushCompress::Sync)?;
            // Room that is left says that all has come out.
            if out.len() < out.capacity() {
                break;
            }
            out.reserve(out.capacity());
        }
        self.idle().push(compress);
        let mut crc = Crc::new();
        crc.update(text);
        Ok((out, crc))
    }

    fn idle(self) -> MutexGuard<'static, Vec<Compress>> {
        let idle = &IDLE[self.level.min(9) as usize];
        idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    /// What one holds besides its output.
    pub(super) const BYTES: usize = WINDOW_BYTES;

    pub(super) fn new(gzip: Gzip) -> Self {
        Self {
            gzip,
            window: Vec::new(),
            crc: Crc::new(),
            output: HEADER.to_vec(),
        }
    }

    pub(super) fn write(&mut self, text: &[u8]) -> Result<(), CompressError> {
        if text.is_empty() {
            return Ok(());
        }
        for block in self.gzip.compress(&self.window, text) {
            let (deflate, crc) = block?;
            self.output.extend_from_slice(&deflate);
            self.crc.combine(&crc);
        }
        if text.len() < WINDOW_BYTES {
            self.window.extend_from_slice(text);
            let passed = self.window.len().saturating_sub(WINDOW_BYTES);
            self.window.drain(..passed);
        } else {
            self.window.clear();
            self.window.extend_from_slice(tail(text));
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.output.extend_from_slice(&LAST_BLOCK);
        // Of the length, 32 bits are what the format has.
        for number in [self.crc.sum(), self.crc.amount()] {
            self.output.extend_from_slice(&number.to_le_bytes());
        }
        self.output
    }

    pub(super) fn output(&self) -> &Vec<u8> {
        &self.output
    }

    pub(super) fn output_mut(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }
}

fn tail(text: &[u8]) -> &[u8] {
    &text[text.len().saturating_sub(WINDOW_BYTES)..]
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::bufread::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    /// The only member's text; whatever follows would be left over.
    fn read(object: &[u8]) -> Vec<u8> {
        let mut rest = object;
        let mut text = Vec::new();
        let read = GzDecoder::new(&mut rest).read_to_end(&mut text);
        read.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rest.len(), 0);
        text
    }

    fn check(level: u32, threads: usize, texts: &[Vec<u8>]) {
        let mut member = Member::new(Gzip { level, threads });
        let mut output = Vec::new();
        for text in texts {
            member.write(text).unwrap();
            output.append(member.output_mut());
        }
        output.extend(member.finish());
        assert!(
            read(&output) == texts.concat(),
            "level {level}, {threads} threads"
        );
    }

    /// Text that neither repeats nor can be compressed.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(7);
        std::iter::repeat_with(|| random.u8(..))
            .take(bytes)
            .collect()
    }

    #[test]
    fn blocks_are_one_member() {
        let lines: Vec<u8> = (0..16_000_u64)
            .flat_map(|n| format!("{n},{}\n", n * n).into_bytes())
            .collect();
        assert!(lines.len() > BLOCK_BYTES);
        let again = lines[..77].to_vec();
        for (level, threads) in [(0, 1), (1, 2), (3, 5), (4, 1), (9, 2)] {
            check(
                level,
                threads,
                &[lines.clone(), again.clone(), lines.clone()],
            );
        }
        let noise = noise(BLOCK_BYTES + 1);
        check(3, 2, &[noise.clone(), again, noise[..40_000].to_vec()]);
        check(3, 2, &[]);
        check(3, 2, &[Vec::new(), b"x".to_vec()]);
    }

    /// How many threads there are changes nothing of an object.
    #[test]
    fn bytes_are_the_same_with_any_number_of_threads() {
        let text = noise(BLOCK_BYTES).repeat(3);
        let with = |threads| {
            let mut member = Member::new(Gzip { level: 4, threads });
            member.write(&text).unwrap();
            member.finish()
        };
        assert!(with(1) == with(4));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn any_texts_come_back(
            texts in prop::collection::vec(prop::collection::vec(0_u8..4, 0..50_000), 0..4),
            level in 0_u32..10,
        ) {
            check(level, 2, &texts);
        }
    }
}
