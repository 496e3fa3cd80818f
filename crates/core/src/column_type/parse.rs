//! Text to column types.

use std::fmt;
use std::str::FromStr;

use arrow::datatypes::Field;

use super::{ColumnType, ColumnTypeError, PLAIN};
use crate::json::DEPTH_MAX;

/// What stands between and around names.
const MARKS: [char; 4] = ['(', ')', ',', '"'];
/// Types with arguments.
const NESTED: [&str; 3] = ["decimal(p, s)", "list(T)", "struct(name T, …)"];
/// What others call some types.
const ELSEWHERE: [(&str, &str); 20] = [
    ("string", "text"),
    ("varchar", "text"),
    ("utf8", "text"),
    ("boolean", "bool"),
    ("int", "int64"),
    ("integer", "int64"),
    ("bigint", "int64"),
    ("long", "int64"),
    ("smallint", "int16"),
    ("float", "float64"),
    ("double", "float64"),
    ("real", "float32"),
    ("number", "decimal(p, s)"),
    ("numeric", "decimal(p, s)"),
    ("datetime", "timestamp"),
    ("timestamptz", "timestamp_utc"),
    ("bytes", "binary"),
    ("array", "list(T)"),
    ("object", "struct(name T, …)"),
    ("record", "struct(name T, …)"),
];

/// Reads columns with their types, separated by commas: `id int64, "unit price" decimal(18, 2)`.
///
/// A name is quoted where white space, a comma, a parenthesis or a quote is in it; a quote in it is
/// doubled. Every column can be null.
///
/// # Errors
/// The first thing that is wrong. No columns at all are wrong too.
pub fn parse_columns(text: &str) -> Result<Vec<Field>, ColumnTypeError> {
    let mut parser = Parser::new(text);
    let columns = parser.columns()?;
    parser.end("a comma or the end")?;
    Ok(columns)
}

impl FromStr for ColumnType {
    type Err = ColumnTypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parser = Parser::new(text);
        let column_type = parser.column_type()?;
        parser.end("the end")?;
        Ok(column_type)
    }
}

/// A column's name, in quotes where it needs them.
pub(super) struct Name<'a>(pub(super) &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() || self.0.contains(ends_word) {
            return write!(f, "\"{}\"", self.0.replace('"', "\"\""));
        }
        f.write_str(self.0)
    }
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || MARKS.contains(&c)
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let (rest, depth) = (text, 0);
        Self { text, rest, depth }
    }

    fn columns(&mut self) -> Result<Vec<Field>, ColumnTypeError> {
        let mut columns: Vec<Field> = Vec::new();
        loop {
            let name = self.name()?;
            if columns.iter().any(|column| *column.name() == name) {
                return Err(ColumnTypeError::Twice { name });
            }
            columns.push(self.column_type()?.field(&name));
            if !self.takes(',') {
                return Ok(columns);
            }
        }
    }

    fn name(&mut self) -> Result<String, ColumnTypeError> {
        if !self.takes('"') {
            return Ok(self.word("a column's name")?.to_owned());
        }
        let mut name = String::new();
        loop {
            let Some((part, rest)) = self.rest.split_once('"') else {
                self.rest = "";
                return Err(self.expected("the quote behind a name"));
            };
            name.push_str(part);
            self.rest = rest;
            // Only a quote that follows at once is a doubled one.
            match self.rest.strip_prefix('"') {
                Some(rest) => (self.rest, _) = (rest, name.push('"')),
                None => return Ok(name),
            }
        }
    }

    fn column_type(&mut self) -> Result<ColumnType, ColumnTypeError> {
        let word = self.word("a column's type")?;
        match word {
            "decimal" => self.decimal(),
            "list" => self.inside(|parser| Ok(ColumnType::list(&parser.column_type()?))),
            "struct" => self.inside(|parser| Ok(ColumnType::structure(parser.columns()?))),
            _ => ColumnType::plain(word).ok_or_else(|| unknown(word)),
        }
    }

    fn decimal(&mut self) -> Result<ColumnType, ColumnTypeError> {
        self.inside(|parser| {
            let digits = parser.number()?;
            parser.expect(',', "a comma and the number of places")?;
            let places = parser.number()?;
            ColumnType::decimal(digits, places).ok_or(ColumnTypeError::Decimal { digits, places })
        })
    }

    fn number(&mut self) -> Result<u8, ColumnTypeError> {
        let before = self.rest;
        self.word("a number")?.parse().map_err(|_| {
            self.rest = before;
            self.expected("a number up to 76")
        })
    }

    /// Reads what stands in parentheses.
    fn inside<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ColumnTypeError>,
    ) -> Result<T, ColumnTypeError> {
        if self.depth == DEPTH_MAX {
            return Err(ColumnTypeError::TooDeep);
        }
        self.depth += 1;
        self.expect('(', "an opening parenthesis")?;
        let read = read(self)?;
        self.expect(')', "a closing parenthesis")?;
        self.depth -= 1;
        Ok(read)
    }

    fn word(&mut self, expected: &'static str) -> Result<&'a str, ColumnTypeError> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(ends_word).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.expected(expected));
        }
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(word)
    }

    fn takes(&mut self, mark: char) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, mark: char, expected: &'static str) -> Result<(), ColumnTypeError> {
        if self.takes(mark) {
            return Ok(());
        }
        Err(self.expected(expected))
    }

    fn end(&mut self, expected: &'static str) -> Result<(), ColumnTypeError> {
        match self.rest.trim_start() {
            "" => Ok(()),
            _ => Err(self.expected(expected)),
        }
    }

    /// What is wrong where the text isn't read yet.
    fn expected(&self, expected: &'static str) -> ColumnTypeError {
        let rest = self.rest.trim_start();
        let end = rest.find(ends_word).unwrap_or(rest.len());
        let mark = rest.chars().next().map_or(0, char::len_utf8);
        let found = match &rest[..end.max(mark)] {
            "" => "the end".to_owned(),
            found => format!("`{found}`"),
        };
        let text = self.text.to_owned();
        ColumnTypeError::Expected {
            text,
            expected,
            found,
        }
    }
}

fn unknown(word: &str) -> ColumnTypeError {
    let lower = word.to_lowercase();
    let elsewhere = ELSEWHERE.into_iter().find(|(name, _)| *name == lower);
    let distance = |known: &&str| {
        let name = known.split('(').next().unwrap_or_default();
        strsim::damerau_levenshtein(name, &lower)
    };
    let known = PLAIN.into_iter().chain(NESTED);
    let near = known.min_by_key(distance);
    let near = near.filter(|near| distance(near) <= 1 + lower.len() / 3);
    ColumnTypeError::Unknown {
        word: word.to_owned(),
        nearest: elsewhere.map(|(_, ours)| ours).or(near),
    }
}
