//! What comes of an input doesn't depend on where it is cut into batches.

use proptest::prelude::*;
use spile_core::Message;

use super::{SCHEMA_A, SCHEMA_B, config, messages, records};
use crate::{InputConfig, SingerConfig};

/// A message that a tap may write, and which a property needs no more of than its kind.
#[derive(Clone, Debug)]
enum Line {
    Blank,
    Schema(usize, bool),
    Record(usize, Option<i64>),
    State,
    Activate(usize, i64),
    Wrong,
}

const STREAMS: [&str; 3] = ["a", "b", "\\u0061"];

impl Line {
    /// Its text, where it is the message of a line.
    fn text(&self, number: usize) -> String {
        match self {
            Self::Blank => "  ".to_owned(),
            Self::Schema(stream, is_other) => {
                let known = if *is_other { "{\"n\":{}}" } else { "{}" };
                [SCHEMA_A, SCHEMA_B][stream % 2].replace("{}", known)
            }
            Self::Record(stream, version) => {
                let version = version.map(|it| format!(r#","version":{it}"#));
                let (name, version) = (STREAMS[*stream], version.unwrap_or_default());
                format!(
                    r#" {{"type":"RECORD","stream":"{name}","record":{{"n":{number}}}{version}}}"#
                )
            }
            Self::State => super::state(&number.to_string()),
            Self::Activate(stream, version) => super::activate(STREAMS[*stream], *version),
            Self::Wrong => "{\"type\":\"RECORD\"".to_owned(),
        }
    }
}

fn line() -> impl Strategy<Value = Line> {
    let (stream, version) = (0..STREAMS.len(), 1..3_i64);
    prop_oneof![
        1 => Just(Line::Blank),
        2 => (0..2_usize, any::<bool>()).prop_map(|(stream, other)| Line::Schema(stream, other)),
        12 => (stream.clone(), prop::option::of(version.clone()))
            .prop_map(|(stream, version)| Line::Record(stream, version)),
        3 => Just(Line::State),
        2 => (stream, version).prop_map(|(stream, version)| Line::Activate(stream, version)),
    ]
}

/// Messages behind the schemas of their streams; some are wrong at the end.
fn tap() -> impl Strategy<Value = Vec<Line>> {
    let wrong = prop::option::weighted(0.2, Just(Line::Wrong));
    (prop::collection::vec(line(), 0..60), wrong).prop_map(|(lines, wrong)| {
        let schemas = [Line::Schema(0, false), Line::Schema(1, false)];
        schemas.into_iter().chain(lines).chain(wrong).collect()
    })
}

/// A stream, a version of it, and its records by their lines.
type Records = (String, Option<i64>, Vec<(u64, String)>);

/// What the reader has said, record by record.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// Of each stream and version, in their order.
    records: Vec<Records>,
    /// All else, each behind how many records were said before it.
    others: Vec<(usize, String)>,
    error: Option<String>,
}

fn said(config: &InputConfig, input: &[u8]) -> Said {
    let (messages, error) = messages(config, input);
    let mut said = Said::default();
    let mut count = 0;
    for message in &messages {
        let Message::Batch(batch) = message else {
            said.others.push((count, super::short(message)));
            continue;
        };
        let key = (batch.stream.to_string(), batch.generation);
        let known = said
            .records
            .iter()
            .position(|it| (&it.0, it.1) == (&key.0, key.1));
        let at = known.unwrap_or_else(|| {
            said.records.push((key.0, key.1, Vec::new()));
            said.records.len() - 1
        });
        said.records[at].2.extend(records(batch));
        count += batch.records.len();
    }
    said.records.sort();
    said.error = error.map(|error| error.to_string());
    said
}

/// What is to be said: a reader of whole lines, one after the other.
fn expected(lines: &[Line]) -> Said {
    let mut said = Said::default();
    let (mut count, mut schemas) = (0, [None; 2]);
    for (line, number) in lines.iter().zip(1_usize..) {
        match line {
            Line::Record(stream, version) => {
                let name = ["a", "b"][stream % 2].to_owned();
                let record = (number as u64, format!("{{\"n\":{number}}}"));
                let is_it = |it: &&mut Records| (&it.0, it.1) == (&name, *version);
                match said.records.iter_mut().find(is_it) {
                    Some((_, _, records)) => records.push(record),
                    None => said.records.push((name, *version, vec![record])),
                }
                count += 1;
            }
            Line::State => said.others.push((count, format!("state {number}"))),
            Line::Schema(stream, other) if schemas[*stream] != Some(*other) => {
                schemas[*stream] = Some(*other);
                let columns = if *other { " n:json" } else { "" };
                said.others
                    .push((count, format!("stream {}{columns}", ["a", "b"][*stream])));
            }
            Line::Wrong => said.error = Some(format!("line {number} of stdin")),
            Line::Blank | Line::Schema(..) | Line::Activate(..) => {}
        }
    }
    said.records.sort();
    said
}

proptest! {
    #[test]
    fn any_size_of_batch_gives_the_same(
        lines in tap(),
        batch_bytes in 1..2_000_usize,
        is_ended in any::<bool>(),
    ) {
        let texts: Vec<String> = lines.iter().zip(1..).map(|(line, at)| line.text(at)).collect();
        let input = texts.join("\n") + if is_ended { "\n" } else { "" };
        let of = |batch_bytes| said(&InputConfig { batch_bytes, ..config() }, input.as_bytes());
        let (found, whole) = (of(batch_bytes), of(1 << 20));
        prop_assert_eq!(&found, &whole);
        let expect = expected(&lines);
        prop_assert_eq!(&found.records, &expect.records);
        let activates = |it: &&(usize, String)| it.1.starts_with("activate ");
        let others: Vec<_> = found.others.iter().filter(|it| !activates(it)).cloned().collect();
        prop_assert_eq!(others, expect.others);
        match (&found.error, &expect.error) {
            (Some(found), Some(place)) => prop_assert!(found.contains(place), "{}", found),
            (found, expect) => prop_assert_eq!(found, expect),
        }
    }

    #[test]
    fn no_input_is_met_by_a_panic(
        pieces in prop::collection::vec("[{}\":,a0\n\\[\\]]{1,3}|\"(type|stream|record|value|RECORD|STATE|SCHEMA|a)\"", 0..60),
        record_metadata in any::<bool>(),
        batch_bytes in 1..100_usize,
    ) {
        let singer = SingerConfig { record_metadata, end_is_known: true };
        let config = InputConfig { batch_bytes, singer, ..config() };
        let input = [SCHEMA_A, "\n", &pieces.concat()].concat();
        let (found, _) = messages(&config, input.as_bytes());
        prop_assert!(matches!(found.first(), Some(Message::Stream(_))));
    }
}
