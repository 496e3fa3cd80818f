//! A role of another account, with its External ID, for plain `object_store`:
//!
//! `cargo run --example role --features roles -- BUCKET REGION ROLE_ARN` lists the bucket; the
//! External ID is read from `EXTERNAL_ID`, the credentials that ask for the role are found as AWS
//! programs do.

#![expect(clippy::print_stdout, reason = "it is what the example is for")]

use std::error::Error;

use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::{ClientOptions, ObjectStore};
use spile_store_s3::access::ExternalId;
use spile_store_s3::credentials::RoleConfig;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = |name| words.next().ok_or(format!("{name} is missing"));
    let (bucket, region, arn) = (word("BUCKET")?, word("REGION")?, word("ROLE_ARN")?);

    let external_id = ExternalId::new(std::env::var("EXTERNAL_ID")?)?;
    let role = RoleConfig::new(arn.parse()?, external_id);
    let credentials = role.credentials(&ClientOptions::new())?;

    let store = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(region)
        .with_credentials(credentials)
        .build()?;
    let mut objects = store.list(None);
    while let Some(object) = objects.try_next().await? {
        println!("{}  {} bytes", object.location, object.size);
    }
    Ok(())
}
