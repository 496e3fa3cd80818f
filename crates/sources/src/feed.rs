//! Content as a growing buffer, read ahead on another thread where that pays.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;

use crate::bytes_in::BoxRead;

/// Where a reader takes its text from.
pub(crate) enum Feed {
    /// Plain files: the page cache reads ahead well enough.
    Here(BoxRead),
    /// Compressed files, so that unpacking takes place beside parsing, and pipes, so that what has
    /// arrived is passed on while the next record is waited for.
    Ahead(Ahead),
}

/// Blocks that another thread reads.
pub(crate) struct Ahead {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    taken: usize,
    live: bool,
    ended: bool,
}

/// Together with the channel's depth: at most 1.25 MiB are read ahead.
const BLOCK_BYTES: usize = 256 << 10;
const BLOCKS_AHEAD: usize = 3;

impl Feed {
    /// Reads where it is called.
    pub(crate) fn here(read: BoxRead) -> Self {
        Self::Here(read)
    }

    /// Reads on a thread of its own. A `live` feed doesn't wait for more once it has something.
    pub(crate) fn ahead(read: BoxRead, live: bool) -> io::Result<Self> {
        let (send, blocks) = sync_channel(BLOCKS_AHEAD);
        // Nobody joins it: it ends by itself when its input does or when the receiver is gone.
        thread::Builder::new()
            .name("read-ahead".into())
            .spawn(move || read_ahead(read, &send))?;
        Ok(Self::Ahead(Ahead {
            blocks,
            block: Vec::new(),
            taken: 0,
            live,
            ended: false,
        }))
    }

    /// Appends at most `bytes` to the buffer, and says whether there may be more. Bytes before an
    /// error are appended, too.
    pub(crate) fn fill(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> io::Result<bool> {
        match self {
            Self::Here(read) => {
                let read = read.by_ref().take(bytes as u64).read_to_end(buffer)?;
                Ok(read == bytes)
            }
            Self::Ahead(ahead) => ahead.fill(buffer, bytes),
        }
    }
}

impl Ahead {
    fn fill(&mut self, buffer: &mut Vec<u8>, bytes: usize) -> io::Result<bool> {
        let full = buffer.len() + bytes;
        let before = buffer.len();
        if self.ended {
            return Ok(false);
        }
        loop {
            self.copy(buffer, full);
            if buffer.len() == full {
                return Ok(true);
            }
            let may_wait = !self.live || buffer.len() == before;
            match self.receive(may_wait) {
                Ok(block) => (self.block, self.taken) = (block?, 0),
                Err(TryRecvError::Empty) => return Ok(true),
                // The end is said by an empty block: silence is a thread that has died.
                Err(TryRecvError::Disconnected) => {
                    return Err(io::Error::other("the thread that reads has died"));
                }
            }
            if self.block.is_empty() {
                self.ended = true;
                return Ok(false);
            }
        }
    }

    fn copy(&mut self, buffer: &mut Vec<u8>, full: usize) {
        let end = self.block.len().min(self.taken + full - buffer.len());
        buffer.extend_from_slice(&self.block[self.taken..end]);
        self.taken = end;
    }

    fn receive(&self, may_wait: bool) -> Result<io::Result<Vec<u8>>, TryRecvError> {
        if may_wait {
            self.blocks.recv().map_err(|_| TryRecvError::Disconnected)
        } else {
            self.blocks.try_recv()
        }
    }
}

fn read_ahead(mut read: BoxRead, blocks: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let block = read_block(&mut read);
        let is_last = block.as_ref().map_or(true, Vec::is_empty);
        if blocks.send(block).is_err() || is_last {
            return;
        }
    }
}

fn read_block(read: &mut BoxRead) -> io::Result<Vec<u8>> {
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match read.read(&mut block) {
            Ok(bytes) => {
                block.truncate(bytes);
                return Ok(block);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn both_feeds_give_every_byte_in_order() {
        let input: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
        let read = || Box::new(Cursor::new(input.clone()));
        for mut feed in [Feed::here(read()), Feed::ahead(read(), false).unwrap()] {
            let mut buffer = Vec::new();
            while feed.fill(&mut buffer, 300_000).unwrap() {}
            assert_eq!(buffer, input);
        }
    }

    #[test]
    fn a_live_feed_passes_on_what_has_arrived() {
        let (read, mut write) = io::pipe().unwrap();
        let mut feed = Feed::ahead(Box::new(read), true).unwrap();
        let mut buffer = Vec::new();
        io::Write::write_all(&mut write, b"a\n").unwrap();
        assert!(feed.fill(&mut buffer, 1000).unwrap());
        assert_eq!(buffer, b"a\n");
    }
}
