//! The test runner: nextest where it is installed, `cargo test` elsewhere. What it says is read
//! again, because a test that is skipped in silence proves nothing.

use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;

use crate::failure::Outcome;
use crate::process::{self, Stream};
use crate::weed::Keys;
use crate::workspace::Workspace;

/// What the tests of a server are told.
pub(crate) struct Server<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) bucket: &'a str,
    pub(crate) admin: &'a Keys,
    pub(crate) reader: &'a Keys,
    pub(crate) python: &'a Path,
    /// Whoever has roles; tests of roles fail without.
    pub(crate) roles: Option<Roles<'a>>,
    /// Further variables, by which tests do more than they usually do.
    pub(crate) more: &'a [(&'a str, &'a str)],
}

/// What the tests of roles are told.
pub(crate) struct Roles<'a> {
    /// Of the server: who may ask for its role, and that.
    pub(crate) vendor: &'a Keys,
    pub(crate) role_arn: &'a str,
    /// A bucket that the role has no right to.
    pub(crate) other_bucket: &'a str,
    /// Of an emulator that keeps to IAM.
    pub(crate) ministack_endpoint: &'a str,
}

impl Server<'_> {
    /// The contract with the tests: those that need a server fail without these.
    fn tell(&self, command: &mut Command) {
        command
            .env("SPILE_TEST_S3_ENDPOINT", self.endpoint)
            .env("SPILE_TEST_S3_BUCKET", self.bucket)
            .env("SPILE_TEST_S3_ACCESS_KEY_ID", self.admin.id)
            .env("SPILE_TEST_S3_SECRET_ACCESS_KEY", self.admin.secret)
            .env("SPILE_TEST_S3_READONLY_ACCESS_KEY_ID", self.reader.id)
            .env(
                "SPILE_TEST_S3_READONLY_SECRET_ACCESS_KEY",
                self.reader.secret,
            )
            .env("SPILE_TEST_PYTHON", self.python)
            .envs(self.more.iter().copied());
        if let Some(roles) = &self.roles {
            command
                .env("SPILE_TEST_S3_VENDOR_ACCESS_KEY_ID", roles.vendor.id)
                .env(
                    "SPILE_TEST_S3_VENDOR_SECRET_ACCESS_KEY",
                    roles.vendor.secret,
                )
                .env("SPILE_TEST_S3_ROLE_ARN", roles.role_arn)
                .env("SPILE_TEST_S3_OTHER_BUCKET", roles.other_bucket)
                .env("SPILE_TEST_MINISTACK_ENDPOINT", roles.ministack_endpoint);
        }
    }
}

/// Whether tests may be left out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skipping {
    Fails,
    /// The person who started the run chose some of the tests.
    IsChosen,
}

/// Runs the examples in the documentation.
pub(crate) fn run_doc_tests(workspace: &Workspace, server: &Server<'_>) -> Outcome {
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--doc"]);
    listen(command, server, Stream::Out, Skipping::Fails)
}

/// Runs the tests; the runner's own closing lines are the last that is printed.
pub(crate) fn run_tests(
    workspace: &Workspace,
    server: &Server<'_>,
    arguments: &[String],
    skipping: Skipping,
) -> Outcome {
    let mut command = workspace.cargo();
    let stream = if has_nextest() {
        command.args(["nextest", "run"]);
        if std::env::var_os("CI").is_some() {
            command.args(["--profile", "ci"]);
        }
        Stream::Err
    } else {
        // Integration and unit tests; the examples have run.
        command.args(["test", "--no-fail-fast", "--tests"]);
        Stream::Out
    };
    if !names_packages(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments);
    listen(command, server, stream, skipping)
}

/// Whether `cargo nextest` is installed.
pub(crate) fn has_nextest() -> bool {
    process::works(process::cargo().args(["nextest", "--version"]))
}

fn listen(
    mut command: Command,
    server: &Server<'_>,
    stream: Stream,
    skipping: Skipping,
) -> Outcome {
    server.tell(&mut command);
    let terminal = match stream {
        Stream::Out => std::io::stdout().is_terminal(),
        Stream::Err => std::io::stderr().is_terminal(),
    };
    if terminal && std::env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let (status, said) = process::run_and_listen(&mut command, stream)?;
    if !status.success() {
        return Err(process::said_by(status));
    }
    match skipped_in(&said) {
        count if count > 0 && skipping == Skipping::Fails => {
            Err(format!("the runner left out {count} of the tests; every test must run").into())
        }
        _ => Ok(()),
    }
}

fn names_packages(arguments: &[String]) -> bool {
    let names = |word: &String| word.starts_with("-p") || word.starts_with("--package");
    arguments
        .iter()
        .any(|word| names(word) || word == "--workspace")
}

/// The tests that the closing lines of nextest (`… 3 passed, 1 skipped`) or of `cargo test`
/// (`test result: ok. 3 passed; 0 failed; 1 ignored; …`) count as not run.
fn skipped_in(said: &str) -> u64 {
    let plain = without_colours(said);
    let lines = plain.lines().map(str::trim_start);
    let closing =
        lines.filter(|line| line.starts_with("Summary [") || line.starts_with("test result:"));
    closing
        .map(|line| count_before(line, "skipped") + count_before(line, "ignored"))
        .sum()
}

/// The number in front of a word: 2 for `ignored` in `0 failed; 2 ignored; 0 measured`.
fn count_before(line: &str, word: &str) -> u64 {
    let words: Vec<_> = line
        .split([' ', ',', ';'])
        .filter(|word| !word.is_empty())
        .collect();
    let pairs = words.windows(2).filter(|pair| pair[1] == word);
    pairs.filter_map(|pair| pair[0].parse::<u64>().ok()).sum()
}

/// Terminal colours are `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| {
        plain + piece.split_once('m').map_or(piece, |(_, after)| after)
    })
}

#[cfg(test)]
mod tests {
    use super::{names_packages, skipped_in};

    #[test]
    fn closing_lines_are_read() {
        let check = |said: &str, expect: u64| assert_eq!(skipped_in(said), expect, "{said}");
        check(
            "     Summary [   0.009s] 5 tests run: 5 passed, 0 skipped\n",
            0,
        );
        check(
            "     Summary [   1.2s] 5 tests run: 5 passed (1 slow), 12 skipped\n",
            12,
        );
        check(
            "\u{1b}[32;1m     Summary\u{1b}[0m [   0.009s] \u{1b}[1m5\u{1b}[0m tests run: \
             \u{1b}[1m5\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m3\u{1b}[0m \
             \u{1b}[33;1mskipped\u{1b}[0m\n",
            3,
        );
        check(
            "test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out",
            2,
        );
        check("a test that prints 7 skipped", 0);
    }

    #[test]
    fn chosen_packages_replace_the_workspace() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert!(names_packages(&words("-p spile-core")));
        assert!(names_packages(&words("--package=spile-core ledger")));
        assert!(!names_packages(&words("-E test(/s3/)")));
    }
}
