//! Runs one stage over one file, so that whoever started it can count.

#![expect(clippy::print_stdout, reason = "it is a program")]

use std::path::Path;

use spile_bench::{Failure, Stage, object};

const USAGE: &str = "\
Usage: spile-bench stages               List the stages, one a line
       spile-bench run <stage> <file>   Do the work of a stage once; its second word is the file's format
       spile-bench write <format> <lines of JSON> <file>
                                        Write an input of another format";

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["stages"] => Stage::ALL.iter().for_each(|stage| println!("{stage}")),
        ["run", stage, file] => {
            let rows = stage.parse::<Stage>()?.run(Path::new(file))?;
            println!("{rows}");
        }
        ["write", format, lines, file] => {
            std::fs::write(file, object(Path::new(lines), format)?)?;
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}
