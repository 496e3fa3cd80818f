//! Where in an upload's files its parts are.
//!
//! Parts come in any order, and how long the earlier ones will be isn't known. As a rule all but
//! the last have one size, so that the first to come tells where the others belong: the file is
//! written in place, and is whole when its last part is. A part that doesn't fit the rule gets a
//! file of its own, and the parts are copied together at the end.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use spile_core::{BucketErrorKind, Part};

use crate::fault::Fault;

/// A shorter part that isn't the first is likely to be the last, which tells nothing of the others.
const TELLING_BYTES_MIN: u64 = 64 * 1024;

/// Where a part is. It is told by the part's etag, so that any process can finish an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the upload's file, from this offset.
    At(u64),
    /// In a file of its own.
    Aside,
}

impl Place {
    pub(super) fn etag(self) -> String {
        match self {
            Place::At(offset) => format!("at-{offset}"),
            Place::Aside => "aside".to_owned(),
        }
    }

    pub(super) fn of(part: &Part) -> Result<Place, Fault> {
        if part.etag == "aside" {
            return Ok(Place::Aside);
        }
        let offset = part
            .etag
            .strip_prefix("at-")
            .and_then(|text| text.parse().ok());
        let unknown = || {
            Fault::new(
                BucketErrorKind::Refused,
                "a part isn't one of this folder's",
            )
        };
        offset.map(Place::At).ok_or_else(unknown)
    }
}

/// What is known of the places of an upload's parts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Layout {
    /// The size of each part but the last.
    stride: Option<u64>,
}

impl Layout {
    /// Where a part of this length goes.
    pub(super) fn place(&mut self, number: u32, bytes: u64) -> Place {
        if bytes > 0 && (number == 1 || bytes >= TELLING_BYTES_MIN) {
            self.stride.get_or_insert(bytes);
        }
        match self.stride {
            Some(stride) if bytes <= stride => Place::At(stride * u64::from(number - 1)),
            None if number == 1 => Place::At(0),
            _ => Place::Aside,
        }
    }
}

/// Whether the parts already follow each other without gaps in the upload's file.
pub(super) fn is_in_place(parts: &[Part]) -> Result<bool, Fault> {
    let mut end = 0;
    for part in parts {
        if part.bytes > 0 && Place::of(part)? != Place::At(end) {
            return Ok(false);
        }
        end += part.bytes;
    }
    Ok(true)
}

/// Copies the parts to `whole`, one behind the other.
pub(super) fn join(
    parts: &[Part],
    main: &mut File,
    whole: &mut File,
    aside: impl Fn(u32) -> io::Result<File>,
) -> Result<(), Fault> {
    for part in parts {
        match Place::of(part)? {
            Place::At(offset) => {
                main.seek(SeekFrom::Start(offset))?;
                copy(main, whole, part.bytes)?;
            }
            Place::Aside => copy(&mut aside(part.number)?, whole, part.bytes)?,
        }
    }
    Ok(())
}

/// Copies exactly `bytes`.
pub(super) fn copy(from: &mut File, to: &mut File, bytes: u64) -> io::Result<()> {
    match io::copy(&mut from.take(bytes), to)? {
        copied if copied == bytes => to.flush(),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parts: &[(u32, u64)], expect: &[Place], in_place: bool) {
        let mut layout = Layout::default();
        let places = parts
            .iter()
            .map(|(number, bytes)| layout.place(*number, *bytes));
        let places: Vec<Place> = places.collect();
        assert_eq!(places, expect);
        let part = |((number, bytes), place): (&(u32, u64), &Place)| Part {
            number: *number,
            bytes: *bytes,
            etag: place.etag(),
        };
        let mut parts: Vec<Part> = parts.iter().zip(&places).map(part).collect();
        parts.sort_by_key(|part| part.number);
        assert_eq!(is_in_place(&parts).unwrap(), in_place);
    }

    #[test]
    fn parts_of_one_size_are_written_in_place() {
        use Place::At;
        check(&[(1, 7)], &[At(0)], true);
        check(&[(1, 0)], &[At(0)], true);
        check(&[(1, 7), (2, 7), (3, 5)], &[At(0), At(7), At(14)], true);
        check(
            &[(2, 70_000), (3, 5), (1, 70_000)],
            &[At(70_000), At(140_000), At(0)],
            true,
        );
    }

    #[test]
    fn parts_of_odd_sizes_are_copied_together() {
        use Place::{Aside, At};
        check(&[(2, 5), (1, 7)], &[Aside, At(0)], false);
        check(&[(1, 7), (2, 8), (3, 7)], &[At(0), Aside, At(14)], false);
        check(&[(1, 7), (2, 6), (3, 7)], &[At(0), At(7), At(14)], false);
        check(&[(1, 0), (2, 7)], &[At(0), Aside], false);
    }
}
