//! Each fault at each request, one at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use spile_core::{
    Attributes, Bucket, BucketError, BucketErrorKind, Condition, ObjectKey, Part, Retry,
    RetryPolicy, Staged,
};
use spile_store_s3::S3Bucket;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::kit::{Asked, Fault, FaultProxy, Kind, Seed, Seen, Store, at, seeded};

/// A bucket whose requests are repeated soon.
struct Patient {
    bucket: S3Bucket,
    retry: Retry,
    prefix: String,
}

const SOON: RetryPolicy = RetryPolicy {
    elapsed_max: Duration::from_secs(60),
    attempts_min: 3,
    first_wait: Duration::from_millis(4),
    wait_max: Duration::from_millis(20),
};

impl Patient {
    async fn connect(store: &Store, folder: &str) -> Self {
        let prefix = format!("{}/{folder}", store.prefix);
        let mut config = store.config();
        config.retry = Retry::new(SOON);
        config.probe_prefix = format!("{prefix}/");
        config.request_time_max = Some(Duration::from_millis(1_500));
        Self {
            retry: config.retry.clone(),
            prefix,
            bucket: S3Bucket::connect(config).await.expect("connected"),
        }
    }

    fn key(&self, name: &str) -> ObjectKey {
        ObjectKey::new(format!("{}/{name}", self.prefix)).expect("a key")
    }

    async fn put(&self, name: &str, body: &'static str) -> Result<(), BucketError> {
        let (key, own) = (self.key(name), attributes());
        let put = || {
            self.bucket
                .put(&key, body.into(), &own, Condition::IfAbsent)
        };
        self.retry.run(put).await.map(drop)
    }

    async fn get(&self, name: &str) -> Result<Vec<u8>, BucketError> {
        let key = self.key(name);
        let got = self.retry.run(|| self.bucket.get(&key)).await;
        got.map(|body| body.to_vec())
    }

    async fn is_there(&self, name: &str) -> Result<bool, BucketError> {
        let key = self.key(name);
        let found = self.retry.run(|| self.bucket.head(&key)).await;
        found.map(|found| found.is_some())
    }

    async fn stage(&self, name: &str, body: &'static str) -> Result<Staged, BucketError> {
        let (key, own) = (self.key(name), attributes());
        let upload = self.retry.run(|| self.bucket.begin(&key, &own)).await?;
        let send = || self.bucket.part(&upload, 1, body.into());
        let part: Part = self.retry.run(send).await?;
        self.bucket.finish(upload, vec![part]).await
    }

    async fn publish(&self, staged: &Staged) -> Result<(), BucketError> {
        let publish = || self.bucket.publish(staged, Condition::IfAbsent);
        self.retry.run(publish).await.map(drop)
    }

    async fn discard(&self, staged: &Staged) -> Result<(), BucketError> {
        let discard = || self.bucket.discard(&staged.upload);
        self.retry.run(discard).await
    }
}

fn attributes() -> Attributes {
    Attributes {
        write_id: Uuid::new_v4().to_string(),
        ..Attributes::default()
    }
}

fn is_taken(result: Result<(), BucketError>) -> bool {
    matches!(result, Err(error) if error.kind == BucketErrorKind::AlreadyExists)
}

/// Asks for everything there is, and finds what a store without faults has.
async fn live(patient: &Patient) -> Result<(), BucketError> {
    let honours = || patient.bucket.honours_if_absent();
    assert!(patient.retry.run(honours).await?);
    assert!(!patient.is_there("a").await?);
    patient.put("a", "put").await?;
    assert!(patient.is_there("a").await?);
    assert_eq!(patient.get("a").await?, b"put");
    assert!(is_taken(patient.put("a", "another").await));
    let staged = patient.stage("b", "published").await?;
    patient.publish(&staged).await?;
    patient.publish(&staged).await?;
    assert_eq!(patient.get("b").await?, b"published");
    let rival = patient.stage("b", "another").await?;
    assert!(is_taken(patient.publish(&rival).await));
    patient.discard(&rival).await?;
    let key = patient.key("a");
    patient.retry.run(|| patient.bucket.delete(&key)).await?;
    let prefix = format!("{}/", patient.prefix);
    let listed = patient.retry.run(|| patient.bucket.list(&prefix)).await?;
    let listed: Vec<_> = listed.iter().map(|found| found.key.as_str()).collect();
    assert_eq!(listed, [patient.key("b").as_str()]);
    Ok(())
}

/// Lives through the faults of a plan, in a folder of a store; says what it has seen.
async fn check(store: Store, folder: String, proxy: FaultProxy) -> Seen {
    let patient = Patient::connect(&store.through(&proxy.url), &folder).await;
    if let Err(error) = live(&patient).await {
        panic!("{folder}: {error}: {:?}", proxy.seen());
    }
    proxy.seen()
}

/// Lives through plans all at once, since stalls take their time. Nothing is left then but what is
/// to be there, and uploads of which nobody was told.
fn check_all<P: Fn(&Asked) -> Option<Fault> + Send + Sync + 'static>(
    plans: impl IntoIterator<Item = (String, P)>,
) -> Seen {
    let store = Store::new();
    let runtime = Runtime::new().expect("a runtime");
    let mut all = Seen::default();
    let mut folders = BTreeSet::new();
    runtime.block_on(async {
        let mut checks = JoinSet::new();
        for (folder, plan) in plans {
            folders.insert(format!("{folder}/b"));
            let proxy = FaultProxy::before(&store.endpoint, plan);
            checks.spawn(check(store.through(&store.endpoint), folder, proxy));
        }
        while let Some(seen) = checks.join_next().await {
            all.add(seen.expect("it lives"));
        }
    });
    let left: BTreeSet<_> = store.objects().into_keys().collect();
    assert_eq!(left, folders);
    assert!(store.unfinished() <= all.lost_uploads(), "{all:?}");
    all
}

/// A single fault, at each of the requests in turn.
#[test]
fn each_at_each_request() {
    let none = ("no fault".to_owned(), |_: &Asked| None);
    let requests = check_all([none]).requests;
    let mut all = Seen::default();
    let mut expected = BTreeSet::new();
    for fault in Fault::ALL {
        let mut plans = Vec::new();
        for (number, asked) in requests.iter().enumerate() {
            let before = requests[..number].iter();
            let nth = before.filter(|other| other.kind == asked.kind).count();
            if fault.fits(asked) {
                expected.insert((asked.kind, fault));
                let folder = format!("{fault:?} at {:?} {nth}", asked.kind);
                plans.push((folder, at(asked.kind, nth, fault)));
            }
        }
        all.add(check_all(plans));
    }
    let met: BTreeSet<_> = all.faults.keys().copied().collect();
    assert_eq!(met, expected, "{all}");
    let kinds: BTreeSet<_> = met.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), Kind::ALL);
    all.tell();
}

/// Many faults, also several of one request.
#[test]
fn many_at_once() {
    let seed = Seed::new();
    let plan = |number| (format!("{seed} and {number}"), seeded(seed.of(number)));
    check_all((0..16).map(plan)).tell();
}
