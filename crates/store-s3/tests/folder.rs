//! What is a folder's own: its tree, its file system, its restarts.

use std::error::Error;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectKey, Staged, Upload,
};
use spile_store_s3::FolderBucket;
use tempfile::TempDir;

type Tested<T = ()> = Result<T, Box<dyn Error>>;

fn open() -> Tested<(FolderBucket, TempDir)> {
    let kept = tempfile::tempdir()?;
    Ok((FolderBucket::open(kept.path())?, kept))
}

fn key(key: &str) -> Tested<ObjectKey> {
    Ok(ObjectKey::new(key)?)
}

async fn put(bucket: &FolderBucket, name: &str) -> Tested<Result<(), BucketError>> {
    let own = Attributes::default();
    let put = bucket
        .put(&key(name)?, "1".into(), &own, Condition::IfAbsent)
        .await;
    Ok(put.map(drop))
}

async fn stage(bucket: &FolderBucket, name: &str, parts: &[(u32, &str)]) -> Tested<Staged> {
    let upload = bucket.begin(&key(name)?, &Attributes::default()).await?;
    let mut sent = Vec::new();
    for (number, body) in parts {
        let body = Bytes::copy_from_slice(body.as_bytes());
        sent.push(bucket.part(&upload, *number, body).await?);
    }
    sent.sort_by_key(|part| part.number);
    Ok(bucket.finish(upload, sent).await?)
}

/// The names of everything in a folder, hidden or not.
fn tree(folder: &Path) -> Tested<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn check<T>(result: Result<T, BucketError>, kind: BucketErrorKind, message: &str) {
    let error = result.err();
    let found = error
        .as_ref()
        .map(|error| (error.kind, error.message.as_str()));
    assert_eq!(found, Some((kind, message)), "{error:?}");
}

#[tokio::test]
async fn nothing_is_left_but_objects() -> Tested {
    let (bucket, kept) = open()?;
    let published = stage(&bucket, "2025/a.csv", &[(1, "1"), (2, "longer"), (3, "2")]).await?;
    let discarded = stage(&bucket, "2025/b.csv", &[(1, "1"), (2, "longer")]).await?;
    assert_eq!(tree(kept.path())?, [".spile-staging"]);
    bucket.publish(&published, Condition::IfAbsent).await?;
    assert_eq!(tree(kept.path())?, [".spile-staging", "2025"]);
    bucket.discard(&discarded.upload).await?;
    put(&bucket, "2024/c.csv").await??;
    put(&bucket, "2024/c.csv").await?.unwrap_err();
    assert_eq!(tree(kept.path())?, ["2024", "2025"]);
    bucket.delete(&key("2024/c.csv")?).await?;
    assert_eq!(tree(kept.path())?, ["2025"]);
    Ok(())
}

/// Each of them removes the folder that it finds empty, and others come too late for that.
#[tokio::test(flavor = "multi_thread")]
async fn objects_of_one_folder_go_at_once() -> Tested {
    let (bucket, kept) = open()?;
    for round in 0..50 {
        let names: Vec<String> = (0..8).map(|n| format!("{round}/deep/{n}.csv")).collect();
        for name in &names {
            put(&bucket, name).await??;
        }
        let keys = names.iter().map(|name| key(name));
        let keys: Vec<ObjectKey> = keys.collect::<Tested<_>>()?;
        let removed = keys.iter().map(|key| bucket.delete(key));
        for removed in futures::future::join_all(removed).await {
            removed?;
        }
        assert_eq!(tree(kept.path())?, [""; 0]);
    }
    Ok(())
}

#[tokio::test]
async fn parts_of_any_size_and_order_are_joined() -> Tested {
    let (bucket, _kept) = open()?;
    let check = async |parts: &[(u32, &str)], expect: &str| -> Tested {
        let staged = stage(&bucket, "a", parts).await?;
        bucket.publish(&staged, Condition::Replace).await?;
        assert_eq!(bucket.get(&staged.upload.key).await?, expect);
        // The second time, the object is known to be the upload's own.
        bucket.publish(&staged, Condition::IfAbsent).await?;
        Ok(())
    };
    check(&[(1, "ab"), (2, "cd"), (3, "e")], "abcde").await?;
    check(&[(3, "e"), (2, "cd"), (1, "ab")], "abcde").await?;
    check(&[(1, "a"), (2, "bcd"), (3, "e")], "abcde").await?;
    check(&[(2, "e"), (1, "abcd")], "abcde").await?;
    check(&[(1, ""), (2, "abc"), (3, ""), (4, "de")], "abcde").await
}

/// Another process takes over: what it knows, it has from a journal.
#[tokio::test]
async fn a_restarted_run_goes_on() -> Tested {
    let (bucket, kept) = open()?;
    let staged = stage(&bucket, "a", &[(1, "ab"), (2, "cd")]).await?;
    let begun = bucket.begin(&key("b")?, &Attributes::default()).await?;
    let first = bucket.part(&begun, 1, "ab".into()).await?;
    drop(bucket);
    let bucket = FolderBucket::open(kept.path())?;
    let second = bucket.part(&begun, 2, "cd".into()).await?;
    let late = bucket.finish(begun, vec![first, second]).await?;
    for staged in [staged, late] {
        bucket.publish(&staged, Condition::IfAbsent).await?;
        assert_eq!(bucket.get(&staged.upload.key).await?, "abcd");
        let restarted = FolderBucket::open(kept.path())?;
        restarted.publish(&staged, Condition::IfAbsent).await?;
    }
    assert_eq!(tree(kept.path())?, ["a", "b"]);
    Ok(())
}

/// The process ended between the link and the removal of the staged file.
#[tokio::test]
async fn a_half_done_publish_is_completed() -> Tested {
    let (bucket, kept) = open()?;
    for condition in [Condition::IfAbsent, Condition::Replace] {
        let staged = stage(&bucket, "a", &[(1, "ab")]).await?;
        let files = tree(&kept.path().join(".spile-staging"))?;
        fs::remove_file(kept.path().join("a")).ok();
        fs::hard_link(
            kept.path().join(".spile-staging").join(&files[0]),
            kept.path().join("a"),
        )?;
        bucket.publish(&staged, condition).await?;
        assert_eq!(tree(kept.path())?, ["a"], "{condition:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_upload_id_leads_nowhere_else() -> Tested {
    let (bucket, kept) = open()?;
    put(&bucket, "a").await??;
    let upload = Upload {
        key: key("b")?,
        id: "../a".to_owned(),
        write_id: None,
        abort_at: None,
    };
    let message = "there is no such upload";
    check(
        bucket.part(&upload, 1, "2".into()).await,
        BucketErrorKind::NotFound,
        message,
    );
    bucket.discard(&upload).await?;
    assert_eq!(tree(kept.path())?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn keys_that_no_file_can_have_are_refused() -> Tested {
    let (bucket, kept) = open()?;
    put(&bucket, "file").await??;
    put(&bucket, "folder/file").await??;
    let kind = BucketErrorKind::InvalidKey;
    let message = "a file stands where the key needs a folder";
    check(put(&bucket, "file/under").await?, kind, message);
    check(put(&bucket, "file/under/it").await?, kind, message);
    check(
        put(&bucket, "folder").await?,
        kind,
        "a folder has the key's name",
    );
    let staged = stage(&bucket, "folder", &[(1, "1")]).await?;
    let replaced = bucket.publish(&staged, Condition::Replace).await;
    check(replaced, kind, "a folder has the key's name");
    bucket.discard(&staged.upload).await?;
    let message = "a name in the key has 256 bytes, and a file's can have 255";
    check(
        put(&bucket, &format!("a/{}", "n".repeat(256))).await?,
        kind,
        message,
    );
    let message = "`.spile-staging` is for uploads";
    check(put(&bucket, ".spile-staging/a").await?, kind, message);
    assert_eq!(tree(kept.path())?, ["file", "folder"]);
    Ok(())
}

#[tokio::test]
async fn a_folder_that_goes_away_is_missed() -> Tested {
    let (bucket, kept) = open()?;
    fs::remove_dir(kept.path())?;
    let (kind, message) = (BucketErrorKind::NoSuchBucket, "the folder is gone");
    check(put(&bucket, "a").await?, kind, message);
    check(
        bucket.begin(&key("a")?, &Attributes::default()).await,
        kind,
        message,
    );
    check(bucket.head(&key("a")?).await, kind, message);
    check(bucket.get(&key("a")?).await, kind, message);
    check(bucket.list("").await, kind, message);
    assert!(!kept.path().exists());
    Ok(())
}

#[tokio::test]
async fn a_missing_folder_is_made_and_a_file_is_none() -> Tested {
    let kept = tempfile::tempdir()?;
    let bucket = FolderBucket::open(kept.path().join("new/er"))?;
    put(&bucket, "a").await??;
    for taken in ["new/er/a", "new/er/a/b"] {
        let opened = FolderBucket::open(kept.path().join(taken));
        check(
            opened,
            BucketErrorKind::NoSuchBucket,
            "a file stands in its place",
        );
    }
    Ok(())
}

/// Links are followed, but not around in circles.
#[cfg(unix)]
#[tokio::test]
async fn links_belong_to_the_folders_owner() -> Tested {
    use std::os::unix::fs::symlink;
    let (bucket, kept) = open()?;
    let elsewhere = tempfile::tempdir()?;
    symlink(elsewhere.path(), kept.path().join("linked"))?;
    symlink(kept.path(), kept.path().join("circle"))?;
    symlink("nowhere", kept.path().join("dangling"))?;
    put(&bucket, "linked/a").await??;
    assert_eq!(tree(elsewhere.path())?, ["a"]);
    symlink(elsewhere.path().join("a"), kept.path().join("b"))?;
    let staged = stage(&bucket, "b", &[(1, "2")]).await?;
    bucket.publish(&staged, Condition::Replace).await?;
    assert_eq!(bucket.get(&key("linked/a")?).await?, "1");
    let listed = bucket
        .list("")
        .await?
        .into_iter()
        .map(|object| object.key.into_string());
    assert_eq!(listed.collect::<Vec<_>>(), ["b", "linked/a"]);
    Ok(())
}

/// A device that is always full takes the place of a staged file.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_says_so() -> Tested {
    let (bucket, kept) = open()?;
    let upload = bucket.begin(&key("a")?, &Attributes::default()).await?;
    let staging = kept.path().join(".spile-staging");
    let file = staging.join(&tree(&staging)?[0]);
    fs::remove_file(&file)?;
    std::os::unix::fs::symlink("/dev/full", &file)?;
    let sent = bucket.part(&upload, 1, "1".into()).await;
    check(sent, BucketErrorKind::Full, "the disk is full");
    bucket.discard(&upload).await?;
    assert_eq!(tree(kept.path())?, [""; 0]);
    Ok(())
}

/// `/proc` takes no files, whoever asks.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_takes_no_files_says_so() -> Tested {
    let bucket = FolderBucket::open("/proc/self/task")?;
    let error = put(&bucket, "a").await?.unwrap_err();
    let kinds = [
        BucketErrorKind::Denied,
        BucketErrorKind::NotFound,
        BucketErrorKind::ReadOnly,
    ];
    assert!(kinds.contains(&error.kind), "{error:?}");
    Ok(())
}
