//! `cargo xtask instructions`: what the stages of a load cost, in instructions, beside another
//! revision. They are the same on a busy machine, where seconds are not.

mod count;
mod inputs;
mod judge;
mod revision;

use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::failure::Outcome;
use crate::instructions::count::Counter;
use crate::instructions::inputs::Inputs;
use crate::instructions::judge::Row;
use crate::instructions::revision::{Base, Repository};
use crate::workspace::Workspace;

/// What is built of a revision: the stages, and nothing that they don't need.
const PACKAGE: &str = "spile-bench";

pub(crate) fn run(mut args: Args) -> Outcome {
    let against = args.take_value::<String>("--against")?;
    args.finish()?;
    compare(&Workspace::load()?, against.as_deref())
}

/// Against the parent commit.
pub(crate) fn run_in(workspace: &Workspace) -> Outcome {
    compare(workspace, None)
}

fn compare(workspace: &Workspace, against: Option<&str>) -> Outcome {
    let repository = Repository::of(workspace);
    let commit = match repository.base(against)? {
        Base::Commit(commit) => commit,
        Base::Nothing(why) => {
            println!("Nothing to compare with: {why}.");
            return Ok(());
        }
    };
    let counter = Counter::find(workspace)?;
    let (before, after) = build_both(&repository, &counter, &commit)?;
    let inputs = Inputs::ensure(workspace, &after)?;
    let known = count::stages(&before)?;
    println!("{}", judge::heading(&commit));
    let mut rows = Vec::new();
    for stage in count::stages(&after)? {
        let before = known.contains(&stage).then_some(before.as_path());
        let row = measure(&counter, &inputs, before, &after, stage)?;
        println!("{row}");
        rows.push(row);
    }
    judge::judge(&rows, &commit, repository.reason()?.as_deref())
}

/// In one folder, one after the other: what both have in common is compiled once, and paths are the
/// same, as they are part of a program.
fn build_both(
    repository: &Repository<'_>,
    counter: &Counter,
    commit: &str,
) -> Outcome<(PathBuf, PathBuf)> {
    let tree = repository.lay_out(commit)?;
    let before = counter.build(&tree, "before")?;
    let tree = repository.lay_out(&repository.present()?)?;
    let after = counter.build(&tree, "after")?;
    Ok((before, after))
}

/// Both at once: what one does is no matter to the other's number.
fn measure(
    counter: &Counter,
    inputs: &Inputs,
    before: Option<&Path>,
    after: &Path,
    stage: String,
) -> Outcome<Row> {
    let input = inputs.of(&stage)?;
    let count = |program: &Path| counter.count(program, &stage, &input);
    let (before, after) = std::thread::scope(|scope| {
        let other = before.map(|program| scope.spawn(move || count(program)));
        let after = count(after);
        let before = other.map(|other| other.join().unwrap_or_else(|_| Err("a panic".into())));
        (before, after)
    });
    Ok(Row {
        before: before.transpose()?,
        after: after?,
        stage,
    })
}
