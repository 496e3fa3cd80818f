//! SeaweedFS, a real S3 server in one program, on free ports of 127.0.0.1.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::at_end::{self, AtEnd};
use crate::failure::{Outcome, while_};
use crate::local_server::{self, LocalServer};
use crate::workspace;

/// The bucket that exists from the start.
pub(crate) const BUCKET: &str = "landing";
/// Another one, which the role has no right to.
pub(crate) const OTHER_BUCKET: &str = "elsewhere";
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

/// May ask for the role, nothing else.
pub(crate) const VENDOR: Keys = Keys {
    id: "spile-local-vendor",
    secret: "spile-local-vendor-secret",
};
/// May do in the bucket what Spile needs. This server asks for no External ID.
pub(crate) const ROLE_ARN: &str = "arn:aws:iam::000000000000:role/loader";

/// An access key. It opens nothing but a server on this machine.
pub(crate) struct Keys {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
}

/// The first line that says the bucket exists too; `/healthz` answers earlier.
const READY: &str = "All enabled components are running";
/// S3, master, volume, filer, admin.
const PORTS: u16 = 5;
/// Each component also listens this much higher for gRPC.
const GRPC: u16 = 10_000;
/// Below the ports that systems hand out for outgoing connections, gRPC included.
const FIRST_PORT: u16 = 12_000;
const LAST_PORT: u16 = 22_000;

/// A running server that nobody has promised to stop yet.
pub(crate) struct Weed(LocalServer);

impl Weed {
    /// Starts a server with its data in `folder`, from nothing, and waits until it answers.
    ///
    /// `first_port` is tried first, then any.
    pub(crate) fn start(program: &Path, folder: &Path, first_port: u16) -> Outcome<Self> {
        workspace::fresh_folder(folder)?;
        let port = free_port(first_port)?;
        let mut command = Command::new(program);
        configure(&mut command, folder, port)?;
        let is_ready = |log: &Path| fs::read_to_string(log).is_ok_and(|text| text.contains(READY));
        let server = LocalServer::start("SeaweedFS", command, folder, port, is_ready);
        if server.is_err() {
            remove_sockets(port);
        }
        server.map(Weed)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port()
    }

    /// Stops the server and removes its folder however this process ends.
    pub(crate) fn stop_at_end(self) -> AtEnd {
        at_end::register(move || {
            let port = self.port();
            self.0.stop();
            remove_sockets(port);
        })
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

/// The S3 port of the server that runs with its data in `folder`, started by whichever process.
pub(crate) fn running_in(folder: &Path) -> Option<u16> {
    local_server::running_in(folder, &["weed mini", &data_argument(folder)])
}

/// Ends the server that another process started with its data in `folder`, if it runs, and
/// removes the folder.
pub(crate) fn end_in(folder: &Path) -> Outcome {
    let port = running_in(folder);
    local_server::end_in(folder, &["weed mini", &data_argument(folder)])?;
    port.into_iter().for_each(remove_sockets);
    Ok(())
}

fn data_argument(folder: &Path) -> String {
    format!("-dir={}", data_in(folder).display())
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

fn configure(command: &mut Command, folder: &Path, port: u16) -> Outcome {
    let (data, temporary) = (data_in(folder), folder.join("tmp"));
    for needed in [&data, &temporary] {
        fs::create_dir_all(needed).map_err(while_(format!("creating {}", needed.display())))?;
    }
    let identities = write(folder, "s3.json", &identities())?;
    let roles = write(folder, "iam.json", &roles())?;
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
    command.arg(format!("-bucket={BUCKET},{OTHER_BUCKET}"));
    command.arg(data_argument(folder));
    command.arg(format!("-s3.config={}", identities.display()));
    command.arg(format!("-s3.iam.config={}", roles.display()));
    command.env("TMPDIR", temporary);
    Ok(())
}

fn write(folder: &Path, name: &str, content: &Value) -> Outcome<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, content.to_string()).map_err(while_(format!("writing {name}")))?;
    Ok(path)
}

fn identities() -> Value {
    let identity = |name: &str, keys: &Keys, actions: &[&str]| {
        json!({
            "name": name,
            "credentials": [{ "accessKey": keys.id, "secretKey": keys.secret }],
            "actions": actions,
        })
    };
    let admin = ["Admin", "Read", "Write", "List", "Tagging"];
    json!({ "identities": [
        identity("admin", &ADMIN, &admin),
        identity("reader", &READER, &["Read", "List"]),
        identity("vendor", &VENDOR, &["sts:AssumeRole"]),
    ] })
}

/// The role that the vendor may ask for, with the five actions that Spile works under.
fn roles() -> Value {
    let statement = |actions: &[&str], resource: &str| {
        json!({
            "Effect": "Allow",
            "Action": actions,
            "Resource": [format!("arn:aws:s3:::{BUCKET}{resource}")],
        })
    };
    let access = json!({ "Version": "2012-10-17", "Statement": [
        statement(&["s3:ListBucket", "s3:GetBucketLocation"], ""),
        statement(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "/*"),
    ] });
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "AWS": "*" },
        "Action": ["sts:AssumeRole"],
    }] });
    json!({
        "sts": {
            "issuer": "seaweedfs-sts",
            // 32 bytes; they sign the sessions of a server that nobody else reaches.
            "signingKey": "c3BpbGUtbG9jYWwtc2VydmVyLXNpZ25pbmcta2V5ISE=",
            "tokenDuration": "1h",
            "maxSessionLength": "12h",
        },
        "policy": { "defaultEffect": "Deny", "storeType": "memory" },
        "roles": [{
            "roleName": "loader",
            "roleArn": ROLE_ARN,
            "trustPolicy": trust,
            "attachedPolicies": ["BucketAccess"],
        }],
        "policies": [{ "name": "BucketAccess", "document": access }],
        "providers": [],
    })
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
