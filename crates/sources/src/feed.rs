//! Content as a growing buffer, read ahead on another thread where that pays.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::bytes_in::{BoxRead, Count};

/// Where a reader takes its text from.
pub(crate) enum Feed {
    /// A plain file: the page cache reads ahead well enough. As it is, since a file alone is read into memory
    /// that nobody has cleared before.
    Here(File, Count),
    /// Compressed files, so that unpacking takes place beside parsing, and pipes, so that what has
    /// arrived is passed on while the next record is waited for.
    Ahead(Ahead),
}

/// Blocks that another thread reads.
pub(crate) struct Ahead {
    blocks: Receiver<io::Result<Block>>,
    block: Block,
    taken: usize,
    /// Where blocks go back to, so that their memory is cleared once.
    back: SyncSender<Block>,
    /// Of a pipe: how long more is waited for once there is something, and ten times that in all. What
    /// comes without such a pause makes up whole batches, as from a file, so that what is inferred
    /// from them doesn't depend on how many bytes happened to be there.
    pause: Option<Duration>,
    is_first: bool,
    ended: bool,
}

/// What was read at once, at the beginning of as much memory as may be.
#[derive(Default)]
struct Block {
    memory: Vec<u8>,
    bytes: usize,
}

/// Together with the channel's depth: at most 1.25 MiB are read ahead.
const BLOCK_BYTES: usize = 256 << 10;
const BLOCKS_AHEAD: usize = 3;

impl Feed {
    /// Reads on a thread of its own. With a `pause`, a feed that has something waits so long for more,
    /// and for later fillings a tenth of it.
    pub(crate) fn ahead(read: BoxRead, pause: Option<Duration>) -> io::Result<Self> {
        let (send, blocks) = sync_channel(BLOCKS_AHEAD);
        // One is filled, one is emptied.
        let (back, used) = sync_channel(BLOCKS_AHEAD + 2);
        // Nobody joins it: it ends by itself when its input does or when the receiver is gone.
        thread::Builder::new()
            .name("read-ahead".into())
            .spawn(move || read_ahead(read, &send, &used))?;
        Ok(Self::Ahead(Ahead {
            blocks,
            block: Block::default(),
            taken: 0,
            back,
            pause,
            is_first: true,
            ended: false,
        }))
    }

    /// Appends at most `bytes` to the buffer, and says whether there may be more. Bytes before an
    /// error are appended, too.
    pub(crate) fn fill(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> io::Result<bool> {
        match self {
            Self::Here(file, count) => {
                let before = buffer.len();
                let read = file.take(bytes as u64).read_to_end(buffer);
                count.add((buffer.len() - before) as u64);
                Ok(read? == bytes)
            }
            Self::Ahead(ahead) => ahead.fill(buffer, bytes),
        }
    }
}

impl Ahead {
    fn fill(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> io::Result<bool> {
        let more = self.fill_up(buffer, bytes)?;
        // A schema is inferred from the first filling; none after it is worth much waiting.
        if std::mem::take(&mut self.is_first) {
            self.pause = self.pause.map(|pause| pause / 10);
        }
        Ok(more)
    }

    fn fill_up(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> io::Result<bool> {
        let full = buffer.len() + bytes;
        let before = buffer.len();
        let mut since = None;
        if self.ended {
            return Ok(false);
        }
        loop {
            self.copy(buffer, full);
            if buffer.len() == full {
                return Ok(true);
            }
            if buffer.len() > before {
                since = since.or_else(|| Some(Instant::now()));
            }
            match self.receive(since) {
                Ok(block) => self.go_on_with(block?),
                Err(RecvTimeoutError::Timeout) => return Ok(true),
                // The end is said by an empty block: silence is a thread that has died.
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("the thread that reads has died"));
                }
            }
            if self.block.bytes == 0 {
                self.ended = true;
                return Ok(false);
            }
        }
    }

    fn go_on_with(&mut self, block: Block) {
        let used = std::mem::replace(&mut self.block, block);
        self.taken = 0;
        // Whoever reads may have come to the end, and there is nothing left to fill.
        drop(self.back.try_send(used));
    }

    fn copy(&mut self, buffer: &mut Vec<u8>, full: usize) {
        let end = self.block.bytes.min(self.taken + full - buffer.len());
        buffer.extend_from_slice(&self.block.memory[self.taken..end]);
        self.taken = end;
    }

    /// The next block; `since` there has been something, a pipe has only so much time for it.
    fn receive(&self, since: Option<Instant>) -> Result<io::Result<Block>, RecvTimeoutError> {
        let (Some(pause), Some(since)) = (self.pause, since) else {
            let block = self.blocks.recv();
            return block.map_err(|_| RecvTimeoutError::Disconnected);
        };
        let left = pause.saturating_mul(10).saturating_sub(since.elapsed());
        self.blocks.recv_timeout(left.min(pause))
    }
}

fn read_ahead(mut read: BoxRead, blocks: &SyncSender<io::Result<Block>>, used: &Receiver<Block>) {
    loop {
        let block = used.try_recv().unwrap_or_default();
        let block = read_block(&mut read, block);
        let is_last = block.as_ref().map_or(true, |block| block.bytes == 0);
        if blocks.send(block).is_err() || is_last {
            return;
        }
    }
}

fn read_block(read: &mut BoxRead, mut block: Block) -> io::Result<Block> {
    block.memory.resize(BLOCK_BYTES, 0);
    loop {
        match read.read(&mut block.memory) {
            Ok(bytes) => {
                block.bytes = bytes;
                return Ok(block);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Seek, Write};

    use super::*;

    #[test]
    fn both_feeds_give_every_byte_in_order() {
        let input: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&input).unwrap();
        file.rewind().unwrap();
        let count = Count::default();
        let here = Feed::Here(file, count.clone());
        let ahead = Feed::ahead(Box::new(Cursor::new(input.clone())), None).unwrap();
        for mut feed in [here, ahead] {
            let mut buffer = Vec::new();
            while feed.fill(&mut buffer, 300_000).unwrap() {}
            assert_eq!(buffer, input);
        }
        assert_eq!(count.take(), 1_000_000);
    }

    /// Far longer than anything takes: only a fault waits for it.
    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_live_feed_passes_on_what_has_arrived() {
        let (read, mut write) = io::pipe().unwrap();
        let mut feed = Feed::ahead(Box::new(read), Some(Duration::ZERO)).unwrap();
        let mut buffer = Vec::new();
        for text in ["a\n", "b\n"] {
            write.write_all(text.as_bytes()).unwrap();
            buffer.clear();
            assert!(feed.fill(&mut buffer, 1000).unwrap());
            assert_eq!(buffer, text.as_bytes());
        }
    }

    #[test]
    fn a_live_feed_waits_for_what_comes_without_a_pause() {
        let (read, mut write) = io::pipe().unwrap();
        let mut feed = Feed::ahead(Box::new(read), Some(LONG)).unwrap();
        let writer = thread::spawn(move || {
            for _ in 0..1_000 {
                write.write_all(&[b'x'; 10]).unwrap();
                thread::yield_now();
            }
        });
        for expect in [6_000, 4_000] {
            let mut buffer = Vec::new();
            let more = feed.fill(&mut buffer, 6_000).unwrap();
            assert_eq!((buffer.len(), more), (expect, expect == 6_000));
        }
        writer.join().unwrap();
    }
}
