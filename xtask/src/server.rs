//! `cargo xtask server`: a SeaweedFS that stays, to try Spile with.

use std::path::PathBuf;

use crate::args::Args;
use crate::failure::Outcome;
use crate::test;
use crate::weed::{self, Weed};
use crate::workspace::Workspace;

/// Where S3 servers of this kind usually listen.
const USUAL_PORT: u16 = 8333;

pub(crate) fn run(mut args: Args) -> Outcome {
    let what = args.take_first();
    args.finish()?;
    let workspace = Workspace::load()?;
    match what.as_deref() {
        Some("up") => up(&workspace),
        Some("down") => down(&workspace),
        Some("status") => status(&workspace),
        _ => Err("say what to do: `cargo xtask server up`, `down` or `status`".into()),
    }
}

fn up(workspace: &Workspace) -> Outcome {
    let folder = folder(workspace);
    if let Some(port) = weed::running_in(&folder) {
        println!("# It runs already; `cargo xtask server down` ends it.");
        explain(port);
        return Ok(());
    }
    let venv = test::environment(workspace)?;
    let server = Weed::start(&venv.program("weed"), &folder, USUAL_PORT)?;
    println!("# SeaweedFS runs; `cargo xtask server down` ends it and removes its data.");
    explain(server.port());
    Ok(())
}

fn down(workspace: &Workspace) -> Outcome {
    let folder = folder(workspace);
    let ran = weed::running_in(&folder).is_some();
    weed::end_in(&folder)?;
    println!(
        "{}",
        if ran {
            "The server has ended; its data is gone."
        } else {
            "No server runs."
        }
    );
    Ok(())
}

fn status(workspace: &Workspace) -> Outcome {
    let Some(port) = weed::running_in(&folder(workspace)) else {
        return Err("no server runs; `cargo xtask server up` starts one".into());
    };
    println!("# SeaweedFS runs.");
    explain(port);
    Ok(())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("server")
}

/// Lines that a shell can read, then how to load something.
fn explain(port: u16) {
    let (endpoint, bucket) = (weed::endpoint(port), weed::BUCKET);
    println!("export AWS_ACCESS_KEY_ID={}", weed::ADMIN.id);
    println!("export AWS_SECRET_ACCESS_KEY={}", weed::ADMIN.secret);
    println!("export AWS_REGION=us-east-1");
    println!(
        "# A key that may only read and list: {} / {}",
        weed::READER.id,
        weed::READER.secret
    );
    println!("# Then, for example:");
    println!(
        "#   spile load examples/flights.csv.gz --to s3://{bucket}/raw --endpoint {endpoint} --allow-http"
    );
}
