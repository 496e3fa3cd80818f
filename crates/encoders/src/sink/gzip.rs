//! One gzip member, made of blocks that are compressed side by side.
//!
//! Each block is deflate of its own that ends at a byte, and refers back to the text before it as if it
//! had been compressed in one go. Joined they are one stream, which every reader takes: some stop behind
//! the first member.

use crc_fast::CrcAlgorithm;
use flate2::{Compress, CompressError, Compression, FlushCompress};
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// Text of a block: enough that the borders cost nothing (a thousandth), few enough that there are blocks
/// for several threads in a mebibyte.
const BLOCK_BYTES: usize = 256 << 10;
/// As far back as deflate can refer.
const WINDOW_BYTES: usize = 32 << 10;
/// Deflate, without a time, a name or a system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
/// An empty block, marked as the last.
const LAST_BLOCK: [u8; 2] = [3, 0];

const CRC: CrcAlgorithm = CrcAlgorithm::Crc32IsoHdlc;

/// How hard blocks are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gzip {
    level: u32,
}

/// A member that is being written.
pub(super) struct Member {
    gzip: Gzip,
    /// The last of the text so far.
    window: Vec<u8>,
    /// Of the text so far, and how long that is.
    crc: u64,
    text_bytes: u64,
    output: Vec<u8>,
}

/// A block's deflate, and the sum and length of its text.
type Block = Result<(Vec<u8>, u64, usize), CompressError>;

impl Gzip {
    pub(crate) fn new(level: u32) -> Self {
        Self { level }
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
        // One block, too: compressors that come and go on a thread with thousands of open objects would leave
        // holes in its heap.
        (0..count).into_par_iter().map(block).collect()
    }

    fn block(self, window: &[u8], text: &[u8]) -> Block {
        let mut compress = Compress::new(Compression::new(self.level), false);
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
        Ok((out, crc_fast::checksum(CRC, text), text.len()))
    }
}

impl Member {
    /// What one holds besides its output.
    pub(super) const BYTES: usize = WINDOW_BYTES;

    pub(super) fn new(gzip: Gzip) -> Self {
        Self {
            gzip,
            window: Vec::new(),
            crc: crc_fast::checksum(CRC, &[]),
            text_bytes: 0,
            output: HEADER.to_vec(),
        }
    }

    pub(super) fn write(&mut self, text: &[u8]) -> Result<(), CompressError> {
        if text.is_empty() {
            return Ok(());
        }
        for block in self.gzip.compress(&self.window, text) {
            let (deflate, crc, bytes) = block?;
            self.output.extend_from_slice(&deflate);
            self.crc = crc_fast::checksum_combine(CRC, self.crc, crc, bytes as u64);
            self.text_bytes += bytes as u64;
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
        for number in [self.crc, self.text_bytes] {
            self.output.extend_from_slice(&number.to_le_bytes()[..4]);
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
    use rayon::ThreadPoolBuilder;

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

    fn check(level: u32, texts: &[Vec<u8>]) {
        let mut member = Member::new(Gzip { level });
        let mut output = Vec::new();
        for text in texts {
            member.write(text).unwrap();
            output.append(member.output_mut());
        }
        output.extend(member.finish());
        assert!(read(&output) == texts.concat(), "level {level}");
    }

    /// Text that neither repeats nor can be compressed.
    fn noise(bytes: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(7);
        std::iter::repeat_with(|| random.u8(..))
            .take(bytes)
            .collect()
    }

    fn lines() -> Vec<u8> {
        let lines = (0..30_000_u64).flat_map(|n| format!("{n},{}\n", n * n).into_bytes());
        let lines: Vec<u8> = lines.collect();
        assert!(lines.len() > BLOCK_BYTES);
        lines
    }

    #[test]
    fn blocks_are_one_member() {
        let lines = lines();
        let again = lines[..77].to_vec();
        for level in [0, 1, 3, 4, 9] {
            check(level, &[lines.clone(), again.clone(), lines.clone()]);
        }
        let noise = noise(BLOCK_BYTES + 1);
        check(3, &[noise.clone(), again, noise[..40_000].to_vec()]);
        check(3, &[]);
        check(3, &[Vec::new(), b"x".to_vec()]);
    }

    /// How many threads there are changes nothing of an object.
    #[test]
    fn bytes_are_the_same_with_any_number_of_threads() {
        let text = lines().repeat(4);
        let with = |threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| {
                let mut member = Member::new(Gzip { level: 4 });
                member.write(&text).unwrap();
                member.finish()
            })
        };
        let expect = with(1);
        assert!((0..4).all(|_| with(4) == expect));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn any_texts_come_back(
            texts in prop::collection::vec(prop::collection::vec(0_u8..4, 0..50_000), 0..4),
            level in 0_u32..10,
        ) {
            check(level, &texts);
        }
    }
}
