//! What a BATCH says: files in place of records.

use spile_core::json::{self, Kind, elements, find, unescape};

use super::Singer;
use super::message::Fields;
use super::metadata::Metadata;
use crate::format::InputFormat;
use crate::protocol::{
    BatchFile, BatchFiles, Fault, Further, Gather, integer, of_kind, shown, text,
};

const WHAT: &str = "a BATCH";

impl Singer {
    pub(super) fn batch(&mut self, fields: &Fields<'_>, gather: &mut Gather) -> Result<(), Fault> {
        let number = self.stream(WHAT, fields.stream)?;
        let encoding = of_kind(WHAT, "encoding", Kind::Object, fields.encoding)?;
        let format = format(encoding)?;
        let manifest = of_kind(WHAT, "manifest", Kind::Array, fields.manifest)?;
        let files = elements(manifest).map(file);
        // No file says it: its records are of the version that was spoken of last.
        let told = integer(WHAT, "version", fields.version)?;
        let told = told.or(self.unproven.get(&number).copied());
        let stream = &mut self.streams[number];
        stream.version = told.or(stream.version);
        if !self.selection.is_selected(&stream.declaration.name) {
            return Ok(());
        }
        let version = stream.version;
        let extracted: Option<Box<[u8]>> = fields.time_extracted.map(Into::into);
        let further = self.config.record_metadata.then(|| -> Further {
            Box::new(move |records| Metadata::now(extracted.as_deref(), version).beside(records))
        });
        gather.read_files(BatchFiles {
            stream: stream.declaration.name.clone(),
            generation: version,
            further,
            format,
            files: files.collect::<Result<_, _>>()?,
        });
        Ok(())
    }
}

fn format(encoding: &[u8]) -> Result<InputFormat, Fault> {
    let format = find(encoding, &json::Path::parse("format"));
    match &*text("the encoding of a BATCH", "format", format)? {
        "jsonl" => Ok(InputFormat::Jsonl),
        "parquet" => Ok(InputFormat::Parquet),
        "arrow" => Ok(InputFormat::Arrow),
        other => {
            let known = "jsonl, parquet and arrow are known";
            Err(Fault(format!(
                "the files of a BATCH are in format {other}: {known}"
            )))
        }
    }
}

fn file(url: &[u8]) -> Result<BatchFile, Fault> {
    let url = unescape(url).ok_or_else(|| {
        let found = shown(url);
        Fault(format!(
            "the manifest of a BATCH has to name files, found {found}"
        ))
    })?;
    BatchFile::of(&url).map_err(|cause| Fault(format!("a BATCH names {cause}")))
}
