//! A store that answers as it is told to, since no real one fails on demand.

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use spile_store_s3::{S3Bucket, S3Config, S3Credentials};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) type Tested<T = ()> = Result<T, Box<dyn Error>>;

/// The answer to a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status line, further headers, each ended by a line break, and a body.
    Http(&'static str, String, String),
    /// A HEAD's, of the object that an earlier request has put.
    OwnObject,
    /// The connection is closed.
    Lost,
}

/// What was asked: the request line and headers in lower case, and no body.
pub(crate) type Heads = Arc<Mutex<Vec<String>>>;

pub(crate) fn answer(status: &'static str, body: &str) -> Answer {
    Answer::Http(status, String::new(), body.to_owned())
}

pub(crate) fn refusal(status: &'static str, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    answer(status, &body)
}

/// The answer to a HEAD of an object with this mark.
pub(crate) fn object_of(mark: &str) -> Answer {
    let headers = format!(
        "x-amz-meta-spile-write-id: {mark}\r\netag: \"abc\"\r\n\
         last-modified: Mon, 14 Apr 2025 11:23:45 GMT\r\n"
    );
    Answer::Http("200 OK", headers, String::new())
}

/// A bucket in a store that gives these answers, one after the other.
pub(crate) async fn store(answers: Vec<Answer>) -> Tested<(S3Bucket, Heads)> {
    store_with(answers, |_| ()).await
}

pub(crate) async fn store_with(
    answers: Vec<Answer>,
    change: impl FnOnce(&mut S3Config),
) -> Tested<(S3Bucket, Heads)> {
    let mut answers = VecDeque::from(answers);
    let next = move |_: &str| answers.pop_front().unwrap_or(answer("599 Unexpected", ""));
    store_by(next, change).await
}

/// A bucket in a store that answers by the head of the request.
pub(crate) async fn store_by(
    answer: impl FnMut(&str) -> Answer + Send + 'static,
    change: impl FnOnce(&mut S3Config),
) -> Tested<(S3Bucket, Heads)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut config = S3Config::new("landing");
    config.endpoint = Some(format!("http://{}", listener.local_addr()?));
    config.allow_http = true;
    config.credentials = S3Credentials::access_key("AKIA", "hush");
    change(&mut config);
    let heads = Heads::default();
    tokio::spawn(serve(listener, answer, Arc::clone(&heads)));
    Ok((S3Bucket::connect(config).await?, heads))
}

async fn serve(listener: TcpListener, mut answer: impl FnMut(&str) -> Answer, heads: Heads) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let Some(head) = read_request(&mut stream).await else {
            continue;
        };
        let given = answer(&head);
        locked(&heads).push(head);
        let answer = match given {
            Answer::OwnObject => object_of(&mark_in(&locked(&heads))),
            given => given,
        };
        if let Answer::Http(status, headers, body) = answer {
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status}\r\n{headers}connection: close\r\n\
                 content-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(text.as_bytes()).await.ok();
        }
    }
}

fn mark_in(heads: &[String]) -> String {
    let mut lines = heads.iter().flat_map(|head| head.lines());
    let mark = lines.find_map(|line| line.strip_prefix("x-amz-meta-spile-write-id: "));
    mark.unwrap_or_default().to_owned()
}

fn locked(heads: &Heads) -> MutexGuard<'_, Vec<String>> {
    heads.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The head of a request, whose body is read too.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?.to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(Some(0), |length| length.parse().ok())?];
    stream.read_exact(&mut body).await.ok()?;
    Some(head)
}
