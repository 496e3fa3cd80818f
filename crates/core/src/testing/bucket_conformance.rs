//! What every adapter of the [`Bucket`] port has to keep.
//!
//! Each promise is a function of a bucket and of a prefix that is the test's own: it ends in `/`
//! and nothing lies under it. A broken promise is a panic; a call that should have succeeded and
//! didn't is the error that comes back.
//!
//! [`crate::bucket_conformance!`] makes a test of each promise.

mod keys;
mod objects;
mod publishing;
mod rivals;
mod space;
mod staging;

pub use keys::*;
pub use objects::*;
pub use publishing::*;
pub use rivals::*;
pub use staging::*;

use crate::bucket::{Bucket, BucketError};

/// Hands the names of all promises, separated by commas, to a macro, behind its other arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! bucket_promises {
    ($($to:ident)::+! { $($arguments:tt)* }) => {
        $($to)::+! {
            $($arguments)*
            nothing_appears_before_it_is_published,
            published_it_appears_whole,
            a_tiny_object_can_be_staged,
            an_empty_object_can_be_staged,
            a_large_object_is_its_parts,
            parts_come_in_any_order_and_at_once,
            a_repeated_part_replaces,
            a_part_of_no_upload_is_not_found,
            a_discarded_upload_leaves_nothing,
            a_discarded_upload_is_not_published,
            discarding_is_safe_to_repeat,
            an_upload_is_found_at_its_key,
            discarding_keeps_what_was_published,
            publishing_is_safe_to_repeat,
            publishing_if_absent_refuses_an_object_that_stands,
            a_refused_object_stays_staged,
            publishing_replaces_where_it_may,
            an_object_is_put,
            an_empty_object_is_put,
            putting_if_absent_refuses_an_object_that_stands,
            putting_replaces_where_it_may,
            nothing_is_known_of_an_absent_object,
            an_absent_object_is_not_found,
            a_deleted_object_is_gone,
            deleting_an_absent_object_is_fine,
            keys_are_kept_byte_for_byte,
            the_longest_key_is_kept,
            a_list_is_ordered_by_key,
            a_list_has_exactly_its_prefix,
            a_list_is_longer_than_a_page,
            of_rival_publishers_one_stands,
            of_rival_puts_one_wins,
        }
    };
}

/// Makes one test of each promise.
///
/// Its argument is the name of an async function that opens what a test needs and returns
/// `Result<(impl Bucket, String, impl Sized), impl Into<Box<dyn Error>>>`: the bucket, the test's
/// own prefix, and what has to stay until the test is over.
#[macro_export]
macro_rules! bucket_conformance {
    ($open:ident) => {
        $crate::bucket_promises! { $crate::bucket_conformance! { @each $open; } }
    };
    (@each $open:ident; $($promise:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $promise() -> Result<(), Box<dyn std::error::Error>> {
                let (bucket, prefix, _kept) = $open().await?;
                Ok($crate::testing::bucket_conformance::$promise(&bucket, &prefix).await?)
            }
        )+
    };
}

/// Tries every promise, one after the other.
///
/// # Errors
/// The first call that should have succeeded and didn't.
///
/// # Panics
/// Where a promise is broken.
pub async fn all(bucket: &dyn Bucket, prefix: &str) -> Result<(), BucketError> {
    macro_rules! try_each {
        ($($promise:ident),+ $(,)?) => {
            $($promise(bucket, &format!("{prefix}{}/", stringify!($promise))).await?;)+
        };
    }
    bucket_promises! { try_each! {} }
    Ok(())
}
