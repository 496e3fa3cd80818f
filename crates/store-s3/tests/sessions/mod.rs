//! Sessions that a store calls expired before their time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use object_store::aws::AwsCredential;
use spile_core::{Attributes, Bucket, BucketErrorKind, Condition, ObjectKey};
use spile_store_s3::credentials::{CredentialsError, Issued, Issuer, RefreshingCredentials};
use spile_store_s3::{S3Config, S3Credentials};

use super::script::{Answer, Heads, Tested, answer, refusal, store_with};
use super::{COMPLETED, again};

/// Issues a numbered session each time.
#[derive(Debug, Default)]
struct Sessions(AtomicU32);

#[async_trait]
impl Issuer for Sessions {
    async fn issue(&self) -> Result<Issued, CredentialsError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Issued {
            credential: AwsCredential {
                key_id: "ASIA".to_owned(),
                secret_key: "hush".to_owned(),
                token: Some(format!("session-{number}")),
            },
            lifetime: Some(Duration::from_secs(3_600)),
        })
    }
}

fn renewed(config: &mut S3Config) {
    let sessions = RefreshingCredentials::new(Sessions::default());
    config.credentials = S3Credentials::Refreshing(Arc::new(sessions));
}

/// A store's clock, and whoever takes a role back, know nothing of what was agreed on.
#[tokio::test]
async fn a_session_that_a_store_calls_expired_is_renewed() -> Tested {
    let expired = refusal("400 Bad Request", "ExpiredToken");
    let (bucket, heads) = store_with(vec![expired, answer("204 No Content", "")], renewed).await?;
    let key = ObjectKey::new("a.csv")?;
    let error = bucket.delete(&key).await.err().ok_or("it has expired")?;
    assert_eq!(error.kind, BucketErrorKind::Expired);
    assert!(error.is_retryable());
    bucket.delete(&key).await?;
    assert_eq!(tokens(&heads)?, ["session-1", "session-2"]);
    Ok(())
}

/// A part is sent once more under the same upload, in a session of its own.
#[tokio::test]
async fn a_part_of_a_session_that_has_expired_is_sent_again() -> Tested {
    let begun = "<InitiateMultipartUploadResult><UploadId>u-1</UploadId>\
                 </InitiateMultipartUploadResult>";
    let etag = Answer::Http("200 OK", "etag: \"part\"\r\n".to_owned(), String::new());
    let expired = refusal("400 Bad Request", "ExpiredToken");
    let answers = vec![
        answer("200 OK", begun),
        expired,
        etag,
        answer("200 OK", COMPLETED),
    ];
    let (bucket, heads) = store_with(answers, renewed).await?;
    let key = ObjectKey::new("a.csv")?;
    let upload = bucket.begin(&key, &Attributes::default()).await?;
    let part = again(|| bucket.part(&upload, 1, "id\n1\n".into())).await?;
    let staged = bucket.finish(upload, vec![part]).await?;
    bucket.publish(&staged, Condition::Replace).await?;
    let expect = ["session-1", "session-1", "session-2", "session-2"];
    assert_eq!(tokens(&heads)?, expect);
    let heads = heads.lock().map_err(|_| "a test has failed")?;
    let part = "put /landing/a.csv?partnumber=1&uploadid=u-1 ";
    assert!(
        heads[1..3].iter().all(|head| head.starts_with(part)),
        "{heads:?}"
    );
    Ok(())
}

/// The sessions that requests were sent in.
fn tokens(heads: &Heads) -> Tested<Vec<String>> {
    let heads = heads.lock().map_err(|_| "a test has failed")?;
    let token = |head: &String| {
        let rest = head.split("x-amz-security-token: ").nth(1)?;
        Some(rest[..9].to_owned())
    };
    Ok(heads.iter().filter_map(token).collect())
}
