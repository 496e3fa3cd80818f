//! Probes of uploads in parts.

use spile_core::{BucketErrorKind as Kind, Condition};

use super::super::give_up::GivenUp;
use super::super::probe::refuses;
use super::super::uploads::{UploadPage, uploads_query};
use super::objects::conditional;
use super::trial::Trial;
use crate::access::Action;
use crate::check::Verdict;
use crate::fault::Fault;

impl Trial<'_> {
    pub(super) async fn upload(&mut self) -> Verdict {
        match self.publish(Condition::Replace).await {
            Ok(_) => Verdict::passed("an object can be uploaded in parts"),
            Err(fault) => self.not_uploaded(&fault),
        }
    }

    pub(super) async fn conditional_upload(&mut self) -> Verdict {
        match self.publish(Condition::IfAbsent).await {
            Ok(is_honoured) => conditional(is_honoured),
            Err(fault) => self.not_uploaded(&fault),
        }
    }

    pub(super) async fn abort(&mut self) -> Verdict {
        if let Err(fault) = self.stage().await {
            return self.not_uploaded(&fault);
        }
        let fault = match self.close().await {
            Ok(Some(GivenUp::Completed { denied })) => denied,
            Ok(_) => return Verdict::passed("an upload can be aborted"),
            Err(fault) => fault,
        };
        let what = "uploads that fail can't be removed";
        self.warned(what, &fault, Action::AbortMultipartUpload)
            .adding(
                "or give the bucket a lifecycle rule that aborts unfinished uploads, after longer \
                 than the longest run takes",
            )
    }

    pub(super) async fn list_uploads(&mut self) -> Verdict {
        let query = uploads_query(&self.untagged.to.probe_prefix, None, 1);
        let listed: Result<UploadPage, Fault> = self.untagged.query(&query).await;
        match listed {
            Ok(_) => Verdict::passed("unfinished uploads can be listed"),
            Err(fault) => self.warned(
                "uploads that a run has left unfinished can't be found",
                &fault,
                Action::ListBucketMultipartUploads,
            ),
        }
    }

    /// Uploads the object in a part and publishes it, where that may be. Answers whether the
    /// store has refused to, since an object stands.
    async fn publish(&mut self, condition: Condition) -> Result<bool, Fault> {
        self.stage().await?;
        let Some(staged) = &self.open else {
            return Err(Fault::new(Kind::Refused, "nothing is staged"));
        };
        let refused = refuses(self.untagged.complete(staged, condition).await);
        if let Ok(false) = refused {
            // The upload is no more: it has become the object.
            self.open = None;
        }
        let closed = self.close().await;
        let refused = refused?;
        closed.map(|_| refused)
    }

    /// Uploads the object in one part, and leaves it unpublished.
    async fn stage(&mut self) -> Result<(), Fault> {
        self.close().await?;
        let begun = self.untagged.begin_probe(&self.key);
        let (begun, headers) = Self::watch(&mut self.ahead, begun).await;
        self.of_upload = headers;
        let staged = self.open.insert(begun?);
        self.untagged.stage_probe(staged).await
    }

    fn not_uploaded(&self, fault: &Fault) -> Verdict {
        let what = "no object can be uploaded in parts";
        self.failed(what, fault, Action::PutObject)
    }
}
