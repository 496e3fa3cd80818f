//! Probes of whole objects, and of the bucket that holds them.

use serde::Deserialize;
use spile_core::{BucketErrorKind as Kind, Condition};

use super::super::probe::{PROBE, refuses};
use super::trial::Trial;
use crate::access::Action;
use crate::check::Verdict;
use crate::fault::Fault;

/// Where a bucket is; empty where it is in the first of all regions.
#[derive(Deserialize)]
struct Location {
    #[serde(rename = "$text", default)]
    region: String,
}

impl Trial<'_> {
    /// Whether the bucket answers at all, and where it is.
    pub(super) async fn bucket(&mut self) -> Verdict {
        let asked = self.untagged.query("location=");
        let (told, _) = Self::watch(&mut self.ahead, asked).await;
        let told: Result<Location, Fault> = told;
        let signed = self.untagged.region();
        match told {
            // Other stores have regions by name only.
            Ok(told) if told.name() != signed && self.untagged.to.is_aws => {
                let region = told.name();
                let message = format!("it is in {region}, and requests are signed for {signed}");
                Verdict::warned(message)
            }
            Ok(_) => Verdict::passed(format!("it is in the region {signed}")),
            Err(fault) if fault.kind == Kind::Denied => {
                let what = format!("it can't be asked for its region, which is taken for {signed}");
                self.warned(&what, &fault, Action::GetBucketLocation)
            }
            // Loads don't ask.
            Err(fault) if matches!(fault.kind, Kind::Refused | Kind::NotFound) => {
                Verdict::passed(format!("it doesn't tell its region, taken for {signed}"))
            }
            Err(fault) => Verdict::from(&fault),
        }
    }

    pub(super) async fn delete(&mut self) -> Verdict {
        let removed = self.untagged.remove(&self.key);
        match Self::watch(&mut self.ahead, removed).await.0 {
            Ok(()) => Verdict::passed("objects can be deleted"),
            Err(fault) => self.failed(
                "objects can't be deleted, so none is written that would stay",
                &fault,
                Action::DeleteObject,
            ),
        }
    }

    pub(super) async fn list(&mut self) -> Verdict {
        let prefix = self.untagged.to.probe_prefix.as_str();
        match self.untagged.list_page(prefix, None, 1).await {
            Ok(_) => Verdict::passed("objects can be listed"),
            Err(fault) => self.failed("objects can't be listed", &fault, Action::ListBucket),
        }
    }

    /// Loads look for what stands at a key, and for what earlier runs remember.
    pub(super) async fn absent_key(&mut self) -> Verdict {
        let read = match self.untagged.look(&self.absent).await {
            Ok(None) => self.untagged.read(&self.absent).await.map(drop),
            looked => looked.map(drop),
        };
        match read {
            Err(fault) if fault.kind == Kind::NotFound => {
                Verdict::passed("a key where nothing stands is told to be absent")
            }
            Err(fault) => self.failed(
                "a key where nothing stands can't be told from a forbidden one",
                &fault,
                Action::ListBucket,
            ),
            Ok(()) => Verdict::failed(Kind::Refused, "something stands where nobody has written"),
        }
    }

    pub(super) async fn put(&mut self) -> Verdict {
        self.is_written = true;
        let put = self.untagged.put_probe(&self.key, Condition::Replace);
        let (put, headers) = Self::watch(&mut self.ahead, put).await;
        self.of_put = headers;
        match put {
            Ok(_) => Verdict::passed("an object can be put"),
            Err(fault) => {
                self.is_written = fault.kind != Kind::Denied;
                self.failed("no object can be put", &fault, Action::PutObject)
            }
        }
    }

    pub(super) async fn get(&mut self) -> Verdict {
        match self.untagged.read(&self.key).await {
            Ok(content) if content == PROBE => Verdict::passed("it reads as it was written"),
            Ok(_) => Verdict::failed(Kind::Refused, "it reads otherwise than it was written"),
            Err(fault) => self.failed("objects can't be read", &fault, Action::GetObject),
        }
    }

    pub(super) async fn conditional_put(&mut self) -> Verdict {
        let put = self.untagged.put_probe(&self.key, Condition::IfAbsent);
        match refuses(put.await) {
            Ok(is_honoured) => conditional(is_honoured),
            Err(fault) => self.failed("no object can be put", &fault, Action::PutObject),
        }
    }

    pub(super) async fn tags(&mut self) -> Verdict {
        if self.bucket.to.template.without_tags().is_none() {
            return Verdict::skipped("none are configured");
        }
        match self.bucket.put_probe(&self.key, Condition::Replace).await {
            Ok(_) => Verdict::passed("objects can be tagged"),
            Err(fault) => self.failed(
                "objects can't be given the tags that are configured",
                &fault,
                Action::PutObjectTagging,
            ),
        }
    }
}

/// What it means whether `If-None-Match` is honoured.
pub(super) fn conditional(is_honoured: bool) -> Verdict {
    match is_honoured {
        true => Verdict::passed("what stands isn't replaced"),
        false => Verdict::warned(
            "the store ignores If-None-Match: a taken key is looked for before it is written, \
             but of two runs that write one key at once, one can replace the other's object",
        ),
    }
}

impl Location {
    fn name(&self) -> &str {
        match self.region.trim() {
            "" => "us-east-1",
            "EU" => "eu-west-1",
            name => name,
        }
    }
}
