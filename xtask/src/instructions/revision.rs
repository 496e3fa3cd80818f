//! What is compared with what: the files of two revisions, from git.

use std::path::PathBuf;
use std::process::Command;

use crate::failure::Outcome;
use crate::instructions::{PACKAGE, count};
use crate::process;
use crate::workspace::Workspace;

/// The clone that the workspace lies in.
pub(super) struct Repository<'a> {
    workspace: &'a Workspace,
}

/// What to compare with.
pub(super) enum Base {
    Commit(String),
    /// And why there is nothing.
    Nothing(String),
}

/// What the stages are made of. A change of anything else changes no instruction.
const COMPILED: [&str; 5] = ["bench", "crates", "Cargo.toml", "Cargo.lock", ".cargo"];

impl<'a> Repository<'a> {
    pub(super) fn of(workspace: &'a Workspace) -> Self {
        Self { workspace }
    }

    /// The revision that was named, or else the newest commit's parent.
    pub(super) fn base(&self, named: Option<&str>) -> Outcome<Base> {
        if !self.workspace.root.join(".git").exists() {
            return Ok(Base::Nothing("this is no clone of a repository".to_owned()));
        }
        let commit = match (named, self.commit("HEAD^")) {
            (Some(named), _) => self.named(named)?,
            (None, Some(parent)) => parent,
            (None, None) => return self.no_parent(),
        };
        let manifest = format!("{commit}:bench/Cargo.toml");
        let short = &commit[..commit.len().min(10)];
        if !process::works(self.git().args(["cat-file", "-e", &manifest])) {
            return Ok(Base::Nothing(format!("{short} has no {PACKAGE}")));
        }
        // Who names a revision wants to see the numbers.
        if named.is_none() && self.is_compiled_alike(&commit) {
            let why = format!("all that is compiled is as in {short}");
            return Ok(Base::Nothing(why));
        }
        Ok(Base::Commit(commit))
    }

    /// Why the newest commit lets stages be slower, where its message has a line `Slower: …` at its end.
    pub(super) fn reason(&self) -> Outcome<Option<String>> {
        let mut git = self.git();
        git.args([
            "log",
            "-1",
            "--format=%(trailers:key=Slower,valueonly,unfold)",
        ]);
        let said = process::run_in_silence(&mut git)?;
        let said = said.trim();
        Ok((!said.is_empty()).then(|| said.to_owned()))
    }

    /// The files as they are, committed or not, as a tree of git's; its own index stays as it is.
    pub(super) fn present(&self) -> Outcome<String> {
        let index = self.folder().join("present.index");
        let git = || {
            let mut git = self.git();
            git.env("GIT_INDEX_FILE", &index);
            git
        };
        process::run_in_silence(git().args(["read-tree", "HEAD"]))?;
        process::run_in_silence(git().args(["add", "--all"]))?;
        let tree = process::run_in_silence(git().arg("write-tree"))?;
        Ok(tree.trim().to_owned())
    }

    /// Makes a folder have a revision's files. Those that are as they have to be aren't touched, so that
    /// cargo compiles what differs.
    pub(super) fn lay_out(&self, revision: &str) -> Outcome<PathBuf> {
        let tree = self.folder().join("tree");
        std::fs::create_dir_all(&tree)
            .map_err(|error| format!("creating {}: {error}", tree.display()))?;
        let mut git = self.git();
        git.env("GIT_INDEX_FILE", self.folder().join("tree.index"));
        git.env("GIT_WORK_TREE", &tree);
        git.args(["read-tree", "--reset", "-u", revision]);
        process::run_in_silence(&mut git)?;
        Ok(tree)
    }

    /// A commit without a parent is the first one, unless the clone ends there.
    fn no_parent(&self) -> Outcome<Base> {
        let head = process::run_in_silence(self.git().args(["cat-file", "-p", "HEAD"]))?;
        let mut headers = head.lines().take_while(|line| !line.is_empty());
        if headers.any(|line| line.starts_with("parent ")) {
            return Ok(self.deepened());
        }
        Ok(Base::Nothing("this is the first commit".to_owned()))
    }

    /// A shallow clone lacks the parent; where it was cloned from may still be there.
    fn deepened(&self) -> Base {
        let fetched = process::works(self.git().args(["fetch", "--quiet", "--deepen=1"]));
        match self.commit("HEAD^").filter(|_| fetched) {
            Some(parent) => Base::Commit(parent),
            None => Base::Nothing(
                "NOT COMPARED: this clone is shallow, and `git fetch --deepen=1` doesn't get the parent"
                    .to_owned(),
            ),
        }
    }

    fn named(&self, revision: &str) -> Outcome<String> {
        self.commit(revision).ok_or_else(|| {
            format!(
                "there is no commit `{revision}` here; where the clone is shallow, \
                 `git fetch --unshallow` gets all of them"
            )
            .into()
        })
    }

    fn commit(&self, revision: &str) -> Option<String> {
        let revision = format!("{revision}^{{commit}}");
        let mut git = self.git();
        git.args(["rev-parse", "--verify", "--quiet", &revision]);
        let said = process::run_in_silence(&mut git).ok()?;
        Some(said.trim().to_owned())
    }

    fn is_compiled_alike(&self, commit: &str) -> bool {
        let mut git = self.git();
        git.args(["diff", "--quiet", commit, "--"]);
        process::works(git.args(COMPILED))
    }

    fn folder(&self) -> PathBuf {
        count::folder(self.workspace)
    }

    /// Without what git tells the hooks that it runs: it would be about another index.
    fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.current_dir(&self.workspace.root);
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            git.env_remove(name);
        }
        git
    }
}
