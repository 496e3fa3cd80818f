//! The role of SeaweedFS: sessions of a second STS. It asks for no External ID.

use crate::kit::{Desk, Store, told};

fn vendor(desk: Desk) -> Desk {
    desk.set("AWS_ACCESS_KEY_ID", &told("S3_VENDOR_ACCESS_KEY_ID"))
        .set(
            "AWS_SECRET_ACCESS_KEY",
            &told("S3_VENDOR_SECRET_ACCESS_KEY"),
        )
}

/// A vendor who has a record to load.
fn loader(store: &Store) -> Desk {
    let desk = vendor(Desk::new()).set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &store.endpoint);
    desk.write("a.csv", "id\n1\n");
    desk
}

/// Loads it by the role.
fn load_line(store: &Store) -> String {
    let (to, arn) = (store.to(), told("S3_ROLE_ARN"));
    format!("spile load a.csv {to} --role-arn {arn} --external-id acme-1 --key a.csv")
}

#[test]
fn the_role_loads_where_its_policy_says() {
    let store = Store::new();
    let desk = loader(&store);
    desk.ok(&format!("{} --log trace", load_line(&store)));
    assert_eq!(store.fetch(&desk.path("fetched")), ["a.csv"]);
    assert_eq!(desk.read("fetched/a.csv"), "id\n1\n");
}

/// The bucket is there, and others may write to it.
#[test]
fn the_role_loads_nothing_elsewhere() {
    let store = Store {
        bucket: told("S3_OTHER_BUCKET"),
        ..Store::new()
    };
    let ran = loader(&store).run(&load_line(&store));
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("it isn't granted"), "{ran}");
    let admin = store.admit(Desk::new());
    assert_eq!(store.fetch(&admin.path("left")), Vec::<String>::new());
    admin.write("a.csv", "id\n1\n");
    admin.ok(&format!("spile load a.csv {} --key a.csv", store.to()));
    assert_eq!(store.fetch(&admin.path("fetched")), ["a.csv"]);
}

#[test]
fn the_vendors_own_keys_load_nothing() {
    let store = Store::new();
    let desk = vendor(Desk::new());
    desk.write("a.csv", "id\n1\n");
    let ran = desk.run(&format!("spile load a.csv {} --key a.csv", store.to()));
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("it isn't granted"), "{ran}");
}
