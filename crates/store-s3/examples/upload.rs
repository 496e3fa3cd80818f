//! Stages a file and publishes it.
//!
//! `cargo run --example upload -- report.csv /srv/landing raw/report.csv`, or with `s3://landing`
//! for the folder: AWS credentials come from the environment then.

use std::error::Error;

use bytes::Bytes;
use spile_core::{Attributes, Bucket, Condition, ObjectKey};
use spile_store_s3::{FolderBucket, S3Bucket, S3Config};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("no {what} given"));
    let (file, to, key) = (next("file")?, next("bucket or folder")?, next("key")?);
    let bucket: Box<dyn Bucket> = match to.strip_prefix("s3://") {
        Some(name) => Box::new(S3Bucket::connect(S3Config::new(name)).await?),
        None => Box::new(FolderBucket::open(&to)?),
    };
    let content = Bytes::from(std::fs::read(file)?);
    let part_bytes = bucket.part_limits().bytes_usual;

    let upload = bucket
        .begin(&ObjectKey::new(key)?, &Attributes::default())
        .await?;
    let mut parts = Vec::new();
    for (number, start) in (1..).zip((0..content.len().max(1)).step_by(part_bytes)) {
        let body = content.slice(start..content.len().min(start + part_bytes));
        parts.push(bucket.part(&upload, number, body).await?);
    }
    let staged = bucket.finish(upload, parts).await?;
    bucket.publish(&staged, Condition::IfAbsent).await?;
    Ok(())
}
