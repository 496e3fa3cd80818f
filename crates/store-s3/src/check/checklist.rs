//! One finding after the other.

use std::time::{Duration, Instant};

use super::finding::{Finding, Status, Verdict};

/// Collects findings, in order, and tells of each as it comes.
pub struct Checklist<'a> {
    tell: Box<dyn FnMut(&Finding) + Send + 'a>,
    is_stopped: Box<dyn Fn() -> bool + Send + Sync + 'a>,
    findings: Vec<Finding>,
    /// What can't be relied on, and which failure that comes of.
    unmet: Vec<(&'static str, &'static str)>,
    shows_external_id: bool,
}

impl<'a> Checklist<'a> {
    /// An empty list. `tell` is given each finding; once `is_stopped`, nothing further is tried,
    /// and only what is left behind is removed.
    pub fn new(
        tell: impl FnMut(&Finding) + Send + 'a,
        is_stopped: impl Fn() -> bool + Send + Sync + 'a,
    ) -> Self {
        Checklist {
            tell: Box::new(tell),
            is_stopped: Box::new(is_stopped),
            findings: Vec::new(),
            unmet: Vec::new(),
            shows_external_id: false,
        }
    }

    /// The same list, in which the External ID may be shown; else its fingerprint is.
    pub fn showing_external_id(mut self, shows: bool) -> Self {
        self.shows_external_id = shows;
        self
    }

    /// Whether the External ID may be shown.
    pub fn shows_external_id(&self) -> bool {
        self.shows_external_id
    }

    /// Tries something out, unless something that it needs has failed. `needs` are names of
    /// earlier findings.
    pub async fn probe(
        &mut self,
        name: &'static str,
        needs: &[&str],
        probe: impl Future<Output = Verdict>,
    ) {
        if let Some(root) = self.root_of(needs) {
            self.unmet.push((name, root));
            let skipped = Verdict::skipped(format!("not tried, since `{root}` has failed"));
            self.note(name, skipped, Duration::ZERO);
        } else if (self.is_stopped)() {
            self.note(name, Verdict::skipped("interrupted"), Duration::ZERO);
        } else {
            self.always(name, probe).await;
        }
    }

    /// Does what has to be done in any case.
    pub async fn always(&mut self, name: &'static str, probe: impl Future<Output = Verdict>) {
        let began = Instant::now();
        let verdict = probe.await;
        self.note(name, verdict, began.elapsed());
    }

    /// Adds what was found out elsewhere.
    pub fn note(&mut self, name: &'static str, verdict: Verdict, took: Duration) {
        if verdict.status == Status::Failed {
            self.unmet.push((name, name));
        }
        let finding = Finding {
            name,
            verdict,
            took,
        };
        (self.tell)(&finding);
        self.findings.push(finding);
    }

    /// Adds what there is no reason to try.
    pub fn note_skipped(&mut self, name: &'static str, reason: &str) {
        self.note(name, Verdict::skipped(reason), Duration::ZERO);
    }

    /// What was found out so far.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// All that was found out, in order.
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// The failure because of which one of these can't be relied on.
    fn root_of(&self, needs: &[&str]) -> Option<&'static str> {
        let is_needed = |(name, _): &&(&str, &str)| needs.contains(name);
        self.unmet.iter().find(is_needed).map(|(_, root)| *root)
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use spile_core::BucketErrorKind;

    use super::*;

    fn statuses(list: &Checklist<'_>) -> Vec<(&'static str, Status)> {
        let status = |finding: &Finding| (finding.name, finding.verdict.status);
        list.findings().iter().map(status).collect()
    }

    #[tokio::test]
    async fn what_needs_a_failed_one_is_skipped_and_names_it() {
        let mut told = Vec::new();
        let mut list = Checklist::new(|finding| told.push(finding.name), || false);
        let denied = Verdict::failed(BucketErrorKind::Denied, "no");
        list.probe("delete", &[], ready(denied)).await;
        list.probe("put", &["delete"], ready(Verdict::passed("")))
            .await;
        list.probe("get", &["put"], ready(Verdict::passed("")))
            .await;
        list.probe("list", &[], ready(Verdict::passed(""))).await;
        let expect = [
            ("delete", Status::Failed),
            ("put", Status::Skipped),
            ("get", Status::Skipped),
            ("list", Status::Passed),
        ];
        assert_eq!(statuses(&list), expect);
        let reason = &list.findings()[2].verdict.message;
        assert_eq!(reason, "not tried, since `delete` has failed");
        drop(list);
        assert_eq!(told, ["delete", "put", "get", "list"]);
    }

    #[tokio::test]
    async fn once_stopped_only_what_has_to_be_done_is() {
        let mut list = Checklist::new(|_| (), || true);
        list.probe("put", &[], ready(Verdict::passed(""))).await;
        list.always("clean up", ready(Verdict::passed(""))).await;
        let expect = [("put", Status::Skipped), ("clean up", Status::Passed)];
        assert_eq!(statuses(&list), expect);
    }
}
