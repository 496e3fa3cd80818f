//! The configured catalog: which streams a source will send, and how they are to be written.

#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;
use spile_core::{
    DeclaredWrite, Generations, JsonSchemaError, Selection, StreamDeclaration, StreamName,
    columns_of_json_schema,
};

use super::envelope::Envelope;

/// The streams of a connection, as Airbyte's platform configures them.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub(crate) streams: Vec<CatalogStream>,
}

/// A stream of a catalog.
#[derive(Clone, Debug)]
pub(crate) struct CatalogStream {
    pub(crate) declaration: StreamDeclaration,
    /// The generation that its records are part of.
    pub(crate) generation: Option<i64>,
    /// Those that count once it is complete; `None` where all do.
    pub(crate) counts: Option<Generations>,
}

/// Why a catalog can't be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// It is no configured catalog.
    #[error("understand the catalog")]
    Json(#[from] serde_json::Error),
    /// The schema of a stream can't be understood.
    #[error("understand the schema of stream {stream} in the catalog: {source}")]
    Schema {
        /// The stream.
        stream: StreamName,
        /// What is wrong with it.
        source: JsonSchemaError,
    },
    /// A stream without a name, or one that stands there twice.
    #[error("tell the streams of the catalog apart: {cause}")]
    Names {
        /// What is wrong with them.
        cause: String,
    },
    /// A stream is to be written in a way that objects can't be.
    #[error(
        "write stream {stream} by `{mode}`, as the catalog says: overwrite and append are known"
    )]
    Mode {
        /// The stream.
        stream: StreamName,
        /// The mode.
        mode: String,
    },
    /// The generations of a stream contradict each other.
    #[error(
        "write stream {stream}: its minimum_generation_id has to be 0 or the same as its generation_id"
    )]
    Generations {
        /// The stream.
        stream: StreamName,
    },
}

#[derive(Deserialize)]
struct Document {
    streams: Vec<Configured>,
}

/// What is said of a stream. What isn't needed is passed over.
#[derive(Deserialize)]
struct Configured {
    stream: Described,
    destination_sync_mode: String,
    cursor_field: Option<Vec<String>>,
    generation_id: Option<i64>,
    minimum_generation_id: Option<i64>,
    sync_id: Option<i64>,
}

#[derive(Deserialize)]
struct Described {
    name: String,
    namespace: Option<String>,
    json_schema: Option<Box<RawValue>>,
    default_cursor_field: Option<Vec<String>>,
}

impl Catalog {
    /// Reads a configured catalog, of which some streams are loaded.
    ///
    /// # Errors
    /// What is wrong with it, or can't be done as it says. How streams that aren't loaded are to be written,
    /// and what they have, is no matter.
    pub fn parse(text: &[u8], selection: &Selection) -> Result<Self, CatalogError> {
        let document: Document = serde_json::from_slice(text)?;
        let streams = document.streams.into_iter();
        let streams = streams.map(|stream| CatalogStream::selected(stream, selection));
        let streams = streams.collect::<Result<Vec<_>, _>>()?;
        tell_apart(&streams)?;
        Ok(Self { streams })
    }

    /// What it says of each stream.
    pub fn declarations(&self) -> impl Iterator<Item = &StreamDeclaration> {
        self.streams.iter().map(|stream| &stream.declaration)
    }

    /// The streams that are to be overwritten, and of which nothing goes all the same: a platform that
    /// retains what is there says so by their generations.
    pub fn retained(&self) -> impl Iterator<Item = &StreamName> {
        let is_retained = |stream: &&CatalogStream| {
            let overwrites = stream.declaration.write == Some(DeclaredWrite::Overwrite);
            overwrites && stream.counts.is_none()
        };
        let retained = self.streams.iter().filter(is_retained);
        retained.map(|stream| &stream.declaration.name)
    }

    /// The same catalog, whose streams are as they are in an envelope.
    pub(crate) fn within(mut self, envelope: Envelope) -> Self {
        for stream in &mut self.streams {
            envelope.declare(&mut stream.declaration);
        }
        self
    }
}

impl Described {
    fn stream_name(&self) -> StreamName {
        let namespace = self.namespace.as_deref();
        StreamName {
            namespace: namespace.filter(|it| !it.is_empty()).map(Into::into),
            name: self.name.as_str().into(),
        }
    }
}

impl CatalogStream {
    fn selected(configured: Configured, selection: &Selection) -> Result<Self, CatalogError> {
        let name = configured.stream.stream_name();
        if selection.is_selected(&name) {
            return Self::of(name, configured);
        }
        Ok(Self {
            declaration: StreamDeclaration::named(name),
            generation: None,
            counts: None,
        })
    }

    fn of(name: StreamName, configured: Configured) -> Result<Self, CatalogError> {
        let write = match configured.destination_sync_mode.as_str() {
            "append" => DeclaredWrite::Append,
            "overwrite" => DeclaredWrite::Overwrite,
            mode => {
                let mode = mode.to_owned();
                return Err(CatalogError::Mode { stream: name, mode });
            }
        };
        let counts = counts(&name, &configured, write)?;
        let cursors = [
            configured.cursor_field,
            configured.stream.default_cursor_field,
        ];
        let cursor = cursors.into_iter().flatten().find(|path| !path.is_empty());
        let schema = configured.stream.json_schema;
        let columns = schema.map(|schema| columns_of_json_schema(schema.get().as_bytes()));
        let columns = columns.transpose().map_err(|source| CatalogError::Schema {
            stream: name.clone(),
            source,
        })?;
        Ok(Self {
            declaration: StreamDeclaration {
                name,
                columns,
                cursor: cursor.unwrap_or_default(),
                write: Some(write),
                sync_id: configured.sync_id,
            },
            generation: configured.generation_id,
            counts,
        })
    }
}

fn tell_apart(streams: &[CatalogStream]) -> Result<(), CatalogError> {
    let mut known = HashSet::new();
    for stream in streams {
        let name = &stream.declaration.name;
        let cause = match name.name.is_empty() {
            true => "one has no name".to_owned(),
            false if known.insert(name) => continue,
            false => format!("{name} stands there twice"),
        };
        return Err(CatalogError::Names { cause });
    }
    Ok(())
}

/// The generations that count once the stream is complete. A platform that doesn't number them has
/// those of this run alone. What was appended to before anything was numbered stays, since some number
/// every stream.
fn counts(
    name: &StreamName,
    configured: &Configured,
    write: DeclaredWrite,
) -> Result<Option<Generations>, CatalogError> {
    let overwrites = write == DeclaredWrite::Overwrite;
    match (configured.generation_id, configured.minimum_generation_id) {
        (Some(_) | None, Some(0)) => Ok(None),
        (Some(id), Some(minimum)) if id == minimum && overwrites => {
            Ok(Some(Generations::From(minimum)))
        }
        (Some(id), Some(minimum)) if id == minimum => {
            Ok(Some(Generations::FromAndUnnumbered(minimum)))
        }
        (None, None) => Ok(overwrites.then_some(Generations::OfRun)),
        (Some(_), None) if !overwrites => Ok(None),
        _ => Err(CatalogError::Generations {
            stream: name.clone(),
        }),
    }
}
