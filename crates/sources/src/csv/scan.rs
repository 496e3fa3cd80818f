//! Cuts CSV text into rows and fields (RFC 4180, strictly).

use super::marks::Marks;

/// The bytes that have a meaning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    pub(crate) quote: Option<u8>,
}

/// A field of the text, without the quotes around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    start: u32,
    /// The upper two bits are the kind: a text is shorter than 1 GiB.
    end: u32,
}

/// How a field was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bare,
    Quoted,
    /// In quotes, with doubled ones inside.
    Escaped,
}

/// Where a scan came to an end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    /// Where the next row begins.
    pub(crate) at: usize,
    pub(crate) fault: Option<Fault>,
}

/// What is wrong with a row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where.
    pub(crate) at: usize,
    pub(crate) kind: FaultKind,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// The row has this number of fields. It was left out, and the ones after it can be read.
    Ragged(usize),
    /// A quote that is opened at the fault's place and not closed up to the end of the input.
    Unclosed,
    /// Text between a closing quote and the next delimiter.
    AfterQuote,
    /// A quote inside of a field that doesn't begin with one.
    StrayQuote,
}

/// Scans rows from `from` on, each of `width` fields, and appends their fields row by row. Rows
/// that the text doesn't hold to their end are left out unless the text `is_whole`. Without a width
/// it scans one row.
pub(crate) fn scan(
    text: &[u8],
    from: usize,
    is_whole: bool,
    dialect: Dialect,
    width: Option<usize>,
    fields: &mut Vec<Field>,
) -> Stop {
    let scan = Scan {
        text,
        dialect,
        width,
        fields,
        row: Row {
            at: from,
            fields: 0,
        },
        start: from,
    };
    scan.run(is_whole)
}

const KIND_SHIFT: u32 = 30;

impl Field {
    pub(crate) fn new(start: usize, end: usize, kind: Kind) -> Self {
        Self {
            start: start as u32,
            end: end as u32 | (kind as u32) << KIND_SHIFT,
        }
    }

    pub(crate) fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) fn end(self) -> usize {
        (self.end & !(3 << KIND_SHIFT)) as usize
    }

    pub(crate) fn kind(self) -> Kind {
        match self.end >> KIND_SHIFT {
            0 => Kind::Bare,
            1 => Kind::Quoted,
            _ => Kind::Escaped,
        }
    }
}

struct Scan<'a> {
    text: &'a [u8],
    dialect: Dialect,
    width: Option<usize>,
    fields: &'a mut Vec<Field>,
    row: Row,
    /// Of the field.
    start: usize,
}

/// Where the current row began, in the text and in `fields`.
struct Row {
    at: usize,
    fields: usize,
}

/// Where in a field the scan is.
#[derive(Clone, Copy)]
enum State {
    Bare,
    Quoted {
        escaped: bool,
    },
    /// After a quote that closes the field if no other follows.
    Closed {
        at: usize,
        escaped: bool,
    },
}

/// Whether to go on after a row.
enum Next {
    Row,
    Stop(Option<Fault>),
}

impl Scan<'_> {
    fn run(mut self, is_whole: bool) -> Stop {
        self.row.fields = self.fields.len();
        let Dialect { delimiter, quote } = self.dialect;
        let mut state = State::Bare;
        for at in Marks::new(
            self.text,
            self.row.at,
            [delimiter, b'\n', quote.unwrap_or(b'\n')],
        ) {
            let byte = self.text[at];
            let ends_row = match state {
                State::Bare if byte == delimiter => {
                    self.push_bare(at);
                    continue;
                }
                State::Bare if byte == b'\n' => {
                    self.push_bare(self.before_line_end(at));
                    true
                }
                State::Bare if at == self.start => {
                    state = State::Quoted { escaped: false };
                    continue;
                }
                State::Bare => return self.fail(at, FaultKind::StrayQuote),
                State::Quoted { escaped } => {
                    if Some(byte) == quote {
                        state = State::Closed { at, escaped };
                    }
                    continue;
                }
                State::Closed { at: close, .. } if at == close + 1 && Some(byte) == quote => {
                    state = State::Quoted { escaped: true };
                    continue;
                }
                State::Closed { at: close, escaped } => {
                    let ends_row = byte == b'\n';
                    let end = if ends_row {
                        self.before_line_end(at)
                    } else {
                        at
                    };
                    if end != close + 1 || Some(byte) == quote {
                        return self.fail(close + 1, FaultKind::AfterQuote);
                    }
                    self.push_quoted(close, escaped);
                    state = State::Bare;
                    ends_row
                }
            };
            self.start = at + 1;
            if ends_row && let Next::Stop(fault) = self.end_row(at + 1) {
                return Stop {
                    at: self.row.at,
                    fault,
                };
            }
        }
        if is_whole {
            self.finish(state)
        } else {
            self.stop(None)
        }
    }

    #[inline(always)]
    fn push_bare(&mut self, end: usize) {
        // A carriage return at the end of the line may stand alone in it.
        self.fields
            .push(Field::new(self.start, end.max(self.start), Kind::Bare));
        self.start = end + 1;
    }

    fn push_quoted(&mut self, close: usize, escaped: bool) {
        let kind = if escaped { Kind::Escaped } else { Kind::Quoted };
        self.fields.push(Field::new(self.start + 1, close, kind));
    }

    fn before_line_end(&self, at: usize) -> usize {
        let is_crlf = at > self.start && self.text[at - 1] == b'\r';
        at - usize::from(is_crlf)
    }

    /// A row's fields are complete; the next one begins at `next`.
    fn end_row(&mut self, next: usize) -> Next {
        let count = self.fields.len() - self.row.fields;
        let at = std::mem::replace(&mut self.row.at, next);
        if self.width == Some(count) {
            self.row.fields = self.fields.len();
            return Next::Row;
        }
        let is_blank = count == 1 && self.fields.last().is_some_and(is_empty);
        if is_blank {
            self.fields.truncate(self.row.fields);
            return Next::Row;
        }
        if self.width.is_none() {
            return Next::Stop(None);
        }
        self.fields.truncate(self.row.fields);
        Next::Stop(Some(Fault {
            at,
            kind: FaultKind::Ragged(count),
        }))
    }

    /// The input ends here, with or without a line break.
    fn finish(mut self, state: State) -> Stop {
        let end = self.text.len();
        if self.row.at >= end {
            return self.stop(None);
        }
        match state {
            State::Bare => self.push_bare(end),
            State::Quoted { .. } => {
                let opening = self.start;
                return self.fail(opening, FaultKind::Unclosed);
            }
            State::Closed { at, escaped } if at + 1 == end => self.push_quoted(at, escaped),
            State::Closed { at, .. } => return self.fail(at + 1, FaultKind::AfterQuote),
        }
        match self.end_row(end) {
            Next::Row => self.stop(None),
            Next::Stop(fault) => Stop {
                at: self.row.at,
                fault,
            },
        }
    }

    fn fail(self, at: usize, kind: FaultKind) -> Stop {
        self.stop(Some(Fault { at, kind }))
    }

    /// Leaves out the row that is begun.
    fn stop(self, fault: Option<Fault>) -> Stop {
        self.fields.truncate(self.row.fields);
        Stop {
            at: self.row.at,
            fault,
        }
    }
}

fn is_empty(field: &Field) -> bool {
    field.kind() == Kind::Bare && field.start() == field.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALECT: Dialect = Dialect {
        delimiter: b',',
        quote: Some(b'"'),
    };

    /// The fields as they stand between quotes, `!` before those that were quoted.
    fn fields(text: &str, width: usize) -> (Vec<String>, Option<FaultKind>) {
        let mut fields = Vec::new();
        let stop = scan(text.as_bytes(), 0, true, DIALECT, Some(width), &mut fields);
        let show = |field: &Field| {
            let mark = if field.kind() == Kind::Bare { "" } else { "!" };
            format!("{mark}{}", &text[field.start()..field.end()])
        };
        (
            fields.iter().map(show).collect(),
            stop.fault.map(|fault| fault.kind),
        )
    }

    #[test]
    fn rows_are_cut_into_fields() {
        let check = |text, width, expect: &[&str]| {
            let (fields, fault) = fields(text, width);
            assert_eq!(
                (fields, fault),
                (expect.iter().map(ToString::to_string).collect(), None)
            );
        };
        check("a,b\nc,d\n", 2, &["a", "b", "c", "d"]);
        check("a,b\r\nc,d", 2, &["a", "b", "c", "d"]);
        check(",\n", 2, &["", ""]);
        check("\"\",\n", 2, &["!", ""]);
        check("\"a,b\",\"c\nd\"\n", 2, &["!a,b", "!c\nd"]);
        check("\"a\"\"b\",\"\"\"\"\r\n", 2, &["!a\"\"b", "!\"\""]);
        check("\"a\r\n\",b\r\n", 2, &["!a\r\n", "b"]);
        check("a,\"b\"", 2, &["a", "!b"]);
        check("\n\r\na,b\n\n", 2, &["a", "b"]);
        check("a\n\n\"\"\n\r\n", 1, &["a", "", "!", ""]);
        check("a\rb,c\n", 2, &["a\rb", "c"]);
        check("", 2, &[]);
    }

    #[test]
    fn rows_before_a_fault_are_kept() {
        let check = |text, expect| {
            assert_eq!(
                fields(text, 2),
                (vec!["a".into(), "b".into()], Some(expect)),
                "{text}"
            );
        };
        check("a,b\nc\n", FaultKind::Ragged(1));
        check("a,b\nc,d,e\n", FaultKind::Ragged(3));
        check("a,b\nc,d,", FaultKind::Ragged(3));
        check("a,b\n\"\"\n", FaultKind::Ragged(1));
        check("a,b\n\"c,d\n", FaultKind::Unclosed);
        check("a,b\nc,\"d\"\"\n", FaultKind::Unclosed);
        check("a,b\n\"c\"x,d\n", FaultKind::AfterQuote);
        check("a,b\n\"c\" \"d\",d\n", FaultKind::AfterQuote);
        check("a,b\nc,\"d\"\r", FaultKind::AfterQuote);
        check("a,b\nc\",d\n", FaultKind::StrayQuote);
        check("a,b\n \"c\",d\n", FaultKind::StrayQuote);
    }

    #[test]
    fn a_row_that_is_cut_off_is_left_for_more_text() {
        for text in [
            "a,b\nc",
            "a,b\nc,d",
            "a,b\n\"c,d\n",
            "a,b\n\"c\",\"",
            "a,b\n",
        ] {
            let mut fields = Vec::new();
            let stop = scan(text.as_bytes(), 0, false, DIALECT, Some(2), &mut fields);
            assert_eq!(
                (stop, fields.len()),
                (Stop { at: 4, fault: None }, 2),
                "{text}"
            );
        }
    }
}
