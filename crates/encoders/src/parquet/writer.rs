//! The library's writer, made when it is needed.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::file::properties::WriterPropertiesPtr;
use spile_core::EncodeError;

use super::{dictionary, library};

/// Writes batches into memory, from where they are taken.
pub(super) struct Writer {
    schema: SchemaRef,
    properties: WriterPropertiesPtr,
    /// Large, so it is made with the first rows: thousands of small objects can be open at once.
    started: Option<Box<ArrowWriter<Vec<u8>>>>,
}

/// Of each column of a row group that is begun: what the library doesn't count.
const COLUMN_BYTES: usize = 4 << 10;
/// And of buffers' spare room and gaps in the heap, at most: of small row groups they are half as much again as
/// what the library counts.
const SPARE_BYTES: usize = 48 << 10;
/// The part of what the library counts that they are of large ones. Both are measured, with one file and with
/// hundreds.
const SPARE_PART: usize = 4;
/// Of the file's writer itself.
pub(super) const WRITER_BYTES: usize = 16 << 10;

impl Writer {
    pub(super) fn new(schema: SchemaRef, properties: WriterPropertiesPtr) -> Self {
        Self {
            schema,
            properties,
            started: None,
        }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), EncodeError> {
        self.started(batch)?.write(batch).map_err(library)
    }

    pub(super) fn take_output(&mut self) -> Vec<u8> {
        let Some(writer) = &mut self.started else {
            return Vec::new();
        };
        // What stands in the library's own buffer stays there, so that its offsets remain true.
        std::mem::take(writer.inner_mut())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, EncodeError> {
        let empty = RecordBatch::new_empty(SchemaRef::clone(&self.schema));
        self.started(&empty)?;
        let writer = self.started.ok_or_else(|| library("no writer"))?;
        writer.into_inner().map_err(library)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.started.as_ref().map_or(0, |writer| {
            let columns = self.schema.fields().len();
            let fixed = WRITER_BYTES + columns * COLUMN_BYTES;
            let counted = writer.memory_size();
            let spare = (counted + counted / 2).min(columns * SPARE_BYTES) + counted / SPARE_PART;
            fixed + counted + spare + writer.inner().capacity()
        })
    }

    pub(super) fn pending_bytes(&self) -> usize {
        self.started
            .as_ref()
            .map_or(0, |writer| writer.in_progress_size())
    }

    /// The library's writer; where there is none yet, one for a file that begins with these rows.
    fn started(&mut self, first: &RecordBatch) -> Result<&mut ArrowWriter<Vec<u8>>, EncodeError> {
        if self.started.is_none() {
            let properties = dictionary::properties(&self.properties, first);
            let options = ArrowWriterOptions::new().with_properties(properties);
            let schema = SchemaRef::clone(&self.schema);
            let writer = ArrowWriter::try_new_with_options(Vec::new(), schema, options);
            self.started = Some(Box::new(writer.map_err(library)?));
        }
        self.started
            .as_deref_mut()
            .ok_or_else(|| library("no writer"))
    }
}
