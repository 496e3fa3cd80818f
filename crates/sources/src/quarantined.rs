//! Records that were set aside by an earlier run, read back: each line is unwrapped, so that whoever
//! has mended a record in place can load it.

use bytes::Bytes;
use memchr::memchr_iter;
use spile_core::json::{self, Checker};
use spile_core::{QUARANTINE_SCHEMA, QuarantinedRecord, Span, StreamName};

use crate::detect::BOM;
use crate::jsonl::{Framed, check, trim};
use crate::lines::Utf8;
use crate::reader::REJECTED_MAX;

/// Whether the first line of a text, or as much as there is of it, is a record that was set aside.
pub(crate) fn is_quarantined(text: &[u8]) -> bool {
    text_at(first_line(text), "schema").is_some_and(|schema| schema == QUARANTINE_SCHEMA)
}

/// The stream of the first line, where that is a record that was set aside.
pub(crate) fn stream_of(text: &[u8]) -> Option<StreamName> {
    if !is_quarantined(text) {
        return None;
    }
    let line = first_line(text);
    Some(StreamName {
        namespace: text_at(line, "namespace").map(Into::into),
        name: text_at(line, "stream")
            .filter(|name| !name.is_empty())?
            .into(),
    })
}

/// Unwraps the records in whole lines of text. `stream` is what they have to be of, where it isn't
/// said otherwise. The text that is returned has as many lines.
pub(crate) fn frame(
    block: &Bytes,
    first_line: u64,
    record_bytes_max: usize,
    stream: Option<&StreamName>,
) -> (Bytes, Framed) {
    let mut framed = Framed {
        line: first_line,
        ..Framed::default()
    };
    let (mut text, mut start, mut line) = (Vec::with_capacity(block.len()), 0, first_line);
    let unended = (block.last() != Some(&b'\n')).then_some(block.len());
    for end in memchr_iter(b'\n', block).chain(unended) {
        let Span {
            start: from,
            end: to,
        } = trim(block, start, end);
        framed.lines += 1;
        let wrapped = &block[from as usize..to as usize];
        if !wrapped.is_empty() {
            match unwrap(wrapped, record_bytes_max, stream) {
                Ok(record) => {
                    // What is unwrapped is shorter than its line.
                    let start = text.len() as u32;
                    text.extend_from_slice(&record);
                    let end = text.len() as u32;
                    framed.add(Span { start, end }, line, 1);
                }
                Err((record, cause)) => framed.reject(line, &record, cause, record_bytes_max),
            }
        }
        text.push(b'\n');
        if framed.bad.len() == REJECTED_MAX {
            framed.next = Some(block.len().min(end + 1));
            break;
        }
        (start, line) = (end + 1, line + 1);
    }
    (text.into(), framed)
}

/// The record in a line, or what is to be set aside again, and why.
fn unwrap(
    line: &[u8],
    record_bytes_max: usize,
    stream: Option<&StreamName>,
) -> Result<Bytes, (Bytes, String)> {
    let whole = |cause: String| (Bytes::copy_from_slice(line), cause);
    let wrapped: QuarantinedRecord = match is_quarantined(line) {
        true => serde_json::from_slice(line).map_err(|error| whole(error.to_string()))?,
        // Whoever mends a record may take it out of its wrapping.
        false => {
            let record = check_alone(line, record_bytes_max).map_err(whole);
            return record.map(|()| Bytes::copy_from_slice(line));
        }
    };
    let text = wrapped.bytes().map_err(whole)?;
    let own = wrapped.stream_name();
    if let (Some(expected), Some(own)) = (stream, &own)
        && expected != own
    {
        let cause = format!("it is of stream {own}, and the first of its input is of {expected}");
        return Err((text.into(), cause));
    }
    let record = text.trim_ascii();
    match check_alone(record, record_bytes_max) {
        Ok(()) if !record.contains(&b'\n') => Ok(Bytes::copy_from_slice(record)),
        Ok(()) => Err((text.into(), "its text takes several lines".to_owned())),
        Err(cause) => {
            let cause = format!("its text is no JSON object: {cause}");
            Err((text.into(), cause))
        }
    }
}

fn check_alone(record: &[u8], record_bytes_max: usize) -> Result<(), String> {
    let text = Utf8::of(record);
    check(
        &text,
        0..record.len(),
        record_bytes_max,
        &mut Checker::default(),
    )
}

fn first_line(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(BOM).unwrap_or(text).trim_ascii_start();
    text.split(|byte| *byte == b'\n').next().unwrap_or_default()
}

fn text_at(line: &[u8], field: &str) -> Option<String> {
    let value = json::find(line, &json::Path::parse(field))?;
    json::unescape(value).map(|text| text.into_owned())
}
