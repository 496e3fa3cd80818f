//! Settings of the destination.

use super::auth::AUTH;
use super::formats::{CSV, GZIP, PARQUET, ZSTD};
use crate::settings_schema::setting::{Connector, Kind, Sample, Setting};

pub(super) const DESTINATION: &[Setting] = &[
    Setting::new(
        "url",
        Kind::Text,
        "URL",
        "A bucket with a prefix, or a folder. It can end in the template of the keys.",
    )
    .example(Sample::Text("s3://acme-landing/raw"))
    .required(),
    KEY,
    Setting::new(
        "key_syntax",
        Kind::Choice(&["spile", "airbyte"]),
        "Language of keys",
        "Whether the template of the keys has the macros of Spile or those of Airbyte's S3 \
         destination.",
    )
    .default(Sample::Text("spile")),
    FORMAT,
    WRITE,
    // Its default depends on the write mode.
    Setting::new(
        "publish",
        Kind::Choice(&["object", "run"]),
        "When objects appear",
        "Whether each object appears as it is sealed, or all when the run has ended well. Otherwise \
         it is the former, and the latter where periods are replaced.",
    ),
    AUTH,
    Setting::new(
        "region",
        Kind::Text,
        "Region",
        "The bucket's region. Otherwise it is found on AWS, and us-east-1 elsewhere.",
    )
    .example(Sample::Text("eu-west-1")),
    Setting::new(
        "endpoint",
        Kind::Text,
        "Endpoint",
        "The URL of an S3-compatible store, without the bucket.",
    )
    .example(Sample::Text("https://s3.example.com")),
    Setting::new(
        "allow_http",
        Kind::Flag,
        "Allow HTTP",
        "Allows an endpoint without TLS.",
    )
    .default(Sample::Flag(false)),
    Setting::new(
        "path_style",
        Kind::Flag,
        "Bucket in the path",
        "Whether URLs name the bucket in their path instead of their host. Otherwise they do with \
         an endpoint, or where the name of the bucket has a dot.",
    )
    .example(Sample::Flag(true)),
    Setting::new(
        "ca_bundle",
        Kind::Text,
        "Certificates",
        "A file of PEM certificates to trust besides those of the system.",
    )
    .example(Sample::Text("/etc/ssl/acme.pem")),
    // It may hold a password.
    Setting::new(
        "proxy",
        Kind::Secret,
        "Proxy",
        "The URL of a proxy for the store and for STS: http, https, socks5 or socks5h.",
    )
    .example(Sample::Text("http://proxy.example.com:3128")),
    Setting::new(
        "checksum",
        Kind::Choice(&["default", "none", "sha256", "crc64nvme"]),
        "Checksum",
        "What guards the content on its way: a SHA-256 in the signature, TLS alone, or a checksum \
         that is kept with the object, which not all stores know.",
    )
    .default(Sample::Text("default")),
    Setting::new(
        "state_url",
        Kind::Text,
        "State",
        "Where the records of runs are kept, and what is known from run to run. Otherwise it is \
         _spile below the destination.",
    )
    .example(Sample::Text("s3://acme-state/spile")),
    OBJECT,
    CSV,
    GZIP,
    ZSTD,
    PARQUET,
];

// A default that is filled in would be a second template beside one in the URL.
pub(super) const KEY: Setting = Setting::new(
    "key",
    Kind::Text,
    "Keys",
    "The template of the keys, with macros in braces. Where there is none, keys are made of \
     namespace, stream, date, run and part.",
)
.example(Sample::Text(
    "{stream_name}/{cursor_iso_date}/{part}.{extension}",
));

// A default that is filled in would contradict the end of a key.
pub(super) const FORMAT: Setting = Setting::new(
    "format",
    Kind::Choice(&[
        "csv",
        "csv.gz",
        "csv.zst",
        "jsonl",
        "jsonl.gz",
        "jsonl.zst",
        "parquet",
    ]),
    "Format",
    "The format of objects and what compresses them. Where there is none, the end of the key says \
     it, or else it is parquet.",
);

// Airbyte's catalog says it of each stream, and a form that fills in the default would contradict it.
pub(super) const WRITE: Setting = Setting::new(
    "write",
    Kind::Choice(&["append", "overwrite", "replace"]),
    "Write mode",
    "What a run may replace: nothing, what stands at its keys, or as a whole what earlier runs of \
     the connection have written for the periods that it covers.",
)
.default(Sample::Text("append"))
.only_for(Connector::Singer);

const OBJECT: Setting = Setting::new(
    "object",
    Kind::Table(&[
        Setting::new(
            "storage_class",
            Kind::Text,
            "Storage class",
            "As S3 spells it. Otherwise it is the bucket's.",
        )
        .example(Sample::Text("STANDARD_IA")),
        Setting::new(
            "sse",
            Kind::Choice(&["AES256", "aws:kms"]),
            "Encryption",
            "Encryption on the server's side. Otherwise it is the bucket's.",
        )
        .example(Sample::Text("aws:kms")),
        Setting::new(
            "kms_key_id",
            Kind::Text,
            "KMS key",
            "The KMS key that objects are encrypted with.",
        )
        .example(Sample::Text("alias/landing")),
        Setting::new("tags", Kind::TextTable, "Tags", "Tags of all objects.")
            .example(Sample::Entry("team", "sales")),
        Setting::new(
            "metadata",
            Kind::TextTable,
            "Metadata",
            "Metadata of all objects, in printable ASCII.",
        )
        .example(Sample::Entry("source", "crm")),
        Setting::new(
            "expected_bucket_owner",
            Kind::Text,
            "Owner of the bucket",
            "The twelve digits of the account that must own the bucket.",
        )
        .example(Sample::Text("222222222222")),
    ]),
    "Objects",
    "What a store keeps with each object.",
);
