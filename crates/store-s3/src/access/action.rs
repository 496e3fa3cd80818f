//! What can be allowed.

use std::fmt;

/// An action of IAM that Spile may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// `s3:GetObject`
    GetObject,
    /// `s3:PutObject`
    PutObject,
    /// `s3:ListBucket`
    ListBucket,
    /// `s3:GetBucketLocation`
    GetBucketLocation,
    /// `s3:DeleteObject`
    DeleteObject,
    /// `s3:AbortMultipartUpload`
    AbortMultipartUpload,
    /// `s3:ListBucketMultipartUploads`
    ListBucketMultipartUploads,
    /// `s3:PutObjectTagging`
    PutObjectTagging,
    /// `s3:GetBucketVersioning`
    GetBucketVersioning,
    /// `s3:GetLifecycleConfiguration`
    GetLifecycleConfiguration,
    /// `kms:GenerateDataKey`
    GenerateDataKey,
    /// `kms:Decrypt`
    Decrypt,
    /// `sts:AssumeRole`
    AssumeRole,
}

/// What an action is about, and so which resource its statement names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// A bucket: `arn:aws:s3:::acme-landing`.
    Bucket,
    /// Its objects: `arn:aws:s3:::acme-landing/*`.
    Objects,
    /// A key of KMS.
    Key,
    /// A role.
    Role,
}

impl Action {
    /// All that Spile works under.
    pub const REQUIRED: [Action; 5] = [
        Action::GetObject,
        Action::PutObject,
        Action::ListBucket,
        Action::GetBucketLocation,
        Action::DeleteObject,
    ];

    /// All that it can do more with, in the bucket itself.
    pub const OPTIONAL: [Action; 5] = [
        Action::AbortMultipartUpload,
        Action::ListBucketMultipartUploads,
        Action::PutObjectTagging,
        Action::GetBucketVersioning,
        Action::GetLifecycleConfiguration,
    ];

    /// What removing and finding unfinished uploads needs.
    pub const CLEAN_UP: [Action; 2] = [
        Action::AbortMultipartUpload,
        Action::ListBucketMultipartUploads,
    ];

    /// What a bucket that is encrypted with a key of KMS needs, on that key.
    pub const ENCRYPTION: [Action; 2] = [Action::GenerateDataKey, Action::Decrypt];

    /// Its name, as policies have it.
    pub fn name(self) -> &'static str {
        match self {
            Action::GetObject => "s3:GetObject",
            Action::PutObject => "s3:PutObject",
            Action::ListBucket => "s3:ListBucket",
            Action::GetBucketLocation => "s3:GetBucketLocation",
            Action::DeleteObject => "s3:DeleteObject",
            Action::AbortMultipartUpload => "s3:AbortMultipartUpload",
            Action::ListBucketMultipartUploads => "s3:ListBucketMultipartUploads",
            Action::PutObjectTagging => "s3:PutObjectTagging",
            Action::GetBucketVersioning => "s3:GetBucketVersioning",
            Action::GetLifecycleConfiguration => "s3:GetLifecycleConfiguration",
            Action::GenerateDataKey => "kms:GenerateDataKey",
            Action::Decrypt => "kms:Decrypt",
            Action::AssumeRole => "sts:AssumeRole",
        }
    }

    /// Its name without the service before it: letters only.
    pub(super) fn word(self) -> &'static str {
        let name = self.name();
        name.split_once(':').map_or(name, |(_, word)| word)
    }

    /// What it is about.
    pub fn level(self) -> Level {
        match self {
            Action::ListBucket
            | Action::GetBucketLocation
            | Action::ListBucketMultipartUploads
            | Action::GetBucketVersioning
            | Action::GetLifecycleConfiguration => Level::Bucket,
            Action::GetObject
            | Action::PutObject
            | Action::DeleteObject
            | Action::AbortMultipartUpload
            | Action::PutObjectTagging => Level::Objects,
            Action::GenerateDataKey | Action::Decrypt => Level::Key,
            Action::AssumeRole => Level::Role,
        }
    }

    /// What Spile needs it for, in one line.
    pub fn purpose(self) -> &'static str {
        match self {
            Action::GetObject => "see whether an object stands at a key, and who wrote it",
            Action::PutObject => "write objects, whole or in parts",
            Action::ListBucket => "find what stands in the bucket, and tell absent from forbidden",
            Action::GetBucketLocation => "find the bucket's region",
            Action::DeleteObject => "replace what earlier runs wrote, and leave no trial behind",
            Action::AbortMultipartUpload => "remove the parts of an upload that was given up",
            Action::ListBucketMultipartUploads => {
                "find uploads that an earlier run left unfinished"
            }
            Action::PutObjectTagging => "give objects tags",
            Action::GetBucketVersioning => "see whether what is replaced is kept as a version",
            Action::GetLifecycleConfiguration => "see whether unfinished uploads are removed",
            Action::GenerateDataKey => "write objects that are encrypted with a key of KMS",
            Action::Decrypt => {
                "read objects that are encrypted with a key of KMS, join their parts"
            }
            Action::AssumeRole => "take on the role",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
