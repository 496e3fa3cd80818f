//! Files that others on the machine can read, though there are secrets in them.

use std::path::Path;

/// Warns of a file with a secret that others can read. The run goes on: whoever could read it, has.
pub(crate) fn warn_if_readable(path: &str) {
    if is_readable_by_others(Path::new(path)) {
        tracing::warn!("{path} holds a secret, and others can read it: chmod 600 {path}");
    }
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map(|found| (found.is_file(), found.permissions().mode()));
    mode.is_ok_and(|(is_file, mode)| is_file && mode & 0o044 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}
