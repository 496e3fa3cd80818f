//! What a source has to say.

use fastrand::Rng;
use spile_core::Generations;

/// The streams of a source, and what there is of each, in its order.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) events: Vec<Event>,
}

/// What checkpoints are about: one stream each, all, or some about either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Stream,
    All,
    Either,
}

#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A stream is declared, with columns of this number.
    Declare {
        stream: usize,
        column: usize,
    },
    Record(Record),
    Checkpoint {
        stream: Option<usize>,
        supersedes: bool,
        /// How long its text is at least.
        pad: usize,
    },
    Activate {
        stream: usize,
        generations: Generations,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) stream: usize,
    /// Counted from 0 within its stream.
    pub(crate) number: usize,
    pub(crate) generation: Option<i64>,
    pub(crate) day: usize,
    /// Which of its columns depend on the declaration.
    pub(crate) column: usize,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Good,
    /// It lacks its cursor.
    Astray,
    /// The source can't read it.
    Unread,
}

pub(crate) const STREAMS: [&str; 3] = ["a", "b", "c"];

/// What a script is drawn by.
struct Author<'a> {
    random: &'a mut Rng,
    streams: usize,
    scope: Scope,
    /// Of a hundred checkpoints, how many take the place of those before them.
    supersede_rate: u32,
    has_bad: bool,
    has_generations: bool,
    pad: usize,
    numbers: [usize; STREAMS.len()],
    columns: [usize; STREAMS.len()],
    generations: [i64; STREAMS.len()],
    events: Vec<Event>,
}

impl Script {
    pub(crate) fn of(random: &mut Rng) -> Self {
        let mut author = Author {
            streams: random.usize(1..=STREAMS.len()),
            scope: [Scope::Stream, Scope::All, Scope::Either][random.usize(..3)],
            supersede_rate: [0, 0, 50, 100][random.usize(..4)],
            has_bad: random.u8(..3) == 0,
            has_generations: random.u8(..3) == 0,
            pad: if random.u8(..40) == 0 { 400 << 10 } else { 0 },
            numbers: Default::default(),
            columns: Default::default(),
            generations: Default::default(),
            events: Vec::new(),
            random,
        };
        author.write();
        Self {
            events: author.events,
        }
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.events.iter().filter_map(|event| match event {
            Event::Record(record) => Some(record),
            _ => None,
        })
    }

    /// Whether a record is of a generation that counts when all is said.
    pub(crate) fn counts(&self, record: &Record) -> bool {
        let mut activated = self.events.iter().filter_map(|event| match event {
            Event::Activate {
                stream,
                generations,
            } if *stream == record.stream => Some(generations),
            _ => None,
        });
        activated.next_back().is_none_or(|counts| match counts {
            Generations::From(first) | Generations::FromAndUnnumbered(first) => {
                record.generation.is_none_or(|it| it >= *first)
            }
            _ => true,
        })
    }
}

impl Author<'_> {
    fn write(&mut self) {
        for stream in 0..self.streams {
            self.declare(stream);
        }
        for _ in 0..self.random.usize(1..60) {
            match self.random.u8(..100) {
                0..70 => self.record(),
                70..92 => self.checkpoint(),
                92..97 => {
                    let stream = self.random.usize(..self.streams);
                    self.columns[stream] += self.random.usize(..2);
                    self.declare(stream);
                }
                _ => self.generations[self.random.usize(..self.streams)] += 1,
            }
        }
        if self.has_generations && self.random.bool() {
            (0..self.streams).for_each(|stream| self.activate(stream));
        }
        if self.random.u8(..4) > 0 {
            self.last_checkpoints();
        }
    }

    fn declare(&mut self, stream: usize) {
        let column = self.columns[stream];
        self.events.push(Event::Declare { stream, column });
    }

    fn record(&mut self) {
        let stream = self.random.usize(..self.streams);
        let number = self.numbers[stream];
        self.numbers[stream] += 1;
        let kind = match self.random.u8(..12) {
            0 if self.has_bad => Kind::Astray,
            1 if self.has_bad => Kind::Unread,
            _ => Kind::Good,
        };
        self.events.push(Event::Record(Record {
            stream,
            number,
            generation: self.has_generations.then(|| self.generations[stream]),
            day: self.random.usize(1..4),
            column: self.columns[stream],
            kind,
        }));
    }

    fn checkpoint(&mut self) {
        let is_of_stream = match self.scope {
            Scope::Stream => true,
            Scope::All => false,
            Scope::Either => self.random.bool(),
        };
        let stream = is_of_stream.then(|| self.random.usize(..self.streams));
        self.say(stream);
    }

    fn say(&mut self, stream: Option<usize>) {
        let supersedes = self.random.u32(..100) < self.supersede_rate;
        let pad = self.pad;
        self.events.push(Event::Checkpoint {
            stream,
            supersedes,
            pad,
        });
    }

    fn activate(&mut self, stream: usize) {
        let last = self.generations[stream];
        let kinds = [
            Generations::From(last),
            Generations::FromAndUnnumbered(last),
            Generations::OfRun,
        ];
        let generations = kinds[self.random.usize(..2)];
        self.events.push(Event::Activate {
            stream,
            generations,
        });
    }

    fn last_checkpoints(&mut self) {
        match self.scope {
            Scope::Stream => (0..self.streams).for_each(|stream| self.say(Some(stream))),
            Scope::All | Scope::Either => self.say(None),
        }
    }
}
