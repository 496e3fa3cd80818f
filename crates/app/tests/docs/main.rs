//! The documentation, tried out: every command of the book and of the README runs, every
//! configuration loads something, every link leads somewhere, and the reference names all there is.
//!
//! How blocks of code are treated is told by their language and, where one is left out, by a
//! comment right above them:
//!
//! - `sh` runs and has to succeed; `console` runs what stands behind `$ ` and has to print what
//!   follows, where `…` stands for anything. Blocks of a page run in order, in one folder.
//! - A block that mentions `s3://` runs in the tests called `s3`, which need a server; there, the
//!   bucket is the server's and has a fresh prefix.
//! - `toml`, `yaml` and `json` are configurations: each has to load one of the inputs below, and is
//!   `spile.toml` (or `.yaml`, `.json`) to the commands after it.
//! - Blocks that begin with `cargo ` are left out: they build this very workspace.
//! - `<!-- not run: REASON -->` leaves a block out, and is refused without a reason.

mod book;
mod compare;
mod fault;
mod links;
mod pages;
mod reference;
mod shell;

use crate::book::Page;
use crate::fault::{Fault, Tested};

/// Tests of the pages: what runs anywhere, and what needs a server.
macro_rules! pages {
    (local { $($local:ident: $local_path:literal,)* } s3 { $($s3:ident: $s3_path:literal,)* }) => {
        const LOCAL: &[&str] = &[$($local_path),*];
        const S3: &[&str] = &[$($s3_path),*];

        mod local {
            $(#[test]
            fn $local() -> crate::fault::Tested {
                crate::pages::run_local($local_path)
            })*
        }

        mod s3 {
            $(#[test]
            fn $s3() -> crate::fault::Tested {
                crate::pages::run_with_server($s3_path)
            })*
        }
    };
}

pages! {
    local {
        readme: "README.md",
        contents: "docs/README.md",
        load_files: "docs/guides/load-files.md",
        load_a_pipe: "docs/guides/load-a-pipe-into-s3.md",
        load_from_a_singer_tap: "docs/guides/load-from-a-singer-tap.md",
        be_a_destination_of_airbyte: "docs/guides/be-a-destination-of-airbyte.md",
        set_up_a_role: "docs/guides/set-up-a-role.md",
        check_a_destination: "docs/guides/check-a-destination.md",
        one_object_per_cursor_period: "docs/guides/one-object-per-cursor-period.md",
        large_loads: "docs/guides/large-loads.md",
        when_it_fails: "docs/guides/when-it-fails.md",
        when_a_run_was_killed: "docs/guides/when-a-run-was-killed.md",
        set_bad_records_aside: "docs/guides/set-bad-records-aside.md",
        be_told: "docs/guides/be-told-when-a-run-is-whole.md",
        keys_and_routes: "docs/concepts/keys-and-routes.md",
        records_and_schemas: "docs/concepts/records-and-schemas.md",
        columns: "docs/concepts/columns.md",
        publishing: "docs/concepts/publishing.md",
        what_is_guaranteed: "docs/concepts/what-is-guaranteed.md",
        performance: "docs/concepts/performance.md",
        settings: "docs/reference/settings.md",
        macros: "docs/reference/macros.md",
        formats: "docs/reference/formats.md",
        report: "docs/reference/report.md",
        runs: "docs/reference/runs.md",
        manifest: "docs/reference/manifest.md",
        exit_codes: "docs/reference/exit-codes.md",
    }
    s3 {
        readme: "README.md",
        load_a_pipe: "docs/guides/load-a-pipe-into-s3.md",
        check_a_destination: "docs/guides/check-a-destination.md",
        when_it_fails: "docs/guides/when-it-fails.md",
    }
}

#[test]
fn every_page_has_its_tests() -> Tested {
    let mut found = book::markdown_below("docs")?;
    found.push("README.md".to_owned());
    found.sort();
    let mut listed: Vec<&str> = LOCAL.to_vec();
    listed.sort_unstable();
    assert_eq!(found, listed, "the pages that are there, and those above");
    let contents = Page::read("docs/README.md")?.text;
    for path in found {
        let name = path.trim_start_matches("docs/");
        let is_linked = contents.contains(&format!("]({name})"));
        assert!(
            is_linked || name == "README.md",
            "docs/README.md doesn't name {path}"
        );
        let page = Page::read(&path)?;
        if page.needs_server() != S3.contains(&&*path) {
            return Err(Fault::new(format!(
                "{path}: list it under `s3` just if it mentions s3://"
            )));
        }
    }
    Ok(())
}
