//! What a check comes to: its exit code, its last line, and its form for programs.

use serde::Serialize;
use serde_json::Value;
use spile_store_s3::access::Statement;
use spile_store_s3::check::{Finding, Lack, PolicyKind, Status, Verdict};

use super::CONFIGURATION;
use crate::failure::{Exit, Failure};
use crate::hints::{bucket_hint, credentials_hint};

/// What a check comes to.
#[derive(Debug, Serialize)]
pub(super) struct Outcome<'a> {
    schema_version: u32,
    /// `passed`, `warned`, `failed` or `interrupted`.
    status: &'static str,
    #[serde(skip)]
    pub(super) exit: Exit,
    exit_code: u8,
    lines: Vec<Line<'a>>,
}

/// A finding, for programs.
#[derive(Debug, Serialize)]
struct Line<'a> {
    name: &'a str,
    status: &'static str,
    message: &'a str,
    hint: Option<&'static str>,
    /// The action that isn't granted, on what, and what grants it.
    action: Option<&'static str>,
    resource: Option<&'a str>,
    statement: Option<Value>,
    /// The policy that lacks it, `access` or `trust`, and what it lacks, `statement` or `condition`.
    policy: Option<&'static str>,
    lacks: Option<&'static str>,
    /// What whoever asks needs in their own access policy as well.
    counterpart: Option<Value>,
    seconds: f64,
}

impl<'a> Outcome<'a> {
    /// `signal` is the exit code of the signal that ended the check early.
    pub(super) fn of(findings: &'a [Finding], signal: Option<Exit>) -> Self {
        let exit = signal.unwrap_or_else(|| exit(findings));
        let is = |status| findings.iter().any(|one| one.verdict.status == status);
        let status = match signal {
            Some(_) => "interrupted",
            None if is(Status::Failed) => status(Status::Failed),
            None if is(Status::Warned) => status(Status::Warned),
            None => status(Status::Passed),
        };
        Self {
            schema_version: 1,
            status,
            exit,
            exit_code: exit as u8,
            lines: findings.iter().map(Line::of).collect(),
        }
    }

    /// The last line for people.
    pub(super) fn summary(&self) -> String {
        let what = match self.status {
            "interrupted" => "interrupted",
            "failed" => "not ready",
            _ => "ready",
        };
        let count = |status| {
            let count = self
                .lines
                .iter()
                .filter(|line| line.status == status)
                .count();
            (count > 0).then(|| format!("{count} {status}"))
        };
        let counts = ["failed", "warned", "passed", "skipped"].map(count);
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        format!("{what}: {}", counts.join(", "))
    }

    pub(super) fn json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::of(Exit::Bug, &error, None))
    }
}

impl<'a> Line<'a> {
    fn of(finding: &'a Finding) -> Self {
        let verdict = &finding.verdict;
        let missing = verdict.missing.as_ref();
        Self {
            name: finding.name,
            status: status(verdict.status),
            message: &verdict.message,
            hint: hint(verdict),
            action: missing.map(|missing| missing.action.name()),
            resource: missing.map(|missing| &*missing.resource),
            statement: missing.and_then(|missing| json(&missing.statement)),
            policy: missing.map(|missing| policy(missing.policy)),
            lacks: missing.map(|missing| lack(missing.lacks)),
            counterpart: missing.and_then(|missing| json(missing.counterpart.as_ref()?)),
            seconds: finding.took.as_secs_f64(),
        }
    }
}

fn json(statement: &Statement) -> Option<Value> {
    serde_json::to_value(statement).ok()
}

fn policy(kind: PolicyKind) -> &'static str {
    match kind {
        PolicyKind::Access => "access",
        PolicyKind::Trust => "trust",
    }
}

fn lack(lack: Lack) -> &'static str {
    match lack {
        Lack::Statement => "statement",
        Lack::Condition => "condition",
    }
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Warned => "warned",
        Status::Failed => "failed",
        Status::Skipped => "skipped",
    }
}

/// What to do about a failure, where no statement says it.
pub(super) fn hint(verdict: &Verdict) -> Option<&'static str> {
    match (&verdict.missing, &verdict.credentials) {
        (Some(_), _) => None,
        (None, Some(error)) => credentials_hint(error).1,
        (None, None) => verdict.hint.or_else(|| bucket_hint(verdict.fault?).1),
    }
}

/// Settings come first, then whoever asks: without them, nothing else can be right.
fn exit(findings: &[Finding]) -> Exit {
    let failed = || {
        let is_failed = |one: &&Finding| one.verdict.status == Status::Failed;
        findings.iter().filter(is_failed)
    };
    let is_of_credentials = |one: &Finding| {
        let exit = one.verdict.fault.map(|kind| bucket_hint(kind).0);
        exit == Some(Exit::Credentials)
    };
    match failed().next() {
        None => Exit::Done,
        Some(first) if first.name == CONFIGURATION => Exit::Configuration,
        Some(_) if failed().any(is_of_credentials) => Exit::Credentials,
        Some(_) => Exit::Refused,
    }
}
