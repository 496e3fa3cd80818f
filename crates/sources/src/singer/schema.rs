//! What a SCHEMA says of a stream.

use spile_core::json::{Kind, elements, unescape};
use spile_core::{Selection, StreamDeclaration, StreamName, columns_of_json_schema};

use super::message::Fields;
use super::metadata::further_columns;
use crate::protocol::{Fault, of_kind, shown, text};

/// The stream of a SCHEMA, which is read where the stream is loaded.
pub(super) fn declaration(
    fields: &Fields<'_>,
    selection: &Selection,
    has_metadata: bool,
) -> Result<StreamDeclaration, Fault> {
    const WHAT: &str = "a SCHEMA";
    let name = text(WHAT, "stream", fields.stream)?;
    if name.is_empty() {
        return Err(Fault("the stream of a SCHEMA has no name".to_owned()));
    }
    let stream = StreamName::new(&*name);
    if !selection.is_selected(&stream) {
        return Ok(StreamDeclaration::named(stream));
    }
    let schema = of_kind(WHAT, "schema", Kind::Object, fields.schema)?;
    // Nothing is made of them. Where there are none, some taps write null.
    if fields.key_properties != Some(b"null") {
        let keys = of_kind(WHAT, "key_properties", Kind::Array, fields.key_properties)?;
        names("key_properties", keys)?;
    }
    let bookmarks = match fields.bookmark_properties {
        None | Some(b"null") => Vec::new(),
        bookmarks => {
            let found = of_kind(WHAT, "bookmark_properties", Kind::Array, bookmarks)?;
            names("bookmark_properties", found)?
        }
    };
    let columns = columns_of_json_schema(schema);
    let mut columns = columns.map_err(|error| Fault(format!("the schema of {name}: {error}")))?;
    if has_metadata {
        columns.extend(further_columns(&columns));
    }
    Ok(StreamDeclaration {
        name: stream,
        columns: Some(columns),
        cursor: bookmarks.into_iter().take(1).collect(),
        write: None,
        sync_id: None,
    })
}

fn names(name: &str, values: &[u8]) -> Result<Vec<String>, Fault> {
    let texts = elements(values).map(|value| {
        let text = unescape(value).map(|text| text.into_owned());
        text.ok_or_else(|| {
            let found = shown(value);
            Fault(format!(
                "`{name}` of a SCHEMA has to hold texts, found {found}"
            ))
        })
    });
    texts.collect()
}
