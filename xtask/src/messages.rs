//! TPC-H's lineitem as the messages of a protocol, for the benchmarks.

use std::io::{self, Write};

use tpchgen::generators::LineItemGenerator;

use crate::generate::write_item;

/// A protocol, and how many streams the records are spread over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Singer's, one stream.
    Singer,
    /// Airbyte's, one stream.
    Airbyte,
    /// Singer's, [`STREAMS`] streams in turn.
    Interleaved,
}

pub(crate) const STREAMS: u64 = 200;
/// A state stands behind so many records.
const STATE_ROWS: u64 = 10_000;

/// The properties of a record, as a JSON Schema.
const SCHEMA: &str = r#"{"type":"object","properties":{"l_orderkey":{"type":"integer"},"l_partkey":{"type":"integer"},"l_suppkey":{"type":"integer"},"l_linenumber":{"type":"integer"},"l_quantity":{"type":"number"},"l_extendedprice":{"type":"number"},"l_discount":{"type":"number"},"l_tax":{"type":"number"},"l_returnflag":{"type":"string"},"l_linestatus":{"type":"string"},"l_shipdate":{"type":"string","format":"date"},"l_commitdate":{"type":"string","format":"date"},"l_receiptdate":{"type":"string","format":"date"},"l_shipinstruct":{"type":"string"},"l_shipmode":{"type":"string"},"l_comment":{"type":["null","string"]}}}"#;

impl Protocol {
    pub(crate) const ALL: [Self; 3] = [Self::Singer, Self::Airbyte, Self::Interleaved];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Singer => "singer",
            Self::Airbyte => "airbyte",
            Self::Interleaved => "singer-200",
        }
    }

    /// By which Spile knows the format.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Singer | Self::Interleaved => "singer",
            Self::Airbyte => "airbyte",
        }
    }

    /// Writes all messages, and says how many of them are records.
    pub(crate) fn write(
        self,
        out: &mut impl Write,
        generator: &LineItemGenerator<'_>,
    ) -> io::Result<u64> {
        let streams = match self {
            Self::Interleaved => STREAMS,
            Self::Singer | Self::Airbyte => 1,
        };
        let names: Vec<String> = (0..streams).map(|at| format!("lineitem_{at:03}")).collect();
        if self != Self::Airbyte {
            for name in &names {
                writeln!(
                    out,
                    r#"{{"type":"SCHEMA","stream":"{name}","schema":{SCHEMA},"key_properties":[]}}"#
                )?;
            }
        }
        let mut rows = 0;
        for (item, name) in generator.iter().zip(names.iter().cycle()) {
            self.begin(out, name)?;
            write_item(out, &item)?;
            self.end(out)?;
            rows += 1;
            if rows % STATE_ROWS == 0 {
                self.write_state(out, rows)?;
            }
        }
        Ok(rows)
    }

    fn begin(self, out: &mut impl Write, name: &str) -> io::Result<()> {
        match self {
            Self::Airbyte => write!(
                out,
                r#"{{"type":"RECORD","record":{{"stream":"{name}","emitted_at":1700000000000,"data":"#
            ),
            _ => write!(out, r#"{{"type":"RECORD","stream":"{name}","record":"#),
        }
    }

    fn end(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Airbyte => out.write_all(b"}}\n"),
            _ => out.write_all(b",\"time_extracted\":\"2025-04-14T11:23:45Z\"}\n"),
        }
    }

    fn write_state(self, out: &mut impl Write, rows: u64) -> io::Result<()> {
        match self {
            Self::Airbyte => writeln!(
                out,
                r#"{{"type":"STATE","state":{{"type":"LEGACY","data":{{"rows":{rows}}}}}}}"#
            ),
            _ => writeln!(out, r#"{{"type":"STATE","value":{{"rows":{rows}}}}}"#),
        }
    }
}
