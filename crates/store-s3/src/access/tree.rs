//! What JSON and YAML documents are made of, in the order in which it is to be read.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A text, a list or a map that keeps its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Tree)>) -> Self {
        let owned = |(name, tree): (&str, Tree)| (name.to_owned(), tree);
        Tree::Map(entries.into_iter().map(owned).collect())
    }

    /// One text by itself, many as a list: how policies are written.
    pub(crate) fn one_or_list(mut texts: Vec<String>) -> Self {
        match texts.len() {
            1 => Tree::Text(texts.remove(0)),
            _ => Tree::List(texts.into_iter().map(Tree::Text).collect()),
        }
    }

    /// As JSON over several lines, without one at the end.
    #[expect(clippy::expect_used, reason = "texts by texts are always JSON")]
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("it is JSON")
    }

    /// As JSON on one line.
    #[expect(clippy::expect_used, reason = "texts by texts are always JSON")]
    pub(crate) fn compact_json(&self) -> String {
        serde_json::to_string(self).expect("it is JSON")
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Tree::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Tree::Text(text)
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Text(text) => serializer.serialize_str(text),
            Tree::List(items) => serializer.collect_seq(items),
            Tree::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (name, tree) in entries {
                    map.serialize_entry(name, tree)?;
                }
                map.end()
            }
        }
    }
}
