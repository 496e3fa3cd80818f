//! What is loaded: TPC-H's lineitem as a file of some kind, or rows of a hard shape.

use crate::args::Args;
use crate::bench::ensure_input;
use crate::bench::peers::site::Site;
use crate::failure::{Outcome, while_};
use crate::generate::{Generated, Input, Shape};
use crate::process;
use crate::workspace::Workspace;

/// The kinds of files other than lines of JSON.
const KINDS: [&str; 3] = ["csv", "parquet", "arrow"];

#[derive(Debug, PartialEq)]
pub(super) enum Table {
    /// Lines of JSON: what the targets are about.
    Lineitem,
    /// Lineitem as another kind of file.
    Converted(&'static str),
    Shape(Shape),
}

impl Table {
    /// What `--input` or `--shape` chooses.
    pub(super) fn chosen(args: &mut Args) -> Outcome<Self> {
        let kind = args.take_value::<String>("--input")?;
        let shape = args.take_value::<String>("--shape")?;
        match (kind.as_deref(), shape.as_deref()) {
            (Some(_), Some(_)) => Err("--shape has lines of JSON; leave out --input".into()),
            (None | Some("jsonl"), None) => Ok(Self::Lineitem),
            (Some(kind), None) => {
                let known = KINDS.into_iter().find(|known| *known == kind);
                let unknown = || {
                    format!(
                        "no input is `{kind}`; choose from jsonl, {}",
                        KINDS.join(", ")
                    )
                };
                known.map(Self::Converted).ok_or_else(|| unknown().into())
            }
            (None, Some(name)) => {
                let known = Shape::ALL.map(Shape::name).join(", ");
                let unknown = || format!("no shape is `{name}`; choose from {known}");
                Shape::named(name)
                    .map(Self::Shape)
                    .ok_or_else(|| unknown().into())
            }
        }
    }

    /// The file, made if it isn't there.
    pub(super) fn ensure(
        &self,
        workspace: &Workspace,
        site: &Site<'_>,
        scale: f64,
    ) -> Outcome<Generated> {
        match self {
            Self::Lineitem => ensure_input(workspace, Input::Lineitem(scale)),
            Self::Shape(shape) => ensure_input(workspace, Input::Shape(*shape, scale)),
            Self::Converted(kind) => convert(workspace, site, kind, scale),
        }
    }
}

fn convert(workspace: &Workspace, site: &Site<'_>, kind: &str, scale: f64) -> Outcome<Generated> {
    let path = Input::Lineitem(scale).path(workspace).with_extension(kind);
    if let Some(found) = Generated::find(path.clone()) {
        return Ok(found);
    }
    let lines = ensure_input(workspace, Input::Lineitem(scale))?;
    process::run(site.script("convert.py").arg(&lines.path).arg(&path))?;
    Generated::keep(path, lines.rows).map_err(while_("keeping the converted input"))
}

#[cfg(test)]
mod tests {
    use super::{Shape, Table};
    use crate::args::Args;

    #[test]
    fn a_table_is_chosen_by_kind_or_shape() {
        let chosen = |words: &str| {
            let mut args = Args::new(words.split_whitespace().map(str::to_owned));
            Table::chosen(&mut args).ok()
        };
        assert_eq!(chosen(""), Some(Table::Lineitem));
        assert_eq!(chosen("--input jsonl"), Some(Table::Lineitem));
        assert_eq!(chosen("--input arrow"), Some(Table::Converted("arrow")));
        assert_eq!(chosen("--shape wide"), Some(Table::Shape(Shape::Wide)));
        for mistake in ["--input orc", "--shape round", "--shape wide --input csv"] {
            assert_eq!(chosen(mistake), None, "{mistake}");
        }
    }
}
