//! What the keys of documents tell, all of them listed once.

use std::collections::BTreeMap;

use spile_macros_template::escape_segment;

use super::place::{AttemptFolder, Home};
use super::shelf::{LedgerError, Shelf};

/// The attempts that something is kept of, and the leases, by the paths of their folders.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) attempts: BTreeMap<AttemptFolder, Documents>,
    /// The number of the last lease of each connection, or of each run without one.
    pub(crate) leases: BTreeMap<String, u32>,
}

/// Which documents there are of an attempt.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) has_manifest: bool,
    /// The numbers of the segments of its journal.
    pub(crate) segments: Vec<u32>,
}

/// What a path is that of.
enum Kept {
    Manifest(AttemptFolder),
    Segment(AttemptFolder, u32),
    Lease(String, u32),
}

impl Listing {
    /// What there is of a connection, of runs without one, or of everybody. `run_id` narrows it to a
    /// run.
    pub(crate) async fn read(
        shelf: &Shelf,
        home: Option<&Home>,
        run_id: Option<&str>,
    ) -> Result<Self, LedgerError> {
        let mut prefixes = match (home, run_id) {
            (Some(home), Some(run_id)) => {
                let place = home.run(run_id);
                vec![place.folder(), place.lease_folder()]
            }
            (Some(home), None) => vec![home.runs(), home.lease_folder()],
            (None, _) => vec!["connections/".to_owned(), "runs/".to_owned()],
        };
        prefixes.dedup();
        let segment = run_id.map(escape_segment);
        let mut listing = Self::default();
        for prefix in prefixes {
            for key in shelf.list(&prefix).await? {
                if let Some(kept) = Kept::at(shelf.path_of(&key)) {
                    listing.add(kept, segment.as_deref());
                }
            }
        }
        for documents in listing.attempts.values_mut() {
            documents.segments.sort_unstable();
            documents.segments.dedup();
        }
        Ok(listing)
    }

    fn add(&mut self, kept: Kept, run: Option<&str>) {
        let is_meant = |at: &AttemptFolder| run.is_none_or(|run| at.run_segment() == run);
        match kept {
            Kept::Manifest(at) if is_meant(&at) => {
                self.attempts.entry(at).or_default().has_manifest = true;
            }
            Kept::Segment(at, number) if is_meant(&at) => {
                self.attempts.entry(at).or_default().segments.push(number);
            }
            Kept::Lease(folder, number) => {
                let last = self.leases.entry(folder).or_default();
                *last = number.max(*last);
            }
            _ => {}
        }
    }
}

impl AttemptFolder {
    fn run_segment(&self) -> &str {
        let folder = self.run.trim_end_matches('/');
        folder.rsplit('/').next().unwrap_or(folder)
    }

    /// The folder of the leases that guard it, with a slash at its end.
    pub(crate) fn lease(&self) -> String {
        match self.run.split('/').collect::<Vec<_>>()[..] {
            ["connections", connection, ..] => format!("connections/{connection}/lease/"),
            _ => format!("{}lease/", self.run),
        }
    }
}

impl Kept {
    /// Segments of paths have no slashes of their own, whatever the ids are.
    fn at(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let (run, rest) = match parts[..] {
            ["connections", connection, "lease", name] => {
                let folder = format!("connections/{connection}/lease/");
                return Some(Self::Lease(folder, number(name, ".json")?));
            }
            ["runs", run, "lease", name] => {
                let folder = format!("runs/{run}/lease/");
                return Some(Self::Lease(folder, number(name, ".json")?));
            }
            ["connections", connection, "runs", run, ..] => {
                (format!("connections/{connection}/runs/{run}/"), &parts[4..])
            }
            ["runs", run, ..] => (format!("runs/{run}/"), &parts[2..]),
            _ => return None,
        };
        let attempt = rest.first()?.parse().ok()?;
        let at = AttemptFolder { run, attempt };
        match rest[1..] {
            ["manifest.json"] => Some(Self::Manifest(at)),
            ["journal", name] => Some(Self::Segment(at, number(name, ".journal")?)),
            _ => None,
        }
    }
}

fn number(name: &str, extension: &str) -> Option<u32> {
    name.strip_suffix(extension)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expect: Option<(&str, u32, &str)>) {
        let found = Kept::at(path).map(|kept| match kept {
            Kept::Manifest(at) => (at.run.clone(), at.attempt, at.lease()),
            Kept::Segment(at, number) => (at.run.clone(), at.attempt * 100 + number, at.lease()),
            Kept::Lease(folder, number) => (folder.clone(), number, folder),
        });
        let expect = expect.map(|(run, number, lease)| (run.to_owned(), number, lease.to_owned()));
        assert_eq!(found, expect, "{path}");
    }

    #[test]
    fn paths_tell_what_they_are_of() {
        check(
            "runs/a/001/manifest.json",
            Some(("runs/a/", 1, "runs/a/lease/")),
        );
        check(
            "connections/c%2F1/runs/a/002/journal/000003.journal",
            Some(("connections/c%2F1/runs/a/", 203, "connections/c%2F1/lease/")),
        );
        check(
            "connections/runs/runs/lease/001/manifest.json",
            Some(("connections/runs/runs/lease/", 1, "connections/runs/lease/")),
        );
        check(
            "connections/c/lease/000007.json",
            Some(("connections/c/lease/", 7, "connections/c/lease/")),
        );
        check(
            "runs/a/lease/000001.json",
            Some(("runs/a/lease/", 1, "runs/a/lease/")),
        );
        for other in [
            "connections/c/indexes/runs/000001.json",
            "runs/a/001/else.json",
            "runs/a/x/manifest.json",
            "schemas/c/s.json",
            "runs",
        ] {
            check(other, None);
        }
    }
}
