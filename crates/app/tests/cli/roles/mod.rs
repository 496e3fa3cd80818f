//! Roles of another account, against servers that keep to policies.

mod base;
mod narrowed;
mod partitions;
mod refused;
mod seaweedfs;
mod sessions;
mod settings;
mod sso;
mod tls;

use std::fs;

use crate::kit::{Customer, Desk};

/// Fetches every object of a customer's bucket into a folder, by its key.
fn fetch(customer: &Customer, desk: &Desk, folder: &str) -> Vec<String> {
    let keys = customer.keys();
    for key in &keys {
        let path = desk.path(folder).join(key);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, customer.object(key)).expect("written");
    }
    keys
}

/// What was printed, without what differs from test to test.
fn told_of(customer: &Customer, printed: &str) -> String {
    printed
        .replace(&customer.bucket, "BUCKET")
        .replace(&customer.role_arn(), "ROLE")
        .replace(&customer.sts.url, "STS")
        .replace(&customer.endpoint, "ENDPOINT")
}
