//! What becomes of an object that is read in parts.

use spile_core::{Bucket, BucketErrorKind as Kind, ObjectKey};

use crate::script::{Answer, Tested, answer, object_of, refusal, store};

/// A part of an object of ten bytes.
fn part(text: &str) -> Answer {
    let headers = "etag: \"abc\"\r\nlast-modified: Mon, 14 Apr 2025 11:23:45 GMT\r\n\
                   content-range: bytes 3-5/10\r\n";
    Answer::Http("206 Partial Content", headers.to_owned(), text.to_owned())
}

/// Looks for an object, and reads three bytes of it; also tells what was asked.
async fn read(answer: Answer) -> Tested<(Result<String, (Kind, String)>, String)> {
    let (bucket, heads) = store(vec![object_of("a"), answer]).await?;
    let object = bucket.head(&ObjectKey::new("a.csv")?).await?;
    let read = bucket.get_range(&object.ok_or("none")?, 3..6).await;
    let read = read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let asked = heads.lock().map_err(|_| "poisoned")?.pop();
    let read = read.map_err(|error| (error.kind, error.message));
    Ok((read, asked.unwrap_or_default()))
}

#[tokio::test]
async fn a_part_is_of_the_object_that_is_known() -> Tested {
    let (read, asked) = read(part("def")).await?;
    assert_eq!(read, Ok("def".to_owned()));
    assert!(asked.contains("\r\nrange: bytes=3-5\r\n"), "{asked}");
    assert!(asked.contains("\r\nif-match: \"abc\"\r\n"), "{asked}");
    Ok(())
}

#[tokio::test]
async fn an_object_that_is_another_by_now_is_not_read() -> Tested {
    let check = async |answer: Answer, kind: Kind, message: &str| -> Tested {
        let (read, _) = read(answer).await?;
        assert_eq!(read, Err((kind, message.to_owned())));
        Ok(())
    };
    let replaced = refusal("412 Precondition Failed", "PreconditionFailed");
    check(
        replaced,
        Kind::NotFound,
        "it was replaced while it was read",
    )
    .await?;
    let gone = refusal("404 Not Found", "NoSuchKey");
    check(gone, Kind::NotFound, "there is no such object").await?;
    check(part("de"), Kind::Interrupted, "the answer is cut short").await?;
    let failed = answer("500 Internal Server Error", "");
    check(failed, Kind::ServerFault, "the store failed (500)").await
}
