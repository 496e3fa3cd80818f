//! Failures as people meet them: what happened, where, what to do next, and the exit code.

use std::error::Error;
use std::fmt;
use std::io;

use spile_core::ledger::CoverFault;
use spile_core::{
    BucketError, BucketErrorKind, ErrorReport, LoadError, RouteError, RunError, SchemaMemoryError,
    SourceError, UploadError, causes,
};
use spile_sources::{InputError, InputErrors};
use spile_store_s3::credentials::CredentialsError;

use crate::config::{ConfigFault, ConfigFaults, in_settings};
pub(crate) use crate::hints::bucket_hint;
use crate::hints::{credentials_hint, used_up_hint};
use crate::record::{first_failure, ledger_hint};
use crate::source_objects::told_of;
use crate::terminal;

/// The exit code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done.
    Done = 0,
    /// The settings are wrong.
    Configuration = 3,
    /// The input is wrong.
    Input = 4,
    /// The destination refuses.
    Refused = 5,
    /// The credentials are missing or wrong.
    Credentials = 6,
    /// Another run holds the connection.
    Held = 7,
    /// Objects aren't as their manifest says.
    Different = 8,
    /// All was done, and bad records were set aside.
    Rejected = 9,
    /// The program is wrong.
    Bug = 70,
    /// What fails in passing has failed too often: run it again.
    RetriesUsedUp = 75,
    /// Asked to stop by Ctrl-C.
    Interrupted = 130,
    /// Asked to stop by a signal.
    Terminated = 143,
}

impl Exit {
    /// What whoever runs connectors is told: they take all but 0 for a failure, and would load it once
    /// more. That bad records were set aside is in the report, and in Airbyte's states.
    pub(crate) fn of_connector(self) -> Self {
        match self {
            Self::Rejected => {
                tracing::warn!("bad records were set aside");
                Self::Done
            }
            exit => exit,
        }
    }
}

/// Why the program doesn't do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// Never empty.
    pub(crate) problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What happened and where.
    pub(crate) message: String,
    /// What it was caused by, from the nearest to the deepest.
    pub(crate) causes: Vec<String>,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        let problem = Problem {
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        };
        Self {
            exit,
            problems: vec![problem],
        }
    }

    /// A failure of an error with all its causes.
    pub(crate) fn of(exit: Exit, error: &dyn Error, hint: Option<&str>) -> Self {
        let problem = Problem {
            message: format!("failed to {error}"),
            causes: causes(error),
            hint: hint.map(str::to_owned),
        };
        Self {
            exit,
            problems: vec![problem],
        }
    }

    /// This failure, and what is wrong with the configuration besides.
    pub(crate) fn and(mut self, faults: ConfigFaults) -> Self {
        if !faults.0.is_empty() {
            let also = Failure::from(faults);
            self.exit = also.exit;
            self.problems.splice(0..0, also.problems);
        }
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Some(problem) = self.problems.last_mut() {
            problem.hint = Some(hint.into());
        }
        self
    }

    /// Tells people.
    pub(crate) fn say(&self) {
        terminal::say(&self.to_string());
    }

    /// The same for whoever has no flags: by the names of settings.
    pub(crate) fn in_settings(mut self) -> Self {
        for problem in &mut self.problems {
            problem.message = in_settings(&problem.message);
            problem.hint = problem.hint.as_deref().map(in_settings);
        }
        self
    }

    /// As it stands in the report for programs.
    pub(crate) fn report(&self) -> ErrorReport {
        let message = |problem: &Problem| {
            let causes = problem.causes.iter().map(|cause| format!(": {cause}"));
            problem.message.clone() + &causes.collect::<String>()
        };
        let hints = self
            .problems
            .iter()
            .filter_map(|problem| problem.hint.clone());
        let hints: Vec<String> = hints.collect();
        ErrorReport {
            message: self
                .problems
                .iter()
                .map(message)
                .collect::<Vec<_>>()
                .join("\n"),
            hint: (!hints.is_empty()).then(|| hints.join("\n")),
            exit_code: self.exit as u8,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "error: {}", problem.message)?;
            for cause in &problem.causes {
                writeln!(f, "  caused by: {cause}")?;
            }
            if let Some(hint) = &problem.hint {
                writeln!(f, "  hint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl From<ConfigFaults> for Failure {
    fn from(faults: ConfigFaults) -> Self {
        let problem = |fault: ConfigFault| Problem {
            message: format!("{}: {}", fault.place, fault.message).replace(": \n", ":\n"),
            causes: Vec::new(),
            hint: fault.hint,
        };
        let problems = faults.0.into_iter().map(problem).collect();
        Self {
            exit: Exit::Configuration,
            problems,
        }
    }
}

impl From<ConfigFault> for Failure {
    fn from(fault: ConfigFault) -> Self {
        ConfigFaults::from(fault).into()
    }
}

impl From<InputErrors> for Failure {
    fn from(errors: InputErrors) -> Self {
        let problem = |error: &InputError| Problem {
            message: format!("failed to {error}"),
            causes: causes(error),
            hint: input_hint(error).map(str::to_owned),
        };
        Self {
            exit: Exit::Input,
            problems: errors.iter().map(problem).collect(),
        }
    }
}

impl From<&RunError> for Failure {
    fn from(error: &RunError) -> Self {
        let (exit, hint) = match error {
            RunError::Source(SourceError::Read { source, .. }) if told_of(source).is_some() => {
                return unread(error, source);
            }
            RunError::Source(error) => (Exit::Input, source_hint(error)),
            RunError::Load(error) => load_hint(error),
            RunError::Upload(UploadError::Ledger(error)) | RunError::Ledger(error) => {
                let error = first_failure(error);
                let (exit, hint) = ledger_hint(error);
                return Failure::of(exit, error, hint.as_deref());
            }
            RunError::Upload(error) => upload_hint(error),
            RunError::Memory(error) => {
                let (exit, hint) = memory_hint(error);
                return Failure::of(exit, error, hint);
            }
            RunError::Sink(_) => (
                Exit::RetriesUsedUp,
                Some(
                    "whoever reads stdout has gone: run it again, from the last state that was told",
                ),
            ),
            RunError::Cover { fault, .. } => {
                let hint = cover_hint(fault);
                return Failure::of(Exit::Refused, error, Some(&hint));
            }
            _ => (Exit::Bug, Some(BUG)),
        };
        Failure::of(exit, error, hint)
    }
}

/// What to do where the source has named an object that can't be read.
fn unread(error: &RunError, source: &io::Error) -> Failure {
    let why = told_of(source).and_then(|why| Some((why.exit, why.problems.first()?)));
    let mut failure = Failure::of(Exit::Input, error, None);
    if let (Some((exit, why)), Some(problem)) = (why, failure.problems.first_mut()) {
        failure.exit = exit;
        problem.causes.extend(why.causes.iter().cloned());
        problem.hint.clone_from(&why.hint);
    }
    failure
}

/// What to do where it can't be read what earlier runs have found of columns.
fn memory_hint(error: &SchemaMemoryError) -> (Exit, Option<&'static str>) {
    match error {
        SchemaMemoryError::Bucket(error) => error_hint(error),
        SchemaMemoryError::Document { .. } => (
            Exit::Refused,
            Some("mend that object, or delete it: then the next run finds the columns anew"),
        ),
        _ => (Exit::Configuration, None),
    }
}

/// What to do where the periods of a stream can't be replaced.
fn cover_hint(fault: &CoverFault) -> String {
    let what = match fault {
        CoverFault::Overlap { .. } => "cover whole periods of the earlier objects".to_owned(),
        CoverFault::Zone { was, .. } => format!("load under theirs: --timezone {was}"),
        CoverFault::Template { was, .. } => format!("load under theirs: --key '{was}'"),
        CoverFault::Destination { was, .. } => format!("load into {was}, where they are"),
        _ => "load as the earlier run did".to_owned(),
    };
    format!(
        "nothing was replaced: {what}. Under another connection.id a load knows nothing of them, and \
         leaves them beside its own"
    )
}

const BUG: &str = "this is a fault of spile: please report it with what is printed above";

fn input_hint(error: &InputError) -> Option<&'static str> {
    match error {
        InputError::Start { source, .. } => start_hint(source.kind()),
        InputError::Damaged(SourceError::Program { .. }) => {
            Some("what it says on stderr may tell why; nothing has been loaded")
        }
        _ => None,
    }
}

fn start_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::NotFound => Some(
            "a program and its arguments follow `--` word by word, and no shell reads them: check \
             its name and PATH and, in a script, what stands behind #!",
        ),
        io::ErrorKind::ArgumentListTooLong | io::ErrorKind::OutOfMemory => None,
        _ => Some("make it executable, or name what runs it, as in `-- python3 tap.py`"),
    }
}

fn source_hint(error: &SourceError) -> Option<&'static str> {
    match error {
        SourceError::Program { .. } => Some(
            "what it says on stderr may tell why; mend that and run again. What the report lists \
             has been loaded",
        ),
        SourceError::Message { .. } => Some(
            "no state was told that covers more than what the report lists: mend the source, and run it \
             again from the last one",
        ),
        SourceError::Incomplete { .. } => Some(
            "what it gave before is loaded, and nothing of earlier runs was removed: run it again",
        ),
        SourceError::Record { .. } => {
            Some("mend the record and run again; what was sealed before it is in the bucket")
        }
        _ => None,
    }
}

fn load_hint(error: &LoadError) -> (Exit, Option<&'static str>) {
    match error {
        LoadError::Plan { .. } => (Exit::Configuration, None),
        LoadError::Route {
            source: RouteError::Cursor { .. },
            ..
        } => (
            Exit::Input,
            Some(
                "name the right field by --cursor-field, and how it is written by --cursor-format",
            ),
        ),
        LoadError::Route {
            source: RouteError::Key { .. },
            ..
        } => (Exit::Configuration, None),
        LoadError::Declared { .. } => (
            Exit::Input,
            Some(
                "mend the record or its declared type, and run again; what was sealed before it is \
                 in the bucket",
            ),
        ),
        LoadError::Reshape { .. } => (
            Exit::Input,
            Some("mend the columns in the stream's table, or `unknown_fields`, and run again"),
        ),
        LoadError::TooManyBad { .. } => (
            Exit::Input,
            Some("mend the records and run again, or allow for more by --max-bad-records"),
        ),
        LoadError::SchemaChange { .. } => (
            Exit::Input,
            Some("with --schema-change widen, a further object with room for it begins"),
        ),
        LoadError::Encode { .. } => (Exit::Input, None),
        _ => (Exit::Bug, Some(BUG)),
    }
}

fn upload_hint(error: &UploadError) -> (Exit, Option<&'static str>) {
    match error {
        UploadError::Key { .. } => (Exit::Configuration, None),
        UploadError::Taken { .. } => (
            Exit::Refused,
            Some("nothing was replaced; run again, and the next free number is taken"),
        ),
        UploadError::Removed { .. } => (
            Exit::Refused,
            Some(
                "lengthen the rule's AbortIncompleteMultipartUpload to more days than your longest \
                 run takes; nothing was replaced",
            ),
        ),
        UploadError::Publish { source, .. } => error_hint(source),
        UploadError::Bucket(error) => error_hint(error),
        _ => (Exit::Bug, Some(BUG)),
    }
}

/// The exit code of a failed request to the destination, and what to do about it.
pub(crate) fn error_hint(error: &BucketError) -> (Exit, Option<&'static str>) {
    let source = error.source.as_deref();
    match source.and_then(|source| source.downcast_ref()) {
        Some(error) => credentials_hint(error),
        None if is_revoked(error) => (Exit::Credentials, Some(REVOKED)),
        None if error.tried.is_some() => used_up_hint(error.kind),
        None => bucket_hint(error.kind),
    }
}

const REVOKED: &str = "a policy of the role or the user denies it, as where the sessions of a role \
     have been revoked: ask its owner";

/// Whether who asks is denied it by their own policy, which is how AWS revokes the sessions of a
/// role. What a bucket's policy denies is another matter.
fn is_revoked(error: &BucketError) -> bool {
    let reason = "explicit deny in an identity-based policy";
    error.kind == BucketErrorKind::Denied && error.message.contains(reason)
}

/// A failure to get credentials.
pub(crate) fn without_credentials(error: &CredentialsError) -> Failure {
    let (exit, hint) = credentials_hint(error);
    Failure::of(exit, error, hint)
}

#[cfg(test)]
mod tests {
    use spile_core::Tried;

    use super::*;

    fn error(kind: BucketErrorKind, message: String) -> BucketError {
        BucketError {
            kind,
            action: "put a.csv".to_owned(),
            location: "s3://acme".to_owned(),
            message,
            retry_after_s: None,
            tried: None,
            source: None,
        }
    }

    /// It is the retries that are used up, not that there might have been some.
    #[test]
    fn retries_are_used_up_where_a_request_was_repeated() {
        let check = |kind: BucketErrorKind, once: Exit, tried: Exit| {
            let mut error = error(kind, "no".to_owned());
            assert_eq!(error_hint(&error).0, once, "{kind:?}");
            error.tried = Some(Tried {
                attempts: 3,
                elapsed_ms: 2_000,
            });
            assert_eq!(error_hint(&error).0, tried, "{kind:?}");
        };
        for kind in [
            BucketErrorKind::Throttled,
            BucketErrorKind::Interrupted,
            BucketErrorKind::ServerFault,
            BucketErrorKind::Unreachable,
        ] {
            check(kind, Exit::Refused, Exit::RetriesUsedUp);
        }
        // A session that is always over by the time it is used is a matter of its settings.
        check(
            BucketErrorKind::Expired,
            Exit::Credentials,
            Exit::Credentials,
        );
    }

    /// AWS revokes sessions by a policy of the role; a bucket's may deny for other reasons.
    #[test]
    fn a_role_that_is_revoked_is_no_missing_grant() {
        let check = |reason: &str, exit: Exit| {
            let reason = format!("it isn't granted: not authorized {reason}");
            let denied = error(BucketErrorKind::Denied, reason.clone());
            assert_eq!(error_hint(&denied).0, exit, "{reason}");
        };
        let own = "with an explicit deny in an identity-based policy";
        check(own, Exit::Credentials);
        check(
            "with an explicit deny in a resource-based policy",
            Exit::Refused,
        );
        check("because no identity-based policy allows it", Exit::Refused);
    }
}
