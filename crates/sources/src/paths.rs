//! Which files the user's paths and globs name.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::error::InputError;

/// One input, by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    Stdin,
    Path(PathBuf),
}

/// Expands globs. Every fault is reported, and what is found beside it returned.
pub(crate) fn expand(paths: &[String]) -> (Vec<Origin>, Vec<InputError>) {
    let (mut origins, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        match expand_one(path) {
            Ok(found) => origins.extend(found),
            Err(error) => errors.push(error),
        }
    }
    if paths.is_empty() {
        errors.push(InputError::NoPaths);
    }
    if paths.iter().filter(|path| *path == "-").count() > 1 {
        errors.push(InputError::StdinTwice);
    }
    let mut seen = HashSet::new();
    origins.retain(|origin| seen.insert(origin.clone()));
    (origins, errors)
}

fn expand_one(path: &str) -> Result<Vec<Origin>, InputError> {
    if path == "-" {
        return Ok(vec![Origin::Stdin]);
    }
    // A file whose name holds a glob character can be named as it is.
    let is_glob = path.contains(['*', '?', '[']) && !Path::new(path).exists();
    if !is_glob {
        return Ok(vec![Origin::Path(path.into())]);
    }
    let mut found = glob_files(path)?;
    if found.is_empty() {
        return Err(InputError::NoMatch {
            pattern: path.to_owned(),
        });
    }
    found.sort_unstable();
    Ok(found.into_iter().map(Origin::Path).collect())
}

fn glob_files(pattern: &str) -> Result<Vec<PathBuf>, InputError> {
    let paths = glob::glob(pattern).map_err(|source| InputError::Pattern {
        pattern: pattern.to_owned(),
        source,
    })?;
    let paths: Result<Vec<PathBuf>, glob::GlobError> = paths.collect();
    let mut paths = paths.map_err(|error| InputError::Read {
        origin: error.path().to_string_lossy().into(),
        source: error.into(),
    })?;
    paths.retain(|path| !path.is_dir());
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use std::fs::{create_dir, write};

    use super::*;

    fn names(paths: &[&str], folder: &Path) -> Result<Vec<String>, String> {
        let paths: Vec<String> = paths
            .iter()
            .map(|path| folder.join(path).display().to_string())
            .collect();
        let (origins, errors) = expand(&paths);
        if let Some(error) = errors.first() {
            return Err(error
                .to_string()
                .replace(&folder.display().to_string(), "DIR"));
        }
        let name = |origin: &Origin| match origin {
            Origin::Stdin => "-".to_owned(),
            Origin::Path(path) => path.file_name().unwrap().to_string_lossy().into_owned(),
        };
        Ok(origins.iter().map(name).collect())
    }

    #[test]
    fn globs_are_sorted_and_files_read_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.csv", "a.csv", "c[1].csv", "d.txt"] {
            write(folder.path().join(name), "").unwrap();
        }
        create_dir(folder.path().join("z.csv")).unwrap();
        let check = |paths: &[&str], expect: Result<&[&str], &str>| {
            let expect = expect.map(|names| names.iter().map(ToString::to_string).collect());
            assert_eq!(
                names(paths, folder.path()),
                expect.map_err(str::to_owned),
                "{paths:?}"
            );
        };
        check(&["*.csv"], Ok(&["a.csv", "b.csv", "c[1].csv"]));
        check(&["d.txt", "b.csv"], Ok(&["d.txt", "b.csv"]));
        check(&["b.csv", "?.csv"], Ok(&["b.csv", "a.csv"]));
        check(&["c[1].csv"], Ok(&["c[1].csv"]));
        check(&["*.json"], Err("find a file that matches `DIR/*.json`"));
        check(&["a***b"], Err("read `DIR/a***b` as a glob"));
    }

    #[test]
    fn stdin_is_read_once() {
        let (origins, errors) = expand(&["-".into(), "-".into()]);
        assert_eq!(origins, [Origin::Stdin]);
        assert!(matches!(errors.as_slice(), [InputError::StdinTwice]));
        assert!(matches!(expand(&[]).1.as_slice(), [InputError::NoPaths]));
    }
}
