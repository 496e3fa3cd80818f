//! `cargo xtask minio test`: the tests of the S3 server once more, against MinIO.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::args::Args;
use crate::at_end::{self, AtEnd};
use crate::failure::{Outcome, while_};
use crate::process;
use crate::runner::{self, Server, Skipping};
use crate::test;
use crate::venv::Venv;
use crate::weed;
use crate::workspace::{self, Workspace};

/// The last image that MinIO published for containers.
const IMAGE: &str = "minio/minio:RELEASE.2025-09-07T16-13-09Z";
const REQUIREMENTS: &str = "requirements-minio.txt";

/// What MinIO can be run with on this machine.
enum Engine {
    Binary(PathBuf),
    /// `docker` or `podman`.
    Container(&'static str),
}

pub(crate) fn run(mut args: Args) -> Outcome {
    let what = args.take_first();
    args.finish()?;
    if what.as_deref() != Some("test") {
        return Err("say what to do: `cargo xtask minio test`".into());
    }
    let engine = find_engine()?;
    test_with(&Workspace::load()?, &engine)
}

fn test_with(workspace: &Workspace, engine: &Engine) -> Outcome {
    let readers = test::environment(workspace)?;
    let setup = Venv::ensure(workspace, REQUIREMENTS)?;
    let port = weed::free_port(weed::any_port())?;
    let _stopped = start(workspace, engine, port)?;
    create_bucket_and_reader(workspace, &setup, port)?;
    let server = Server {
        endpoint: &weed::endpoint(port),
        bucket: weed::BUCKET,
        admin: &weed::ADMIN,
        reader: &weed::READER,
        python: &readers.python(),
        roles: None,
        more: &[],
    };
    runner::run_tests(workspace, &server, &only_server_tests(), Skipping::IsChosen)
}

fn find_engine() -> Outcome<Engine> {
    if let Some(binary) = process::on_path("minio") {
        return Ok(Engine::Binary(binary));
    }
    let answering = ["docker", "podman"].into_iter();
    let mut answering = answering.filter(|name| process::works(Command::new(name).arg("info")));
    answering.next().map(Engine::Container).ok_or_else(|| {
        "MinIO can't be run here: there is no `minio` on PATH, and neither docker nor podman \
         answers. Install one of them. `cargo xtask test` needs none of them: it runs the same \
         tests against SeaweedFS"
            .into()
    })
}

fn start(workspace: &Workspace, engine: &Engine, port: u16) -> Outcome<AtEnd> {
    let folder = workspace.scratch().join("minio");
    workspace::fresh_folder(&folder)?;
    if let Engine::Container(engine) = engine {
        process::run(Command::new(engine).args(["pull", "--quiet", IMAGE]))?;
    }
    let name = format!("spile-minio-{}", std::process::id());
    let mut command = match engine {
        Engine::Binary(binary) => serve_folder(binary, &folder.join("data"), port),
        Engine::Container(engine) => serve_container(engine, &name, port),
    };
    command
        .env("MINIO_ROOT_USER", weed::ADMIN.id)
        .env("MINIO_ROOT_PASSWORD", weed::ADMIN.secret);
    let child = spawn(command, &folder.with_extension("log"))?;
    let container = match engine {
        Engine::Binary(_) => None,
        Engine::Container(engine) => Some((*engine, name)),
    };
    Ok(at_end::register(move || stop(child, container, &folder)))
}

fn serve_folder(binary: &Path, data: &Path, port: u16) -> Command {
    let mut command = Command::new(binary);
    command.arg("server").arg(data);
    command.args(["--address", &format!("127.0.0.1:{port}")]);
    command.args(["--console-address", &format!("127.0.0.1:{}", port + 1)]);
    command
}

/// The engine reads the keys from its own environment, so that they're on no command line.
fn serve_container(engine: &str, name: &str, port: u16) -> Command {
    let mut command = Command::new(engine);
    command.args([
        "run",
        "--rm",
        "--name",
        name,
        "--publish",
        &format!("127.0.0.1:{port}:9000"),
    ]);
    command.args(["--env", "MINIO_ROOT_USER", "--env", "MINIO_ROOT_PASSWORD"]);
    command.args([IMAGE, "server", "/data"]);
    command
}

fn spawn(mut command: Command, log: &Path) -> Outcome<Child> {
    let out = File::create(log).map_err(while_(format!("creating {}", log.display())))?;
    let err = out.try_clone().map_err(while_("opening the log twice"))?;
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    command
        .spawn()
        .map_err(while_(format!("starting {program}")))
}

fn stop(mut child: Child, container: Option<(&str, String)>, folder: &Path) {
    // Ending the engine's client would leave the container.
    if let Some((engine, name)) = container {
        process::works(Command::new(engine).args(["rm", "--force", &name]));
    }
    drop(child.kill());
    drop(child.wait());
    drop(std::fs::remove_dir_all(folder));
}

fn create_bucket_and_reader(workspace: &Workspace, setup: &Venv, port: u16) -> Outcome {
    let mut command = Command::new(setup.python());
    command
        .arg(workspace.root.join("xtask/minio_setup.py"))
        .env("MINIO_HOST", format!("127.0.0.1:{port}"))
        .env("MINIO_BUCKET", weed::BUCKET)
        .env("MINIO_ROOT_USER", weed::ADMIN.id)
        .env("MINIO_ROOT_PASSWORD", weed::ADMIN.secret)
        .env("MINIO_READER", weed::READER.id)
        .env("MINIO_READER_SECRET", weed::READER.secret);
    let log = workspace.scratch().join("minio.log");
    process::run_in_silence(&mut command)
        .map(drop)
        .map_err(while_(format!(
            "MinIO is not ready for the tests (it logs to {})",
            log.display()
        )))
}

/// The tests that talk to the server have `s3` in their names.
fn only_server_tests() -> Vec<String> {
    let words: &[&str] = if runner::has_nextest() {
        &["-E", "test(/s3/)"]
    } else {
        &["s3"]
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}
