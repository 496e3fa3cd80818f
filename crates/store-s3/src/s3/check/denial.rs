//! From a request that was denied to the statement that grants it.

use spile_core::BucketErrorKind as Kind;

use super::super::config::Encryption;
use super::obstacle::{ASK_FOR_CHANGE, Obstacle};
use super::trial::Trial;
use crate::access::{Action, BucketName, Level, Partition, Prefix, Scope, Statement};
use crate::check::{Lack, MissingGrant, PolicyKind, Status, Verdict};
use crate::fault::Fault;

impl Trial<'_> {
    /// Why a load can't be made without what was tried: `what` can't be done. Where the store has
    /// denied it, that is for want of `action`, unless the store itself names another.
    pub(super) fn failed(&self, what: &str, fault: &Fault, action: Action) -> Verdict {
        let message = &fault.message;
        if fault.kind != Kind::Denied {
            return Verdict::failed(fault.kind, format!("{what}: {message}"));
        }
        let verdict = Verdict::failed(fault.kind, format!("{what}\n{message}"));
        let named = Named::in_message(message);
        let key = named.as_ref().and_then(|named| named.key);
        let missing = self.missing(named.as_ref().map_or(action, |named| named.action), key);
        match (Obstacle::in_message(message), named) {
            (Some(obstacle), _) => {
                let (action, resource) = (missing.action, missing.resource);
                let words = obstacle.told(&format!("{action} on {resource}"));
                verdict.adding(&words).hinting(ASK_FOR_CHANGE)
            }
            (None, Some(_)) => verdict.lacking(missing),
            (None, None) => self.unnamed(verdict.lacking(missing), action),
        }
    }

    /// With a key of KMS, a put can be denied for another reason, which not every answer names.
    fn unnamed(&self, verdict: Verdict, action: Action) -> Verdict {
        match &self.bucket.to.encryption {
            Some(Encryption::Kms { .. }) if action == Action::PutObject => {
                let (other, key) = (Action::GenerateDataKey, self.key_arn());
                let words = format!("if {action} is granted, {other} on {key} is missing");
                verdict.adding(&words)
            }
            _ => verdict,
        }
    }

    /// The same of what loads can do without.
    pub(super) fn warned(&self, what: &str, fault: &Fault, action: Action) -> Verdict {
        Verdict {
            status: Status::Warned,
            ..self.failed(what, fault, action)
        }
    }

    fn missing(&self, action: Action, key: Option<&str>) -> MissingGrant {
        let mut statement = Statement::allowing(action, &self.scope());
        if action.level() == Level::Key {
            statement.resources = vec![key.map_or_else(|| self.key_arn(), str::to_owned)];
        }
        MissingGrant {
            action,
            resource: statement.resources.join(", "),
            statement,
            policy: PolicyKind::Access,
            lacks: Lack::Statement,
            counterpart: None,
        }
    }

    /// The bucket, as far as this writes into it.
    fn scope(&self) -> Scope {
        let name = BucketName::of_any_store(&self.bucket.to.bucket);
        let scope = Scope::bucket(name).in_partition(self.partition());
        match self.bucket.to.probe_prefix.parse::<Prefix>() {
            Ok(prefix) => scope.under(prefix),
            Err(_) => scope,
        }
    }

    fn partition(&self) -> Partition {
        Partition::of_region(self.bucket.region())
    }

    /// The key that is configured: an ARN as it is, an id in whichever account it may be.
    fn key_arn(&self) -> String {
        let id = match &self.bucket.to.encryption {
            Some(Encryption::Kms { key_id: Some(id) }) if id.starts_with("arn:") => {
                return id.clone();
            }
            Some(Encryption::Kms { key_id: Some(id) }) if !id.starts_with("alias/") => id,
            _ => "*",
        };
        let (partition, region) = (self.partition(), self.bucket.region());
        format!("arn:{partition}:kms:{region}:*:key/{id}")
    }
}

/// What AWS names in the message of a denial: `User: … is not authorized to perform: s3:PutObject
/// on resource: "arn:aws:s3:::landing/a" because …`.
struct Named<'m> {
    action: Action,
    /// A key of KMS.
    key: Option<&'m str>,
}

impl<'m> Named<'m> {
    /// All that a probe may be denied by name.
    const KNOWN: [Action; 10] = [
        Action::GetObject,
        Action::PutObject,
        Action::ListBucket,
        Action::GetBucketLocation,
        Action::DeleteObject,
        Action::AbortMultipartUpload,
        Action::ListBucketMultipartUploads,
        Action::PutObjectTagging,
        Action::GenerateDataKey,
        Action::Decrypt,
    ];

    fn in_message(message: &'m str) -> Option<Self> {
        let name = word_after(message, "to perform: ")?;
        let action = Self::KNOWN.into_iter().find(|one| one.name() == name)?;
        let resource = word_after(message, "on resource: ");
        let key = resource.filter(|arn| arn.contains(":kms:"));
        Some(Named { action, key })
    }
}

fn word_after<'m>(message: &'m str, words: &str) -> Option<&'m str> {
    let (_, after) = message.split_once(words)?;
    let word = after.split_whitespace().next()?;
    Some(word.trim_matches('"'))
}
