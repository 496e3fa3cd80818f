//! A store that holds the answer to each part back until it is told to go on.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::spawn;

use super::kept::is_kept;

/// Stands in for S3 at a moment that no real store can be caught at. What is asked about the record
/// of the run, and to find out what the store can do, is answered at once and isn't told of: there is
/// nothing of it yet.
pub(crate) struct HeldStore {
    pub(crate) endpoint: String,
    asked: Receiver<String>,
    go_on: Sender<()>,
}

const BEGUN: &str =
    "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";

const EMPTY: &str = "<ListBucketResult></ListBucketResult>";

impl HeldStore {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let (asking, asked) = channel();
        let (go_on, held) = channel();
        spawn(move || {
            for stream in listener.incoming() {
                answer(stream.expect("a connection"), &asking, &held);
            }
        });
        Self {
            endpoint,
            asked,
            go_on,
        }
    }

    /// Waits until a part has arrived, which isn't answered yet.
    pub(crate) fn wait_for_part(&self) {
        while !self.asked.recv().expect("a request").starts_with("PUT") {}
    }

    /// Answers that part, and all that comes after it.
    pub(crate) fn go_on(&self) {
        self.go_on.send(()).expect("it waits");
    }

    /// What was asked since: methods and what they are on.
    pub(crate) fn asked_since(&self) -> Vec<String> {
        self.asked.try_iter().collect()
    }
}

fn answer(mut stream: TcpStream, asking: &Sender<String>, held: &Receiver<()>) {
    let request = read(&mut stream);
    if is_about_record(&request) {
        let (status, body) = match &request {
            request if request.starts_with("HEAD") => ("404 Not Found", ""),
            request if request.starts_with("GET") => ("200 OK", EMPTY),
            request if request.contains("?uploads") => ("200 OK", BEGUN),
            _ => ("200 OK", ""),
        };
        return tell(&mut stream, status, body);
    }
    let is_part = request.starts_with("PUT");
    // The test may have ended.
    let _nobody_asks = asking.send(request.clone());
    if is_part {
        let _nobody_asks = held.recv();
    }
    let (status, body) = match &request {
        request if request.starts_with("DELETE") => ("204 No Content", ""),
        request if request.contains("?uploads") => ("200 OK", BEGUN),
        _ => ("200 OK", ""),
    };
    tell(&mut stream, status, body);
}

/// Whether a request is about what is kept of runs, or tries the store out.
fn is_about_record(request: &str) -> bool {
    let path = request.split(' ').nth(1).unwrap_or_default();
    is_kept(path) || path.contains("/.spile-probe-") || path.contains("list-type=2")
}

fn tell(stream: &mut TcpStream, status: &str, body: &str) {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\netag: \"e\"\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n\
         {body}"
    );
    stream.write_all(text.as_bytes()).expect("it reads");
}

/// The method and what it is on; headers and body are read too.
fn read(stream: &mut TcpStream) -> String {
    let mut lines = BufReader::new(stream);
    let mut first = String::new();
    lines.read_line(&mut first).expect("a request");
    let mut length = 0;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).expect("a header");
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(given) = line.strip_prefix("content-length: ") {
            length = given.parse().expect("a number");
        }
    }
    lines.read_exact(&mut vec![0; length]).expect("a body");
    first.trim().trim_end_matches(" HTTP/1.1").to_owned()
}
