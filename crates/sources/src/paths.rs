//! Which files the user's paths and globs name.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::InputError;

/// One input, by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    Stdin,
    Path(PathBuf),
}

/// What tells an input from others: a file is one whatever it is called.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    File { device: u64, inode: u64 },
    Name(Origin),
}

/// Expands globs, and names each file once, as it was called first. Every fault is reported, and what is found beside it returned.
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
    origins.retain(|origin| seen.insert(Identity::of(origin)));
    (origins, errors)
}

impl Identity {
    /// What is no regular file, say a pipe, is known by its name, and so is what isn't there.
    fn of(origin: &Origin) -> Self {
        let Origin::Path(path) = origin else {
            return Self::Name(origin.clone());
        };
        match fs::metadata(path) {
            Ok(found) if found.is_file() => Self::File {
                device: found.dev(),
                inode: found.ino(),
            },
            _ => Self::Name(origin.clone()),
        }
    }
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
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(paths: &[&str], folder: &Path) -> Result<Vec<String>, String> {
        let here = folder.file_name().unwrap().to_str().unwrap();
        let paths: Vec<String> = paths
            .iter()
            .map(|path| path.replace("{here}", here))
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
        check(&["b.csv", "./b.csv", "../{here}/b.csv"], Ok(&["b.csv"]));
        symlink(folder.path().join("b.csv"), folder.path().join("0.csv")).unwrap();
        check(&["*.csv"], Ok(&["0.csv", "a.csv", "c[1].csv"]));
        check(&["b.csv", "*.csv"], Ok(&["b.csv", "a.csv", "c[1].csv"]));
        check(&["none", "none"], Ok(&["none"]));
    }

    #[test]
    fn stdin_is_read_once() {
        let (origins, errors) = expand(&["-".into(), "-".into()]);
        assert_eq!(origins, [Origin::Stdin]);
        assert!(matches!(errors.as_slice(), [InputError::StdinTwice]));
        assert!(matches!(expand(&[]).1.as_slice(), [InputError::NoPaths]));
    }
}
