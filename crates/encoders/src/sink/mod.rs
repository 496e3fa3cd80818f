//! Where an encoder's text goes: as it is, or through a compressor.

mod gzip;

use std::io::Write;

use spile_core::EncodeError;
use zstd::stream::write::Encoder as ZstdEncoder;

pub(crate) use self::gzip::Gzip;
use self::gzip::Member;

/// What compresses an object, and how hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    None,
    Gzip(Gzip),
    Zstd { level: i32 },
}

/// Takes text, gives bytes of the object.
///
/// A compressor is large, so it is made only when there is enough text for it to be worth it:
/// thousands of small objects can be open at once.
pub(crate) struct Sink {
    codec: Codec,
    /// Text that no compressor has seen, or all of it if there is none.
    text: Vec<u8>,
    stage: Stage,
    /// Bytes that went into the compressor, and those of its output that were taken.
    compressed_from_bytes: usize,
    taken_bytes: usize,
    /// What was taken last.
    last_bytes: usize,
}

enum Stage {
    Text,
    Gzip(Box<Member>),
    Zstd(Box<ZstdEncoder<'static, Vec<u8>>>),
}

/// Text that is gathered before it is compressed. Whole batches are several blocks, for several threads.
const TEXT_BYTES: usize = 128 << 10;
/// About a batch.
const LARGE_BYTES: usize = 1 << 20;
/// What text is expected to shrink to before anything is known: a fourth.
const FIRST_RATIO: usize = 4;

impl Codec {
    /// Resident memory of a compressor.
    pub(crate) fn memory_bytes(self) -> usize {
        match self {
            Codec::None => 0,
            Codec::Gzip(_) => Member::BYTES,
            Codec::Zstd { level } => zstd_bytes(level),
        }
    }
}

impl Sink {
    pub(crate) fn new(codec: Codec) -> Self {
        let (text, stage) = (Vec::new(), Stage::Text);
        Self {
            codec,
            text,
            stage,
            compressed_from_bytes: 0,
            taken_bytes: 0,
            last_bytes: 0,
        }
    }

    /// Where to append text. [`Sink::settle`] has to follow.
    pub(crate) fn text(&mut self) -> &mut Vec<u8> {
        let is_large = self.text.len() >= LARGE_BYTES && self.codec == Codec::None;
        let expected = self.last_bytes.min(LARGE_BYTES * 16);
        if is_large && self.text.capacity() < expected {
            // It will be as large as the last one: growing to that step by step would copy all of it once more.
            self.text.reserve_exact(expected - self.text.len());
        }
        &mut self.text
    }

    /// Compresses what was gathered, where it is enough.
    pub(crate) fn settle(&mut self) -> Result<(), EncodeError> {
        if self.codec == Codec::None || self.text.len() < TEXT_BYTES {
            return Ok(());
        }
        self.compress()?;
        let is_large = self.text.len() >= LARGE_BYTES / 2;
        self.text.clear();
        // Whatever got a batch at once gets another; a long record was the exception.
        let kept = if is_large {
            LARGE_BYTES * 2
        } else {
            TEXT_BYTES
        };
        self.text.shrink_to(kept);
        Ok(())
    }

    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        let output = match &mut self.stage {
            Stage::Text if self.codec != Codec::None => return Vec::new(),
            Stage::Text => &mut self.text,
            Stage::Gzip(member) => member.output_mut(),
            Stage::Zstd(encoder) => encoder.get_mut(),
        };
        let taken = std::mem::take(output);
        self.last_bytes = taken.len();
        self.taken_bytes += taken.len();
        taken
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, EncodeError> {
        if self.codec == Codec::None {
            return Ok(self.text);
        }
        self.compress()?;
        let finished = match self.stage {
            Stage::Text => Ok(self.text),
            Stage::Gzip(member) => Ok(member.finish()),
            Stage::Zstd(encoder) => encoder.finish(),
        };
        finished.map_err(failed)
    }

    pub(crate) fn output_bytes(&self) -> usize {
        match &self.stage {
            Stage::Text if self.codec == Codec::None => self.text.len(),
            Stage::Text => 0,
            Stage::Gzip(member) => member.output().len(),
            Stage::Zstd(encoder) => encoder.get_ref().len(),
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let (output, compressor) = match &self.stage {
            Stage::Text => (0, 0),
            Stage::Gzip(member) => (member.output().capacity(), self.codec.memory_bytes()),
            Stage::Zstd(encoder) => (encoder.get_ref().capacity(), self.codec.memory_bytes()),
        };
        size_of::<Self>() + self.text.capacity() + output + compressor
    }

    /// Bytes that the text which hasn't come out yet will come to, judged by what came out so far.
    pub(crate) fn pending_bytes(&self) -> usize {
        if self.codec == Codec::None {
            return 0;
        }
        let out = self.taken_bytes + self.output_bytes();
        let pending = self.text.len();
        match self.compressed_from_bytes {
            from if from > 0 && out > 0 => (pending as u64 * out as u64 / from as u64) as usize,
            from => (pending + from) / FIRST_RATIO,
        }
    }

    fn compress(&mut self) -> Result<(), EncodeError> {
        if matches!(self.stage, Stage::Text) {
            self.stage = Stage::start(self.codec).map_err(failed)?;
        }
        let written = match &mut self.stage {
            Stage::Text => Ok(()),
            Stage::Gzip(member) => member.write(&self.text).map_err(Into::into),
            Stage::Zstd(encoder) => encoder.write_all(&self.text),
        };
        self.compressed_from_bytes += self.text.len();
        written.map_err(failed)
    }
}

impl Stage {
    fn start(codec: Codec) -> std::io::Result<Self> {
        Ok(match codec {
            Codec::None => Stage::Text,
            Codec::Gzip(gzip) => Stage::Gzip(Box::new(Member::new(gzip))),
            Codec::Zstd { level } => {
                let mut encoder = ZstdEncoder::new(Vec::new(), level)?;
                encoder.include_checksum(true)?;
                Stage::Zstd(Box::new(encoder))
            }
        })
    }
}

/// Of a zstd compressor by its level: its window and tables, rounded up. Up to level 18 measured; above
/// as the library estimates it, which large objects come to.
fn zstd_bytes(level: i32) -> usize {
    let mebibytes = match level {
        ..=1 => 1,
        2..=4 => 4,
        5..=9 => 12,
        10..=15 => 30,
        16..=18 => 60,
        19 => 90,
        20 => 194,
        21 => 386,
        _ => 778,
    };
    mebibytes << 20
}

fn failed(source: std::io::Error) -> EncodeError {
    EncodeError::Library {
        format: "compressed text",
        source: Box::new(source),
    }
}
