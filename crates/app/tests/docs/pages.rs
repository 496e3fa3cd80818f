//! Runs the blocks of a page.

use crate::book::{Block, Kind, Page};
use crate::compare::reads_like;
use crate::fault::{Fault, Tested};
use crate::links;
use crate::shell::{INPUTS, Shell};

/// Runs all of a page that needs no server, tries its configurations and follows its links.
pub(crate) fn run_local(path: &str) -> Tested {
    let page = Page::read(path)?;
    links::follow(&page)?;
    let shell = Shell::new()?;
    for block in &page.blocks {
        match block.kind {
            Kind::Config(extension) => {
                try_config(&page, block, extension)?;
                shell.write(&format!("spile.{extension}"), &block.text)?;
            }
            _ if block.needs_server => {}
            _ => run(&shell, &page, block)?,
        }
    }
    Ok(())
}

/// Runs all of a page.
pub(crate) fn run_with_server(path: &str) -> Tested {
    let page = Page::read(path)?;
    let shell = Shell::with_server()?;
    for block in &page.blocks {
        match block.kind {
            Kind::Config(extension) => shell.write(&format!("spile.{extension}"), &block.text)?,
            _ => run(&shell, &page, block)?,
        }
    }
    Ok(())
}

fn run(shell: &Shell, page: &Page, block: &Block) -> Tested {
    let result = match block.kind {
        Kind::Console => console(shell, &block.text),
        _ => shell.succeed(&block.text).map(drop),
    };
    result.map_err(|fault| at(page, block, &fault))
}

fn at(page: &Page, block: &Block, fault: &Fault) -> Fault {
    Fault::new(format!("{}:{}: {fault:?}", page.path, block.line))
}

fn console(shell: &Shell, text: &str) -> Tested {
    let (commands, shown) = dialogue(text)?;
    let printed = shell.run_each(&commands)?;
    for ((command, shown), printed) in commands.iter().zip(&shown).zip(&printed) {
        if !reads_like(shown, printed) {
            return Err(Fault::new(format!(
                "$ {command}\n--- the page shows\n{shown}--- this was printed\n{printed}---"
            )));
        }
    }
    Ok(())
}

/// The commands of a console block, and what it shows of each one's output.
fn dialogue(text: &str) -> Tested<(Vec<String>, Vec<String>)> {
    let (mut commands, mut shown): (Vec<String>, Vec<String>) = Default::default();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push(command.to_owned());
            shown.push(String::new());
            continue;
        }
        let (Some(command), Some(shown)) = (commands.last_mut(), shown.last_mut()) else {
            return Err(Fault::new("a console block begins with `$ ` and a command"));
        };
        match line.strip_prefix("> ") {
            Some(more) if shown.is_empty() => *command += &format!("\n{more}"),
            _ => *shown += &format!("{line}\n"),
        }
    }
    Ok((commands, shown))
}

/// What the streams of some pages have, for configurations that select them.
const ORDERS: &str = "orders.jsonl";

/// Tries a configuration: it is right if it loads one of the inputs. A load into a bucket is only
/// planned here; commands that name the file do the rest where there is a server.
fn try_config(page: &Page, block: &Block, extension: &str) -> Tested {
    let shell = Shell::new()?;
    let file = format!("spile.{extension}");
    shell.write(&file, &block.text)?;
    let (command, folder) = match block.text.contains("s3://") {
        true => ("plan", ""),
        false => ("load", "SPILE_DESTINATION__URL=tried"),
    };
    let folder = if block.text.contains("url") {
        ""
    } else {
        folder
    };
    shell.write(
        ORDERS,
        "{\"id\":1,\"amount\":1,\"at\":\"2025-04-13T22:15:00Z\"}\n",
    )?;
    let mut said = String::new();
    for input in INPUTS.into_iter().chain([ORDERS]) {
        let tried = shell.run(&format!("{folder} spile {command} --config {file} {input}"))?;
        if tried.succeeded {
            return Ok(());
        }
        said += &tried.text;
    }
    let fault = Fault::new(format!(
        "this configuration loads none of {INPUTS:?} and {ORDERS}:\n{said}"
    ));
    Err(at(page, block, &fault))
}
