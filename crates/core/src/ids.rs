//! The ids of a run and its streams. Those that nobody gave are derived, so that they repeat.

use uuid::Uuid;

use crate::source::StreamName;

/// Names the derivations of this module, so that they meet nobody else's.
const SPILE: Uuid = Uuid::from_u128(0x8f0f_2c1e_53c3_5d0b_9c1f_4e0c_7a1b_6d52);

/// What stands between namespace and name: no UTF-8 has this byte, so no text can look like it.
const BORDER: &[u8] = &[0xff];

/// The id of a stream of a connection: the same in every run.
pub fn stream_id(connection_id: Option<&str>, stream: &StreamName) -> String {
    derive(connection_id.unwrap_or_default(), stream)
}

/// The id of a stream's run within the run of its connection.
pub fn stream_run_id(connection_run_id: &str, stream: &StreamName) -> String {
    derive(connection_run_id, stream)
}

/// UUIDv5 in the namespace of an owner's id. An id that is no UUID is made one first.
fn derive(owner: &str, stream: &StreamName) -> String {
    let namespace =
        Uuid::try_parse(owner).unwrap_or_else(|_| Uuid::new_v5(&SPILE, owner.as_bytes()));
    let name = match &stream.namespace {
        Some(namespace) => [namespace.as_bytes(), BORDER, stream.name.as_bytes()].concat(),
        None => stream.name.as_bytes().to_vec(),
    };
    Uuid::new_v5(&namespace, &name).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONNECTION: &str = "f52c7268-2359-567a-f5e8-83c536cb4de8";

    #[test]
    fn ids_repeat_and_differ_by_owner_namespace_and_name() {
        let sales = StreamName::new("sales");
        let id = stream_id(Some(CONNECTION), &sales);
        assert_eq!(id, stream_id(Some(CONNECTION), &sales));
        assert_eq!(Uuid::try_parse(&id).map(|id| id.get_version_num()), Ok(5));
        assert_ne!(id, stream_id(None, &sales));
        assert_ne!(id, stream_id(Some("nightly"), &sales));
        assert_ne!(id, stream_id(Some(CONNECTION), &StreamName::new("orders")));
        let spaced = StreamName {
            namespace: Some("public".into()),
            name: "sales".into(),
        };
        assert_ne!(id, stream_id(Some(CONNECTION), &spaced));
    }

    proptest! {
        /// Whatever they are called: one alphabet of few letters makes near misses likely.
        #[test]
        fn different_streams_have_different_ids(
            a in (prop::option::of("[1:a/\u{ff}]{0,3}"), "[1:a/\u{ff}]{0,4}"),
            b in (prop::option::of("[1:a/\u{ff}]{0,3}"), "[1:a/\u{ff}]{0,4}"),
        ) {
            let id = |(namespace, name): &(Option<String>, String)| {
                let stream = StreamName {
                    namespace: namespace.as_deref().map(Into::into),
                    name: name.as_str().into(),
                };
                stream_id(Some(CONNECTION), &stream)
            };
            prop_assert_eq!(id(&a) == id(&b), a == b);
        }
    }

    /// These are written to keys: a change would part a stream from what it has loaded.
    #[test]
    fn ids_stay_what_they_are() {
        let id = stream_id(Some(CONNECTION), &StreamName::new("sales"));
        assert_eq!(id, "7a0d85b8-0488-50f8-9851-1812ee46a4f3");
    }
}
