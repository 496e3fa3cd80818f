//! What an input is, by its first bytes and its name.
//!
//! Content that can be nothing else decides first (a magic number), then the name, then what the
//! first line looks like.

use std::path::Path;

use crate::airbyte;
use crate::format::InputFormat;
use crate::singer;

/// How an input is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// Why the format can't be told, or can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unclear {
    /// What the content looks like.
    Seen(String),
    /// JSON, but not one object a line.
    NotJsonLines(&'static str),
}

/// What a file's name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// Without the extensions below.
    pub(crate) stem: String,
    pub(crate) format: Option<InputFormat>,
    pub(crate) compression: Option<Compression>,
}

pub(crate) const BOM: &[u8] = b"\xEF\xBB\xBF";
const ARROW_STREAM: &[u8] = b"\xFF\xFF\xFF\xFF";
/// Of the longest magic number of a compression.
pub(crate) const COMPRESSION_MAGIC_BYTES: usize = 4;

impl Compression {
    /// By the first bytes. A file that is named for a compression and too short to hold its magic
    /// number was cut off, and isn't plain.
    pub(crate) fn detect(head: &[u8], named: Option<Self>) -> Self {
        let is_zstd = |magic: &[u8]| {
            magic == b"\x28\xB5\x2F\xFD"
                || (magic[0] & 0xF0 == 0x50 && magic[1..] == *b"\x2A\x4D\x18")
        };
        if head.starts_with(b"\x1F\x8B") {
            Self::Gzip
        } else if head.get(..4).is_some_and(is_zstd) {
            Self::Zstd
        } else {
            named
                .filter(|named| named.magic().starts_with(head))
                .unwrap_or(Self::None)
        }
    }

    /// For messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "plain",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    fn magic(self) -> &'static [u8] {
        match self {
            Self::None => b"",
            Self::Gzip => b"\x1F\x8B",
            Self::Zstd => b"\x28\xB5\x2F\xFD",
        }
    }

    fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "gz" | "gzip" => Some(Self::Gzip),
            "zst" | "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

impl Name {
    pub(crate) fn of(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (rest, compression) = split(&name, Compression::of_extension);
        let (rest, format) = split(rest, InputFormat::of_extension);
        Self {
            stem: rest.to_owned(),
            format,
            compression,
        }
    }
}

/// The format of decompressed content that begins with `head`.
pub(crate) fn format(head: &[u8], named: Option<InputFormat>) -> Result<InputFormat, Unclear> {
    if let Some(format) = by_magic(head)? {
        return Ok(format);
    }
    let format = match named {
        Some(format) => format,
        None => by_first_line(head)?,
    };
    expect_lines(head, format)?;
    Ok(format)
}

/// Whether JSON lines can be JSON lines.
pub(crate) fn expect_lines(head: &[u8], format: InputFormat) -> Result<(), Unclear> {
    let text = text_of(head);
    if format != InputFormat::Jsonl {
        return Ok(());
    }
    if text.starts_with(b"[") {
        return Err(Unclear::NotJsonLines("it is one JSON array"));
    }
    if text.contains(&b'\n') && first_line(text).trim_ascii() == b"{" {
        return Err(Unclear::NotJsonLines("an object takes several lines"));
    }
    Ok(())
}

pub(crate) fn is_arrow_file(head: &[u8]) -> bool {
    head.starts_with(b"ARROW1")
}

fn by_magic(head: &[u8]) -> Result<Option<InputFormat>, Unclear> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if starts(b"PAR1") || starts(b"PARE") {
        return Ok(Some(InputFormat::Parquet));
    }
    if is_arrow_file(head) || starts(ARROW_STREAM) {
        return Ok(Some(InputFormat::Arrow));
    }
    if starts(b"FEA1") {
        return Err(seen("it is Feather version 1, and only version 2 is read"));
    }
    if starts(b"\xFF\xFE") || starts(b"\xFE\xFF") {
        return Err(seen("it is UTF-16, and only UTF-8 is read"));
    }
    Ok(None)
}

fn by_first_line(head: &[u8]) -> Result<InputFormat, Unclear> {
    let text = text_of(head);
    let line = first_line(text);
    if text.is_empty() {
        return Err(seen("it is empty"));
    }
    if line
        .iter()
        .any(|byte| byte.is_ascii_control() && *byte != b'\t' && *byte != b'\r')
    {
        return Err(Unclear::Seen(format!(
            "it begins with the bytes {}",
            hex(head)
        )));
    }
    if singer::is_message(line) {
        return Ok(InputFormat::Singer);
    }
    if airbyte::is_message(line) {
        return Ok(InputFormat::Airbyte);
    }
    if line.starts_with(b"{") || line.starts_with(b"[") {
        return Ok(InputFormat::Jsonl);
    }
    if line.contains(&b',') {
        return Ok(InputFormat::Csv);
    }
    if line.contains(&b'\t') {
        return Ok(InputFormat::Tsv);
    }
    Err(Unclear::Seen(format!(
        "its first line is {}",
        excerpt(line)
    )))
}

fn seen(what: &str) -> Unclear {
    Unclear::Seen(what.to_owned())
}

/// Takes off an extension that means something.
fn split<T>(name: &str, meaning: impl Fn(&str) -> Option<T>) -> (&str, Option<T>) {
    let found = name.rsplit_once('.').and_then(|(rest, extension)| {
        meaning(&extension.to_ascii_lowercase()).map(|meaning| (rest, Some(meaning)))
    });
    found.unwrap_or((name, None))
}

fn text_of(head: &[u8]) -> &[u8] {
    head.strip_prefix(BOM).unwrap_or(head).trim_ascii_start()
}

fn first_line(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

fn hex(head: &[u8]) -> String {
    head.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn excerpt(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let short: String = text.trim_end().chars().take(40).collect();
    format!("{short:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_before_the_name() {
        let check = |head: &[u8], named, expect| assert_eq!(format(head, named), Ok(expect));
        check(
            b"PAR1\x15\x04",
            Some(InputFormat::Csv),
            InputFormat::Parquet,
        );
        check(b"ARROW1\0\0", Some(InputFormat::Jsonl), InputFormat::Arrow);
        check(b"\xFF\xFF\xFF\xFF\x10\0\0\0", None, InputFormat::Arrow);
    }

    #[test]
    fn the_name_decides_before_the_first_line() {
        let check = |head: &[u8], named, expect| assert_eq!(format(head, Some(named)), Ok(expect));
        check(b"{,}\n", InputFormat::Csv, InputFormat::Csv);
        check(b"id\n1\n", InputFormat::Csv, InputFormat::Csv);
        check(b"", InputFormat::Jsonl, InputFormat::Jsonl);
    }

    #[test]
    fn the_first_line_decides_last() {
        let check = |head: &[u8], expect| assert_eq!(format(head, None), Ok(expect));
        check(b"{\"a\":1}\n", InputFormat::Jsonl);
        check(b"\xEF\xBB\xBF\n {\"a\":1}\n", InputFormat::Jsonl);
        check(b"a,b\r\n1,2\r\n", InputFormat::Csv);
        let schema = br#"{"type":"SCHEMA","stream":"s","schema":{},"key_properties":[]}"#;
        check(schema, InputFormat::Singer);
        check(br#"{"type":"STATE","value":{}}"#, InputFormat::Singer);
        check(br#"{"type":"RECORD","id":1}"#, InputFormat::Jsonl);
        let record = br#"{"type":"RECORD","record":{"stream":"s","data":{}}}"#;
        check(record, InputFormat::Airbyte);
        check(br#"{"type":"LOG","log":{}}"#, InputFormat::Airbyte);
        check(b"a\tb\n", InputFormat::Tsv);
    }

    #[test]
    fn what_is_unclear_says_what_was_seen() {
        let check = |head: &[u8], expect: &str| {
            assert_eq!(format(head, None), Err(Unclear::Seen(expect.into())));
        };
        check(b"", "it is empty");
        check(b"id\n1\n", "its first line is \"id\"");
        check(b"\x7FELF\x02\x01", "it begins with the bytes 7f454c460201");
        check(b"\xFF\xFEa\0", "it is UTF-16, and only UTF-8 is read");
        check(
            b"FEA1\0",
            "it is Feather version 1, and only version 2 is read",
        );
    }

    #[test]
    fn json_over_several_lines_is_no_json_lines() {
        let check = |head: &[u8], expect| {
            assert_eq!(
                format(head, Some(InputFormat::Jsonl)),
                Err(Unclear::NotJsonLines(expect)),
            );
        };
        check(b"[\n  {}\n]", "it is one JSON array");
        check(b"\xEF\xBB\xBF[{}]", "it is one JSON array");
        check(b"{\n  \"a\": 1\n}\n", "an object takes several lines");
    }

    #[test]
    fn compression_by_content_and_for_a_stump_by_name() {
        let check = |head: &[u8], named, expect| {
            assert_eq!(
                Compression::detect(head, named),
                expect,
                "{head:?} {named:?}"
            );
        };
        check(b"\x1F\x8B\x08\0", None, Compression::Gzip);
        check(b"\x28\xB5\x2F\xFD", None, Compression::Zstd);
        check(b"\x50\x2A\x4D\x18", None, Compression::Zstd);
        check(b"a,b\n", Some(Compression::Gzip), Compression::None);
        check(b"", Some(Compression::Gzip), Compression::Gzip);
        check(b"\x28", Some(Compression::Zstd), Compression::Zstd);
        check(b"", None, Compression::None);
    }

    #[test]
    fn a_name_tells_stem_format_and_compression() {
        let check = |path: &str, stem: &str, format, compression| {
            assert_eq!(
                Name::of(Path::new(path)),
                Name {
                    stem: stem.into(),
                    format,
                    compression
                },
                "{path}"
            );
        };
        let (gzip, zstd) = (Some(Compression::Gzip), Some(Compression::Zstd));
        check("in/flights.csv.gz", "flights", Some(InputFormat::Csv), gzip);
        check("a.NDJSON.ZST", "a", Some(InputFormat::Jsonl), zstd);
        check(
            "sales.2024.parquet",
            "sales.2024",
            Some(InputFormat::Parquet),
            None,
        );
        check("a.feather", "a", Some(InputFormat::Arrow), None);
        check("log.gz", "log", None, gzip);
        check("notes.txt", "notes.txt", None, None);
        check(".csv", "", Some(InputFormat::Csv), None);
    }
}
