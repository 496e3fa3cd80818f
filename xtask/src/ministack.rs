//! MiniStack, an emulator of AWS that keeps to IAM: it refuses a wrong External ID, reads session
//! tokens, and checks each action. Its state is in memory.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::at_end::{self, AtEnd};
use crate::failure::{Outcome, while_};
use crate::local_server::{self, LocalServer};
use crate::workspace;

/// A running emulator that nobody has promised to stop yet.
pub(crate) struct MiniStack(LocalServer);

impl MiniStack {
    /// Starts an emulator, whose note goes into `folder`, and waits until it answers.
    pub(crate) fn start(program: &Path, folder: &Path) -> Outcome<Self> {
        workspace::fresh_folder(folder)?;
        let port = free_port()?;
        let mut command = Command::new(program);
        command
            // Without this anybody may do anything.
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("EDGE_PORT", port.to_string())
            .env("SERVICES", "s3,iam,sts")
            .env("LOG_LEVEL", "WARNING")
            .current_dir(folder);
        LocalServer::start("MiniStack", command, folder, port, |_| is_ready(port)).map(MiniStack)
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.port())
    }

    /// Stops it however this process ends.
    pub(crate) fn stop_at_end(self) -> AtEnd {
        at_end::register(move || self.0.stop())
    }
}

/// Ends the emulator that another process started with its note in `folder`, if it runs, and
/// removes the folder.
pub(crate) fn end_in(folder: &Path) -> Outcome {
    local_server::end_in(folder, &["ministack"])
}

fn free_port() -> Outcome<u16> {
    let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|held| held.local_addr());
    held.map(|address| address.port())
        .map_err(while_("looking for a free port"))
}

fn is_ready(port: u16) -> bool {
    health(port).is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

fn health(port: u16) -> std::io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(
        stream,
        "GET /_ministack/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
