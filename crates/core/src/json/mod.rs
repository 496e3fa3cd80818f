//! JSON text, read where it stands.
