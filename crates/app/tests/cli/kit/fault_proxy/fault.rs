//! What can go wrong between a program and its store.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::asked::{Asked, Kind};
use crate::kit::relay::read_request;

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    /// It isn't done, and the answer says so.
    InternalError,
    BadGateway,
    SlowDown,
    TooManyRequests,
    RequestTimeout,
    RivalConflict,
    OperationAborted,
    /// The connection is reset before it is read.
    Reset,
    /// No answer comes; it isn't done.
    Stall,
    /// It is done, and no answer comes.
    StallWhenDone,
    /// It is done, and the connection ends without an answer.
    LostAnswer,
    /// It is done, and the connection ends in the middle of the answer's head or body.
    CutHead,
    CutBody,
    /// The answer begins well, and says in its body that it isn't done: which is so, or not.
    FailedCompletion,
    FailedCompletionWhenDone,
    /// It isn't granted, which doesn't pass.
    Denied,
    /// It is done, and the answer says that a lifecycle rule undoes it soon.
    UndoneByRule,
}

/// Longer than anybody waits.
const PATIENCE: Duration = Duration::from_secs(60);

impl Fault {
    /// Those that may pass.
    pub(crate) const ALL: [Fault; 15] = [
        Fault::InternalError,
        Fault::BadGateway,
        Fault::SlowDown,
        Fault::TooManyRequests,
        Fault::RequestTimeout,
        Fault::RivalConflict,
        Fault::OperationAborted,
        Fault::Reset,
        Fault::Stall,
        Fault::StallWhenDone,
        Fault::LostAnswer,
        Fault::CutHead,
        Fault::CutBody,
        Fault::FailedCompletion,
        Fault::FailedCompletionWhenDone,
    ];

    /// Whether stores fail so when they are asked for this.
    pub(crate) fn fits(self, asked: &Asked) -> bool {
        match self {
            Fault::RequestTimeout => asked.kind.has_content(),
            Fault::RivalConflict => asked.is_conditional,
            Fault::OperationAborted => asked.kind.changes(),
            Fault::CutBody => asked.kind.is_told(),
            Fault::FailedCompletion | Fault::FailedCompletionWhenDone => {
                asked.kind == Kind::Complete
            }
            _ => true,
        }
    }

    /// Whether it takes the time until somebody gives up.
    pub(crate) fn is_stall(self) -> bool {
        matches!(self, Fault::Stall | Fault::StallWhenDone)
    }

    /// Whether the request is done, whatever whoever asked makes of the answer.
    pub(crate) fn is_done(self) -> bool {
        matches!(
            self,
            Fault::StallWhenDone
                | Fault::LostAnswer
                | Fault::CutHead
                | Fault::CutBody
                | Fault::FailedCompletionWhenDone
                | Fault::UndoneByRule
        )
    }

    /// Lets a request meet it.
    pub(super) fn meet(
        self,
        mut client: TcpStream,
        server: impl Fn(&[u8]) -> Vec<u8>,
    ) -> io::Result<()> {
        if self == Fault::Reset {
            // What isn't read makes it a reset.
            return Ok(());
        }
        let request = read_request(&client)?;
        let done = if self.is_done() {
            server(&request)
        } else {
            Vec::new()
        };
        match self {
            Fault::Stall | Fault::StallWhenDone => wait_for_end(&mut client),
            Fault::CutHead => client.write_all(&done[..head_bytes(&done) / 2]),
            Fault::CutBody => {
                let head = head_bytes(&done);
                client.write_all(&done[..head + (done.len() - head) / 2])
            }
            Fault::UndoneByRule => client.write_all(&with_rule(&done)),
            Fault::FailedCompletion | Fault::FailedCompletionWhenDone => {
                client.write_all(&refusal("200 OK", "InternalError", true))
            }
            _ => {
                let (status, code) = self.answer();
                let has_body = !request.starts_with(b"HEAD");
                client.write_all(&refusal(status, code, has_body))
            }
        }
    }

    /// Status and code of what says that nothing is done; none where there is no answer at all.
    fn answer(self) -> (&'static str, &'static str) {
        match self {
            Fault::InternalError => ("500 Internal Server Error", "InternalError"),
            Fault::SlowDown => ("503 Slow Down", "SlowDown"),
            Fault::TooManyRequests => ("429 Too Many Requests", "TooManyRequests"),
            Fault::RequestTimeout => ("400 Bad Request", "RequestTimeout"),
            Fault::RivalConflict => ("409 Conflict", "ConditionalRequestConflict"),
            Fault::OperationAborted => ("409 Conflict", "OperationAborted"),
            Fault::Denied => ("403 Forbidden", "AccessDenied"),
            _ => ("502 Bad Gateway", ""),
        }
    }
}

fn refusal(status: &str, code: &str, has_body: bool) -> Vec<u8> {
    let body = match code {
        // Not everything on the way is S3.
        "" => "<html>Bad Gateway</html>".to_owned(),
        code => format!("<Error><Code>{code}</Code><Message>on purpose</Message></Error>"),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    (head + if has_body { &body } else { "" }).into_bytes()
}

fn with_rule(answer: &[u8]) -> Vec<u8> {
    let (head, body) = answer.split_at(head_bytes(answer) - 2);
    let rule = b"x-amz-abort-date: Mon, 14 Apr 2025 00:00:00 GMT\r\n";
    [head, rule, body].concat()
}

fn head_bytes(answer: &[u8]) -> usize {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    end.expect("a head") + 4
}

/// Waits until whoever asked has gone.
fn wait_for_end(client: &mut TcpStream) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    client.read(&mut [0]).map(drop)
}
