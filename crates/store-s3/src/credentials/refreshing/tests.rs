//! Laws of renewing, on a clock that stands still unless it is told to go on.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::advance;

use super::*;

/// Numbers what it issues, and refuses when it is told to.
#[derive(Debug, Default)]
struct Counter {
    asked: AtomicU32,
    refuses: std::sync::atomic::AtomicBool,
    lifetime: Option<Duration>,
}

#[derive(Debug)]
struct Shared(Arc<Counter>);

#[async_trait]
impl Issuer for Shared {
    async fn issue(&self) -> Result<Issued, CredentialsError> {
        let number = self.0.asked.fetch_add(1, Ordering::SeqCst) + 1;
        // Others get a chance to ask meanwhile.
        tokio::task::yield_now().await;
        if self.0.refuses.load(Ordering::SeqCst) {
            return Err(CredentialsError::Unknown {
                code: "AccessDenied".to_owned(),
                reason: format!("refusal {number}"),
            });
        }
        Ok(Issued {
            credential: AwsCredential {
                key_id: number.to_string(),
                secret_key: "hush".to_owned(),
                token: Some(format!("token {number}")),
            },
            lifetime: self.0.lifetime,
        })
    }
}

fn credentials(lifetime_s: Option<u64>) -> (RefreshingCredentials, Arc<Counter>) {
    let counter = Arc::new(Counter {
        lifetime: lifetime_s.map(Duration::from_secs),
        ..Counter::default()
    });
    let issuer = Shared(Arc::clone(&counter));
    (RefreshingCredentials::new(issuer), counter)
}

async fn number(credentials: &RefreshingCredentials) -> String {
    let credential = credentials.credential().await.expect("credentials");
    credential.key_id.clone()
}

#[tokio::test(start_paused = true)]
async fn one_answer_serves_until_the_margin() {
    for (lifetime, margin) in [(3_600, 300), (900, 300), (600, 200), (3, 1)] {
        let (credentials, counter) = credentials(Some(lifetime));
        assert_eq!(number(&credentials).await, "1");
        advance(Duration::from_secs(lifetime - margin - 1)).await;
        assert_eq!(
            number(&credentials).await,
            "1",
            "before the margin of {lifetime} s"
        );
        advance(Duration::from_secs(1) + Duration::from_secs(margin) / 10).await;
        assert_eq!(
            number(&credentials).await,
            "2",
            "in the margin of {lifetime} s"
        );
        assert_eq!(counter.asked.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_no_end_is_asked_for_once() {
    let (credentials, counter) = credentials(None);
    for _ in 0..3 {
        assert_eq!(number(&credentials).await, "1");
        advance(Duration::from_secs(86_400)).await;
    }
    assert_eq!(counter.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_at_once_cost_one_answer() {
    let (credentials, counter) = credentials(Some(900));
    let all = futures::future::join_all((0..50).map(|_| number(&credentials))).await;
    assert!(all.iter().all(|number| number == "1"), "{all:?}");
    advance(Duration::from_secs(700)).await;
    let all = futures::future::join_all((0..50).map(|_| number(&credentials))).await;
    assert!(all.contains(&"2".to_owned()), "{all:?}");
    assert_eq!(counter.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn the_old_ones_serve_while_they_are_valid() {
    let (credentials, counter) = credentials(Some(900));
    assert_eq!(number(&credentials).await, "1");
    counter.refuses.store(true, Ordering::SeqCst);
    advance(Duration::from_secs(700)).await;
    for _ in 0..10 {
        assert_eq!(number(&credentials).await, "1");
    }
    let asked = counter.asked.load(Ordering::SeqCst);
    assert_eq!(asked, 2, "not again at once");
    advance(Duration::from_secs(100)).await;
    assert_eq!(number(&credentials).await, "1");
    assert_eq!(
        counter.asked.load(Ordering::SeqCst),
        3,
        "again after a while"
    );
    advance(Duration::from_secs(101)).await;
    let error = credentials.credential().await.expect_err("they have ended");
    assert_eq!(error.to_string(), "ask STS who the caller is: refusal 4");
    counter.refuses.store(false, Ordering::SeqCst);
    assert_eq!(number(&credentials).await, "5");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_shared_by_those_who_waited_for_it() {
    let (credentials, counter) = credentials(Some(900));
    counter.refuses.store(true, Ordering::SeqCst);
    let ask = |_| credentials.credential();
    let all = futures::future::join_all((0..50).map(ask)).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(counter.asked.load(Ordering::SeqCst), 1);
    assert!(credentials.credential().await.is_err());
    assert_eq!(
        counter.asked.load(Ordering::SeqCst),
        2,
        "whoever comes later asks"
    );
}

#[tokio::test(start_paused = true)]
async fn only_the_ones_that_expired_are_forgotten() {
    let (credentials, _) = credentials(Some(900));
    assert_eq!(number(&credentials).await, "1");
    credentials.forget("token 0");
    assert_eq!(number(&credentials).await, "1");
    credentials.forget("token 1");
    assert_eq!(number(&credentials).await, "2");
}

/// What stands in the environment doesn't change.
#[tokio::test]
async fn what_has_expired_is_not_given_out_again() {
    #[derive(Debug)]
    struct Constant;
    #[async_trait]
    impl Issuer for Constant {
        async fn issue(&self) -> Result<Issued, CredentialsError> {
            Shared(Arc::default()).issue().await
        }
    }
    let credentials = RefreshingCredentials::new(Constant);
    assert_eq!(number(&credentials).await, "1");
    credentials.forget("token 1");
    let error = credentials.credential().await.expect_err("the same");
    assert!(!error.is_retryable());
    let expect = "sign requests: the credentials for it have expired";
    assert_eq!(error.to_string(), expect);
}

#[tokio::test(start_paused = true)]
async fn what_is_outdated_is_known() {
    let (credentials, _) = credentials(Some(900));
    assert_eq!(number(&credentials).await, "1");
    assert!(!credentials.is_outdated("token 1"));
    assert!(credentials.is_outdated("token 0"), "another one");
    advance(Duration::from_secs(700)).await;
    assert!(credentials.is_outdated("token 1"), "about to end");
    assert_eq!(number(&credentials).await, "2");
    assert!(credentials.is_outdated("token 1"), "given up");
}

/// An issuer may give out what is over already, by this machine's clock.
#[tokio::test(start_paused = true)]
async fn what_has_ended_at_once_is_shared_too() {
    let (credentials, counter) = credentials(Some(0));
    let all = futures::future::join_all((0..50).map(|_| number(&credentials))).await;
    assert!(all.iter().all(|number| number == "1"), "{all:?}");
    assert_eq!(counter.asked.load(Ordering::SeqCst), 1);
    assert_eq!(number(&credentials).await, "2", "whoever comes later asks");
}

/// Close to the end, too, the issuer is left alone for a while.
#[tokio::test(start_paused = true)]
async fn a_refusal_holds_for_a_second() {
    let (credentials, counter) = credentials(Some(900));
    assert_eq!(number(&credentials).await, "1");
    counter.refuses.store(true, Ordering::SeqCst);
    advance(Duration::from_secs(898)).await;
    for _ in 0..10 {
        assert_eq!(number(&credentials).await, "1");
        advance(Duration::from_millis(90)).await;
    }
    assert_eq!(counter.asked.load(Ordering::SeqCst), 2);
}

thread_local! {
    static SLEPT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The machine sleeps, which the steady clock knows nothing of.
#[tokio::test(start_paused = true)]
async fn a_sleeping_machine_ages_credentials() {
    let (mut credentials, counter) = credentials(Some(900));
    credentials.wall_clock = || SystemTime::UNIX_EPOCH + SLEPT.get();
    assert_eq!(number(&credentials).await, "1");
    SLEPT.set(Duration::from_secs(700));
    assert!(credentials.is_outdated("token 1"));
    assert_eq!(number(&credentials).await, "2");
    SLEPT.set(Duration::from_secs(700 + 900));
    counter.refuses.store(true, Ordering::SeqCst);
    assert!(credentials.credential().await.is_err(), "they have ended");
}

#[test]
fn debug_tells_nothing_that_is_held() {
    let (credentials, _) = credentials(Some(900));
    let shown = format!("{credentials:?}");
    assert!(!shown.contains("hush"), "{shown}");
}
