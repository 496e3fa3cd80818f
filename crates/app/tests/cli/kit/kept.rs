//! What is kept of runs and of columns, apart from what was loaded.
//!
//! A load also writes documents about itself, by default in `_spile/` under its destination. The
//! kit's lists of files and keys leave these out: a test that names all objects of a load proves
//! that there are no others, and how many documents its run has needed is no matter of its. Tests
//! of what is kept, or of its absence, ask the desk, the store or the customer for `kept`.

/// Whether a file or a key is such a document.
pub(super) fn is_kept(name: &str) -> bool {
    name.starts_with("_spile/") || name.contains("/_spile/")
}
