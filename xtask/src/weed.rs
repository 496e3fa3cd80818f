//! SeaweedFS, a real S3 server in one program, on free ports of 127.0.0.1.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::at_end::{self, AtEnd};
use crate::failure::{Outcome, while_};
use crate::workspace;

/// The bucket that exists from the start.
pub(crate) const BUCKET: &str = "landing";
/// May do all.
pub(crate) const ADMIN: Keys = Keys {
    id: "spile-local-admin",
    secret: "spile-local-admin-secret",
};
/// May read and list, nothing else.
pub(crate) const READER: Keys = Keys {
    id: "spile-local-reader",
    secret: "spile-local-reader-secret",
};

/// An access key. It opens nothing but a server on this machine.
pub(crate) struct Keys {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
}

/// The first line that says the bucket exists too; `/healthz` answers earlier.
const READY: &str = "All enabled components are running";
const PATIENCE: Duration = Duration::from_secs(60);
/// S3, master, volume, filer, admin.
const PORTS: u16 = 5;
/// Each component also listens this much higher for gRPC.
const GRPC: u16 = 10_000;
/// Below the ports that systems hand out for outgoing connections, gRPC included.
const FIRST_PORT: u16 = 12_000;
const LAST_PORT: u16 = 22_000;

/// Under a server's folder: its process id and its S3 port.
const NOTE: &str = "pid";

/// A running server that nobody has promised to stop yet.
pub(crate) struct Weed {
    child: Child,
    port: u16,
}

impl Weed {
    /// Starts a server with its data in `folder`, from nothing, and waits until it answers.
    ///
    /// `first_port` is tried first, then any.
    pub(crate) fn start(program: &Path, folder: &Path, first_port: u16) -> Outcome<Self> {
        workspace::fresh_folder(folder)?;
        let port = free_port(first_port)?;
        let log = log_of(folder);
        let mut child = spawn(program, folder, &log, port)?;
        let ready = wait_until_ready(&mut child, &log);
        let weed = Self { child, port };
        let noted = fs::write(folder.join(NOTE), format!("{} {port}", weed.child.id()));
        match ready.and(noted.map_err(|error| error.to_string())) {
            Ok(()) => Ok(weed),
            Err(why) => {
                weed.stop();
                Err(format!("SeaweedFS did not start: {why}\n{}", tail(&log)).into())
            }
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Stops the server and removes its folder however this process ends.
    pub(crate) fn stop_at_end(self, folder: PathBuf) -> AtEnd {
        at_end::register(move || {
            self.stop();
            drop(fs::remove_dir_all(&folder));
        })
    }

    /// SIGKILL: after SIGTERM it takes half a minute.
    fn stop(mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        remove_sockets(self.port);
    }
}

/// The port that a search begins at, another one for each process.
pub(crate) fn any_port() -> u16 {
    let steps = u32::from((LAST_PORT - FIRST_PORT) / PORTS);
    let step = u16::try_from(std::process::id() % steps).unwrap_or_default();
    FIRST_PORT + step * PORTS
}

/// The endpoint of the server that listens on `port`.
pub(crate) fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Where a server with its data in `folder` logs: beside it, so that it stays for the curious.
fn log_of(folder: &Path) -> PathBuf {
    folder.with_extension("log")
}

/// The S3 port of the server that runs with its data in `folder`, started by whichever process.
pub(crate) fn running_in(folder: &Path) -> Option<u16> {
    let (pid, port) = noted_in(folder)?;
    is_weed_of(pid, folder).then_some(port)
}

/// Ends the server that another process started with its data in `folder`, if it runs, and
/// removes the folder.
pub(crate) fn end_in(folder: &Path) -> Outcome {
    let noted = noted_in(folder);
    if let Some((pid, port)) = noted.filter(|(pid, _)| is_weed_of(*pid, folder)) {
        kill(Pid::from_raw(pid), Signal::SIGKILL)
            .map_err(while_(format!("ending process {pid}")))?;
        let started = Instant::now();
        while is_weed_of(pid, folder) && started.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20));
        }
        remove_sockets(port);
    }
    workspace::remove_folder(folder)
}

fn noted_in(folder: &Path) -> Option<(i32, u16)> {
    let note = fs::read_to_string(folder.join(NOTE)).ok()?;
    let (pid, port) = note.split_once(' ')?;
    Some((pid.parse().ok()?, port.parse().ok()?))
}

/// Whether the process is a SeaweedFS with its data there. A process id alone proves nothing: it
/// may belong to another program by now.
fn is_weed_of(pid: i32, folder: &Path) -> bool {
    let line = command_line_of(pid);
    let data = format!("-dir={}", data_in(folder).display());
    line.contains("weed mini") && line.contains(&data)
}

fn command_line_of(pid: i32) -> String {
    if let Ok(words) = fs::read(format!("/proc/{pid}/cmdline")) {
        return String::from_utf8_lossy(&words).replace('\0', " ");
    }
    // Systems without /proc.
    let ps = Command::new("ps")
        .args(["-ww", "-o", "args=", "-p", &pid.to_string()])
        .output();
    ps.map(|ps| String::from_utf8_lossy(&ps.stdout).into_owned())
        .unwrap_or_default()
}

fn data_in(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// It leaves its sockets in the temporary folder, whatever `TMPDIR` says.
fn remove_sockets(port: u16) {
    let Ok(entries) = fs::read_dir("/tmp") else {
        return;
    };
    let ends = ports_from(port).map(|port| format!("-{port}.sock"));
    let ends: Vec<_> = ends.collect();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("seaweedfs-") && ends.iter().any(|end| name.ends_with(end)) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

fn spawn(program: &Path, folder: &Path, log: &Path, port: u16) -> Outcome<Child> {
    let out = File::create(log).map_err(while_(format!("creating {}", log.display())))?;
    let err = out.try_clone().map_err(while_("opening the log twice"))?;
    let mut command = Command::new(program);
    configure(&mut command, folder, port)?;
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    leave_terminal(&mut command);
    command
        .spawn()
        .map_err(while_(format!("starting {}", program.display())))
}

fn configure(command: &mut Command, folder: &Path, port: u16) -> Outcome {
    let (data, temporary, identities) =
        (data_in(folder), folder.join("tmp"), folder.join("s3.json"));
    for needed in [&data, &temporary] {
        fs::create_dir_all(needed).map_err(while_(format!("creating {}", needed.display())))?;
    }
    fs::write(&identities, identities_json()).map_err(while_("writing s3.json"))?;
    command
        .arg("mini")
        .args(["-ip=127.0.0.1", "-ip.bind=127.0.0.1"]);
    for (name, port) in ["s3", "master", "volume", "filer", "admin"]
        .iter()
        .zip(port..)
    {
        command.arg(format!("-{name}.port={port}"));
    }
    command.args([
        "-admin.ui=false",
        "-webdav=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]);
    // Without the last, a put to a bucket that doesn't exist succeeds.
    command.args(["-master.telemetry=false", "-s3.autoCreateBucket=false"]);
    command.arg(format!("-bucket={BUCKET}"));
    command.arg(format!("-dir={}", data.display()));
    command.arg(format!("-s3.config={}", identities.display()));
    command.env("TMPDIR", temporary);
    Ok(())
}

/// In a process group of its own, Ctrl-C reaches this program and not the server, which would
/// otherwise take its half minute to say goodbye.
fn leave_terminal(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

fn identities_json() -> String {
    let identity = |name: &str, keys: &Keys, actions: &[&str]| {
        json!({
            "name": name,
            "credentials": [{ "accessKey": keys.id, "secretKey": keys.secret }],
            "actions": actions,
        })
    };
    let admin = identity(
        "admin",
        &ADMIN,
        &["Admin", "Read", "Write", "List", "Tagging"],
    );
    let reader = identity("reader", &READER, &["Read", "List"]);
    json!({ "identities": [admin, reader] }).to_string()
}

fn wait_until_ready(child: &mut Child, log: &Path) -> Result<(), String> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if fs::read_to_string(log).is_ok_and(|text| text.contains(READY)) {
            return Ok(());
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!(
                "it ended ({status}); the end of {}:",
                log.display()
            ));
        }
        sleep(Duration::from_millis(50));
    }
    Err(format!(
        "not ready after {} s; the end of {}:",
        PATIENCE.as_secs(),
        log.display()
    ))
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}

/// The first of five ports in a row that are free, with their gRPC ports.
pub(crate) fn free_port(first: u16) -> Outcome<u16> {
    let later = (first..LAST_PORT).step_by(usize::from(PORTS));
    let all = (FIRST_PORT..LAST_PORT).step_by(usize::from(PORTS));
    later
        .chain(all)
        .find(|port| are_free(*port))
        .ok_or_else(|| {
            "no five ports in a row are free on 127.0.0.1: stop some of what runs here".into()
        })
}

/// Held together for a moment, so that no two of them are the same.
fn are_free(first: u16) -> bool {
    let held: Vec<_> = ports_from(first)
        .map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
        .collect();
    held.iter().all(Result::is_ok)
}

fn ports_from(first: u16) -> impl Iterator<Item = u16> {
    (first..first + PORTS).chain(first + GRPC..first + GRPC + PORTS)
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PORT, GRPC, LAST_PORT, PORTS, any_port, ports_from};

    #[test]
    fn every_port_stays_in_range() {
        assert!((FIRST_PORT..LAST_PORT).contains(&any_port()));
        const { assert!(LAST_PORT.checked_add(GRPC + PORTS).is_some()) };
    }

    #[test]
    fn ten_ports_are_needed() {
        let ports: Vec<_> = ports_from(12_000).collect();
        assert_eq!(ports.len(), 10);
        assert_eq!((ports[0], ports[9]), (12_000, 22_004));
    }
}
