//! Which documents there are of a connection, and where.

use spile_macros_template::escape_segment;

use super::shelf::Series;
use crate::source::StreamName;

/// Where what is kept of a connection lies, or of runs without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    connection_id: Option<String>,
}

/// Where what is kept of a run lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunPlace {
    home: Home,
    run_id: String,
}

/// Where the documents of an attempt lie.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AttemptFolder {
    /// That of its run, with a slash at its end.
    pub(crate) run: String,
    pub(crate) attempt: u32,
}

/// The folder of all notes that somebody is to be told of a run. They lie apart from what is kept of
/// the runs, so that a list of them is short.
pub(crate) const OUTBOX: &str = "outbox/";

impl Home {
    /// That of a connection, or of runs that have none.
    pub fn new(connection_id: Option<&str>) -> Self {
        Self {
            connection_id: connection_id.map(str::to_owned),
        }
    }

    pub(crate) fn connection_id(&self) -> Option<&str> {
        self.connection_id.as_deref()
    }

    fn folder(&self) -> String {
        match &self.connection_id {
            Some(id) => format!("connections/{}/", escape_segment(id)),
            None => String::new(),
        }
    }

    /// The folder of all its runs, with a slash at its end.
    pub(crate) fn runs(&self) -> String {
        format!("{}runs/", self.folder())
    }

    /// The folder of the leases of a connection, with a slash at its end. Of runs without one, each
    /// has its own, among its documents.
    pub(crate) fn lease_folder(&self) -> String {
        match self.connection_id {
            Some(_) => format!("{}lease/", self.folder()),
            None => self.runs(),
        }
    }

    /// The folder of the notes that somebody is to be told of its runs, with a slash at its end.
    pub(crate) fn outbox(&self) -> String {
        OUTBOX.to_owned() + &self.runs()
    }

    pub(crate) fn run(&self, run_id: &str) -> RunPlace {
        RunPlace {
            home: self.clone(),
            run_id: run_id.to_owned(),
        }
    }

    /// The list of a stream's objects.
    pub(crate) fn index(&self, stream: &StreamName) -> Series {
        let namespace = stream.namespace.as_deref().map(escape_segment);
        let namespace = namespace.map(|namespace| namespace + "/");
        let name = escape_segment(&stream.name);
        let folder = format!(
            "{}indexes/{}{name}/",
            self.folder(),
            namespace.unwrap_or_default()
        );
        Series::new(&folder, "json")
    }
}

impl RunPlace {
    pub(crate) fn run_id(&self) -> &str {
        &self.run_id
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    /// The folder of the run, with a slash at its end.
    pub(crate) fn folder(&self) -> String {
        format!("{}{}/", self.home.runs(), escape_segment(&self.run_id))
    }

    /// The folder of the leases that guard it, with a slash at its end.
    pub(crate) fn lease_folder(&self) -> String {
        match self.home.connection_id {
            Some(_) => self.home.lease_folder(),
            None => format!("{}lease/", self.folder()),
        }
    }

    /// Who holds the connection; where there is none, the run itself.
    pub(crate) fn lease(&self) -> Series {
        Series::new(&self.lease_folder(), "json")
    }

    /// Where it is noted that somebody is to be told of an attempt.
    pub(crate) fn note(&self, attempt: u32) -> String {
        format!("{OUTBOX}{}{attempt:03}.json", self.folder())
    }

    /// Where the documents of an attempt at the run lie.
    pub(crate) fn attempt(&self, attempt: u32) -> AttemptFolder {
        AttemptFolder {
            run: self.folder(),
            attempt,
        }
    }
}

impl AttemptFolder {
    /// With a slash at its end.
    pub(crate) fn path(&self) -> String {
        format!("{}{:03}/", self.run, self.attempt)
    }

    pub(crate) fn journal(&self) -> Series {
        Series::new(&(self.path() + "journal/"), "journal")
    }

    pub(crate) fn manifest(&self) -> String {
        self.path() + "manifest.json"
    }
}
