//! What the store has said in the headers of its answers, for which nothing further is asked.

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use spile_core::BucketErrorKind as Kind;

use super::super::config::Encryption;
use super::trial::Trial;
use crate::check::Verdict;

/// S3 refuses what is signed by a clock that is off by more.
const OFF_MAX: TimeDelta = TimeDelta::minutes(15);
/// A clock that is off by this much won't be right for long.
const OFF_USUAL: TimeDelta = TimeDelta::minutes(3);

impl Trial<'_> {
    pub(super) async fn encryption(&self) -> Verdict {
        let told = header(&self.of_put, "x-amz-server-side-encryption");
        let key = header(&self.of_put, "x-amz-server-side-encryption-aws-kms-key-id");
        match (&self.bucket.to.encryption, told) {
            (None, None) => Verdict::skipped("none is configured, and the store says of none"),
            (None, Some(told)) => Verdict::passed(format!("{told}, as the bucket has it")),
            (Some(asked), told) if told != Some(asked.name()) => unlike(asked.name(), told),
            (Some(Encryption::Kms { key_id: Some(id) }), _) if !is_key(id, key) => unlike(id, key),
            (Some(asked), _) => Verdict::passed(match key {
                Some(key) => format!("{} by {key}", asked.name()),
                None => asked.name().to_owned(),
            }),
        }
    }

    pub(super) async fn versioning(&self) -> Verdict {
        match self.is_versioned() {
            false => Verdict::passed("off"),
            true => Verdict::warned(
                "on: what is replaced or deleted stays as an older version, the object of this \
                 check too; a lifecycle rule can expire those",
            ),
        }
    }

    pub(super) async fn lifecycle(&self) -> Verdict {
        let Some(date) = header(&self.of_upload, "x-amz-abort-date").and_then(moment) else {
            return Verdict::passed("no rule aborts uploads that are staged");
        };
        let rule = header(&self.of_upload, "x-amz-abort-rule-id").unwrap_or("of the bucket");
        let days = (date - Utc::now()).num_days();
        Verdict::warned(format!(
            "the rule `{rule}` aborts what is staged today on {}, in {days} days: a run that takes \
             longer loses its objects",
            date.format("%Y-%m-%d")
        ))
    }

    pub(super) async fn clock(&self) -> Verdict {
        let Some(ahead) = self.ahead else {
            return Verdict::skipped("no answer has told the time");
        };
        let off = match ahead < TimeDelta::zero() {
            true => format!("{} behind the store's", span(-ahead)),
            false => format!("{} ahead of the store's", span(ahead)),
        };
        match ahead.abs() {
            within if within < TimeDelta::seconds(2) => Verdict::passed("as the store's"),
            within if within <= OFF_USUAL => Verdict::passed(off),
            within if within < OFF_MAX => Verdict::warned(format!(
                "{off}: set it; from 15 minutes on, S3 refuses every request"
            )),
            _ => Verdict::failed(
                Kind::Unauthenticated,
                format!("{off}: set it; S3 refuses what differs by 15 minutes"),
            ),
        }
    }
}

/// The store is to say what it was asked for; others ignore it in silence.
fn unlike(asked: &str, told: Option<&str>) -> Verdict {
    let told = told.map_or("nothing of it".to_owned(), |told| format!("`{told}`"));
    let message = format!("the store was asked for `{asked}` and says {told}");
    Verdict::failed(Kind::Refused, message)
}

/// Whether the store has used the key that was named, by its id or its ARN. What an alias stands
/// for isn't told.
fn is_key(named: &str, told: Option<&str>) -> bool {
    let id = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
    named.contains("alias/") || told.is_some_and(|told| id(told) == id(named))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc2822(text);
    moment.map(|moment| moment.to_utc()).ok()
}

fn span(time: TimeDelta) -> String {
    match time.num_seconds() {
        seconds if seconds < 120 => format!("{seconds} seconds"),
        seconds if seconds < 2 * 3_600 => format!("{} minutes", seconds / 60),
        seconds => format!("{} hours", seconds / 3_600),
    }
}
