//! What goes to a server and comes back, passed on and noted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// Passes requests on to a server, one on each connection.
pub(crate) struct Relay {
    /// Where it listens.
    pub(crate) url: String,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

/// Where an answer is held back.
pub(crate) struct Gate {
    reached: Receiver<()>,
    open: Sender<()>,
}

impl Gate {
    /// Waits for the answer, does something, and lets it through.
    pub(crate) fn meanwhile(self, step: impl FnOnce()) {
        self.reached.recv().expect("it comes");
        step();
        self.open.send(()).expect("it waits");
    }
}

/// A request and its answer.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) request: String,
    pub(crate) answer: String,
}

impl Relay {
    /// Listens before the server at a URL, as long as the tests run.
    pub(crate) fn to(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        Self::answering(move |request| ask(&server, request))
    }

    /// A proxy before all servers without TLS.
    pub(crate) fn proxy() -> Self {
        Self::answering(|request| {
            let text = String::from_utf8_lossy(request);
            let url = text.split(' ').nth(1).expect("a URL");
            let rest = url.strip_prefix("http://").expect("a whole URL");
            let (server, _) = rest.split_once('/').expect("a path");
            let whole = format!("http://{server}");
            let at = text.find(&whole).expect("it is there");
            ask(
                server,
                &[&request[..at], &request[at + whole.len()..]].concat(),
            )
        })
    }

    /// Before the server at a URL; the first answer to a request of a method is held back until it
    /// is let through.
    pub(crate) fn holding(server: &str, method: &'static str) -> (Self, Gate) {
        let server = server.trim_start_matches("http://").to_owned();
        let ((reach, reached), (open, opened)) = (channel(), channel());
        let held = Mutex::new(Some((reach, opened)));
        let relay = Self::answering(move |request| {
            let answer = ask(&server, request);
            let is_meant = request.starts_with(method.as_bytes());
            let held = is_meant.then(|| held.lock().expect("whole").take());
            if let Some((reach, opened)) = held.flatten() {
                reach.send(()).expect("the test waits");
                opened.recv().expect("the test lets it through");
            }
            answer
        });
        (relay, Gate { reached, open })
    }

    /// Answers each request by what comes of it here.
    pub(crate) fn answering(answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let exchanges = Arc::default();
        let relay = Self {
            url: format!("http://{address}"),
            exchanges: Arc::clone(&exchanges),
        };
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, exchanges) = (Arc::clone(&answer), Arc::clone(&exchanges));
                thread::spawn(move || pass_on(stream, &*answer, &exchanges));
            }
        });
        relay
    }

    /// All that went through it.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().expect("whole").clone()
    }
}

fn pass_on(
    mut client: TcpStream,
    answer: &dyn Fn(&[u8]) -> Vec<u8>,
    exchanges: &Mutex<Vec<Exchange>>,
) {
    let Ok(request) = read_request(&client) else {
        return;
    };
    let answer = answer(&request);
    // Before whoever asked can end by it, and what was asked is looked at.
    exchanges.lock().expect("whole").push(Exchange {
        request: String::from_utf8_lossy(&request).into_owned(),
        answer: String::from_utf8_lossy(&answer).into_owned(),
    });
    // They may have gone by now.
    drop(client.write_all(&answer));
}

/// Sends a whole request and reads the whole answer.
pub(crate) fn ask(server: &str, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server).expect("connected");
    stream.write_all(request).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    answer
}

/// The head, told to end the connection, and the body; none where whoever connected asks nothing, or
/// goes before they have asked.
pub(super) fn read_request(client: &TcpStream) -> io::Result<Vec<u8>> {
    let mut reader = BufReader::new(client);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
        if !name.eq_ignore_ascii_case("connection") {
            head += &line;
        }
    }
    let mut request = (head + "Connection: close\r\n\r\n").into_bytes();
    let start = request.len();
    request.resize(start + length, 0);
    reader.read_exact(&mut request[start..])?;
    Ok(request)
}

/// Whether a request needs one of the two actions that aren't among the five of the grant: it removes
/// an upload, or looks for some.
pub(crate) fn is_optional(request: &[u8]) -> bool {
    let line = request.split(|byte| *byte == b'\r').next();
    let line = String::from_utf8_lossy(line.unwrap_or_default());
    let (url, query) = line.split_once('?').unwrap_or((&line, ""));
    match url.split(' ').next() {
        Some("DELETE") => query.contains("uploadId="),
        Some("GET") => query.contains("uploads"),
        _ => false,
    }
}

/// The answer to a request that isn't granted.
pub(crate) fn denied() -> Vec<u8> {
    let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let length = body.len();
    format!(
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}
