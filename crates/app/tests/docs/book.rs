//! Pages and the blocks of code in them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Tested};

/// A page of the documentation.
pub(crate) struct Page {
    /// From the root of the workspace.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
}

/// A block of code that means something to the tests.
pub(crate) struct Block {
    /// Where it begins.
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) needs_server: bool,
}

/// What a block is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Commands, all of which have to succeed.
    Script,
    /// Commands with what they print.
    Console,
    /// A configuration, by the extension of its file.
    Config(&'static str),
}

/// A block as it stands on the page.
struct Fence<'a> {
    line: usize,
    language: &'a str,
    text: String,
    /// The last line above it that isn't empty.
    above: &'a str,
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Markdown files of a folder and the folders in it.
pub(crate) fn markdown_below(folder: &str) -> Tested<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            found.extend(markdown_below(&path)?);
        } else if path.ends_with(".md") {
            found.push(path);
        }
    }
    Ok(found)
}

impl Page {
    pub(crate) fn read(path: &str) -> Tested<Self> {
        let text = fs::read_to_string(root().join(path))
            .map_err(|error| Fault::new(format!("{path}: {error}")))?;
        let mut blocks: Vec<Block> = Vec::new();
        for fence in fences(&text) {
            let place = format!("{path}:{}", fence.line);
            let Some(kind) = fence
                .kind()
                .map_err(|why| Fault::new(format!("{place}: {why}")))?
            else {
                continue;
            };
            let needs_server = fence.text.contains("s3://") || uses_s3_config(&fence.text, &blocks);
            blocks.push(Block {
                line: fence.line,
                kind,
                text: fence.text,
                needs_server,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            text,
            blocks,
        })
    }

    /// Whether any of its commands do.
    pub(crate) fn needs_server(&self) -> bool {
        let mut commands = self.blocks.iter().filter(|block| !block.kind.is_config());
        commands.any(|block| block.needs_server)
    }
}

impl Kind {
    pub(crate) fn is_config(self) -> bool {
        matches!(self, Kind::Config(_))
    }
}

/// Whether commands name a configuration whose destination is a bucket.
fn uses_s3_config(commands: &str, above: &[Block]) -> bool {
    let names = |extension| commands.contains(&format!("spile.{extension}"));
    let config = above.iter().rfind(|block| match block.kind {
        Kind::Config(extension) => names(extension),
        Kind::Script | Kind::Console => false,
    });
    config.is_some_and(|block| block.needs_server)
}

impl Fence<'_> {
    fn kind(&self) -> Result<Option<Kind>, String> {
        if let Some(reason) = self.above.strip_prefix("<!-- not run:") {
            let reason = reason.trim_end_matches("-->").trim();
            return match reason.len() {
                0..10 => Err("say why this isn't run".to_owned()),
                _ => Ok(None),
            };
        }
        Ok(match self.language {
            "sh" | "console" if self.text.trim_start_matches("$ ").starts_with("cargo ") => None,
            "sh" => Some(Kind::Script),
            "console" => Some(Kind::Console),
            "toml" => Some(Kind::Config("toml")),
            "yaml" => Some(Kind::Config("yaml")),
            "json" => Some(Kind::Config("json")),
            "text" => None,
            other => return Err(format!("no test knows what a block of `{other}` is")),
        })
    }
}

fn fences(text: &str) -> Vec<Fence<'_>> {
    let mut fences = Vec::new();
    let mut above = "";
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.trim_start().strip_prefix("```") else {
            above = if line.is_empty() { above } else { line };
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let inside = lines.by_ref().map(|(_, line)| line);
        let inside = inside.take_while(|line| line.trim() != "```");
        let inside = inside.map(|line| line.get(indent..).unwrap_or_default().to_owned() + "\n");
        fences.push(Fence {
            line: number + 1,
            language,
            text: inside.collect(),
            above,
        });
        above = "";
    }
    fences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_that_is_left_out_says_why() {
        let kind = |text: &str| {
            let fences = fences(text);
            fences[0].kind().map(|kind| kind.is_some())
        };
        assert_eq!(kind("```sh\nls\n```\n"), Ok(true));
        assert_eq!(
            kind("<!-- not run: it takes an hour -->\n\n```sh\nls\n```\n"),
            Ok(false)
        );
        assert!(kind("<!-- not run: -->\n```sh\nls\n```\n").is_err());
        assert!(kind("```bash\nls\n```\n").is_err());
        assert_eq!(kind("```sh\ncargo xtask test\n```\n"), Ok(false));
    }
}
