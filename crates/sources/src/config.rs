//! What a user says about the input.

use std::sync::Arc;
use std::time::Duration;

use spile_core::{Selection, StreamName};

use crate::airbyte::AirbyteConfig;
use crate::format::InputFormat;
use crate::objects::Objects;
use crate::singer::SingerConfig;

/// Which inputs to read, and how.
#[derive(Clone, Debug)]
pub struct InputConfig {
    /// Files, globs, or `-` for stdin, read in this order. What a glob matches is sorted by name;
    /// a file that is named more than once is read once.
    pub paths: Vec<String>,
    /// The format of every input; by default each is detected.
    pub format: Option<InputFormat>,
    /// The stream of every record; by default each file is named for its own (`flights.csv.gz`
    /// holds `flights`).
    pub stream: Option<StreamName>,
    /// The streams that are loaded. The others of an input that names its streams itself are read all
    /// the same, but nothing has to be known of them: not even their schemas.
    pub selection: Selection,
    /// How CSV is written.
    pub csv: CsvInputConfig,
    /// How a tap's messages are read.
    pub singer: SingerConfig,
    /// How the messages of a source of Airbyte are.
    pub airbyte: AirbyteConfig,
    /// Reads the objects that messages name; where nothing does, none can be.
    pub objects: Option<Arc<dyn Objects>>,
    /// About how many bytes of text go into a batch: 1 MiB.
    pub batch_bytes: usize,
    /// The longest record that is read: 64 MiB. One that is longer is an error, so that no input
    /// can take up all memory. 512 MiB is the most.
    pub record_bytes_max: usize,
    /// How long a pipe may pause before its first records are passed on without a whole batch: a
    /// second. They wait no longer than ten times that in all, and later ones a tenth of it.
    pub pipe_pause: Duration,
}

/// How a CSV input is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvInputConfig {
    /// The byte between fields, ASCII; by default a tab in `.tsv` files and a comma elsewhere.
    pub delimiter: Option<u8>,
    /// The byte around fields, ASCII; `None` where quotes have no meaning.
    pub quote: Option<u8>,
    /// Texts that stand for an absent value where they aren't quoted. By default the empty one
    /// alone: a bare empty field is null and `""` is an empty text.
    pub null: Vec<String>,
    /// Whether the first row names the columns; otherwise they are `column_1`, `column_2`, ….
    pub header: bool,
}

/// Positions in a text take 30 bits, and there may be a batch above the longest record.
const BYTES_CEILING: usize = 1 << 29;

impl Default for InputConfig {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            format: None,
            stream: None,
            selection: Selection::default(),
            csv: CsvInputConfig::default(),
            singer: SingerConfig::default(),
            airbyte: AirbyteConfig::default(),
            objects: None,
            batch_bytes: 1 << 20,
            record_bytes_max: 64 << 20,
            pipe_pause: Duration::from_secs(1),
        }
    }
}

impl Default for CsvInputConfig {
    fn default() -> Self {
        Self {
            delimiter: None,
            quote: Some(b'"'),
            null: vec![String::new()],
            header: true,
        }
    }
}

/// Sizes that hold for every reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) batch_bytes: usize,
    pub(crate) record_bytes_max: usize,
}

impl InputConfig {
    pub(crate) fn sizes(&self) -> Sizes {
        Sizes {
            batch_bytes: self.batch_bytes.clamp(1, BYTES_CEILING),
            record_bytes_max: self.record_bytes_max.clamp(1, BYTES_CEILING),
        }
    }
}

impl CsvInputConfig {
    /// What makes it impossible to read by, if anything.
    pub(crate) fn fault(&self) -> Option<String> {
        let unfit = |byte: u8| !byte.is_ascii() || byte == b'\n' || byte == b'\r';
        if self.delimiter.is_some_and(unfit) {
            return Some("the delimiter must be one ASCII character and no line break".into());
        }
        if self.quote.is_some_and(unfit) {
            return Some("the quote must be one ASCII character and no line break".into());
        }
        let same = self.quote.is_some() && self.quote == self.delimiter;
        same.then(|| "the delimiter and the quote are the same character".into())
    }
}
