//! Where objects go: a URL taken apart.

use spile_encoders::Format;

use crate::config::ConfigFault;

/// A destination as its URL says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) place: Place,
    /// The folders that all keys begin with; empty where there are none.
    pub(crate) prefix: String,
    /// The template of the keys, where the URL carries it.
    pub(crate) key: Option<String>,
}

/// What holds the objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An S3 bucket.
    Bucket(String),
    /// A folder's path.
    Folder(String),
}

impl Default for Destination {
    /// The folder that one is in.
    fn default() -> Self {
        let place = Place::Folder(".".to_owned());
        Self {
            place,
            prefix: String::new(),
            key: None,
        }
    }
}

impl Destination {
    /// Takes `s3://bucket/prefix`, `file:///path` or a path apart. A key's template begins with
    /// the first folder that has a macro in it, or is a last name that ends like a format.
    pub(crate) fn parse(url: &str) -> Result<Self, ConfigFault> {
        if let Some(rest) = url.strip_prefix("s3://") {
            return Self::bucket(rest);
        }
        let path = url.strip_prefix("file://").unwrap_or(url);
        if let Some((scheme, _)) = path.split_once("://") {
            let fault = ConfigFault::new(
                "destination.url",
                format!("no store is known by `{scheme}://`"),
            );
            return Err(fault.hint("use s3://BUCKET/PREFIX, or a folder's path"));
        }
        let (folder, key) = split_key(path);
        if folder.is_empty() && key.is_none() {
            return Err(ConfigFault::new(
                "destination.url",
                "the folder's path is empty",
            ));
        }
        let folder = if folder.is_empty() { "." } else { folder };
        let place = Place::Folder(folder.to_owned());
        Ok(Self {
            place,
            prefix: String::new(),
            key: key.map(str::to_owned),
        })
    }

    /// A folder below this destination.
    pub(crate) fn below(&self, folder: &str) -> Self {
        let prefix = match &*self.prefix {
            "" => folder.to_owned(),
            prefix => format!("{prefix}/{folder}"),
        };
        Self {
            place: self.place.clone(),
            prefix,
            key: None,
        }
    }

    /// Whether all that is here is there, too.
    pub(crate) fn is_within(&self, other: &Destination) -> bool {
        let rest = self.prefix.strip_prefix(&*other.prefix);
        let is_below =
            |rest: &str| other.prefix.is_empty() || rest.is_empty() || rest.starts_with('/');
        self.place == other.place && rest.is_some_and(is_below)
    }

    fn bucket(rest: &str) -> Result<Self, ConfigFault> {
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || bucket.contains('{') {
            let fault = ConfigFault::new("destination.url", "the bucket has no name");
            return Err(fault.hint("write s3://BUCKET/PREFIX; a bucket's name has no macros"));
        }
        let (prefix, key) = split_key(path);
        Ok(Self {
            place: Place::Bucket(bucket.to_owned()),
            prefix: prefix.trim_matches('/').to_owned(),
            key: key.map(str::to_owned),
        })
    }
}

/// The part of a path that is plain, and the key's template after it.
fn split_key(path: &str) -> (&str, Option<&str>) {
    let border = match path.find('{') {
        Some(brace) => path[..brace].rfind('/'),
        None if Format::from_key(path).is_some() => path.rfind('/'),
        None => return (path, None),
    };
    match border {
        // A path from the root keeps its slash.
        Some(0) => ("/", Some(&path[1..])),
        Some(slash) => (&path[..slash], Some(&path[slash + 1..])),
        None => ("", Some(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, place: Place, prefix: &str, key: Option<&str>) {
        let expect = Destination {
            place,
            prefix: prefix.to_owned(),
            key: key.map(str::to_owned),
        };
        assert_eq!(Destination::parse(url), Ok(expect), "{url}");
    }

    fn bucket() -> Place {
        Place::Bucket("acme".to_owned())
    }

    fn folder(path: &str) -> Place {
        Place::Folder(path.to_owned())
    }

    #[test]
    fn buckets() {
        check("s3://acme", bucket(), "", None);
        check("s3://acme/", bucket(), "", None);
        check("s3://acme/raw/2024/", bucket(), "raw/2024", None);
        check("s3://acme/{date}.csv", bucket(), "", Some("{date}.csv"));
        check(
            "s3://acme/raw/a-{date}/x.csv",
            bucket(),
            "raw",
            Some("a-{date}/x.csv"),
        );
        check(
            "s3://acme/raw/all.parquet",
            bucket(),
            "raw",
            Some("all.parquet"),
        );
        assert!(Destination::parse("s3://").is_err());
        assert!(Destination::parse("s3://{stream_name}/x").is_err());
    }

    #[test]
    fn one_place_can_be_within_another() {
        let parse = |url| Destination::parse(url).expect("a destination");
        let check = |url, other, expect| {
            assert_eq!(
                parse(url).is_within(&parse(other)),
                expect,
                "{url} in {other}"
            );
        };
        check("s3://acme/raw/_spile", "s3://acme/raw", true);
        check("s3://acme/raw", "s3://acme/raw", true);
        check("s3://acme/raw", "s3://acme", true);
        check("s3://acme/rawer", "s3://acme/raw", false);
        check("s3://acme/_spile", "s3://acme/raw", false);
        check("s3://other/raw", "s3://acme/raw", false);
        check("./out", "s3://acme", false);
    }

    #[test]
    fn folders() {
        check("./bucket", folder("./bucket"), "", None);
        check(
            "./bucket/{stream_name}/x.csv",
            folder("./bucket"),
            "",
            Some("{stream_name}/x.csv"),
        );
        check("file:///data/lake", folder("/data/lake"), "", None);
        check("/{date}.csv", folder("/"), "", Some("{date}.csv"));
        check("{date}.csv", folder("."), "", Some("{date}.csv"));
        check(
            "out/flights.csv.gz",
            folder("out"),
            "",
            Some("flights.csv.gz"),
        );
        assert!(Destination::parse("gs://acme").is_err());
        assert!(Destination::parse("").is_err());
    }
}
