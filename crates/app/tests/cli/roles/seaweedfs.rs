//! The role of the S3 server: sessions of a second STS. It asks for no External ID.

use crate::kit::{Desk, Store, told};

fn vendor(desk: Desk) -> Desk {
    desk.set("AWS_ACCESS_KEY_ID", &told("S3_VENDOR_ACCESS_KEY_ID"))
        .set(
            "AWS_SECRET_ACCESS_KEY",
            &told("S3_VENDOR_SECRET_ACCESS_KEY"),
        )
}

#[test]
fn the_role_loads_where_its_policy_says_in_s3() {
    let (store, arn) = (Store::new(), told("S3_ROLE_ARN"));
    let desk = vendor(Desk::new()).set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &store.endpoint);
    desk.write("a.csv", "id\n1\n");
    let role = format!("--role-arn {arn} --external-id acme-1 --key a.csv");
    desk.ok(&format!(
        "spile load a.csv {} {role} --log trace",
        store.to()
    ));
    assert_eq!(store.fetch(&desk.path("fetched")), ["a.csv"]);
    assert_eq!(desk.read("fetched/a.csv"), "id\n1\n");

    let elsewhere = store.to().replace(&store.bucket, "elsewhere");
    let ran = desk.run(&format!("spile load a.csv {elsewhere} {role}"));
    assert_eq!(ran.code, 5, "{ran}");
}

#[test]
fn the_vendors_own_keys_load_nothing_in_s3() {
    let store = Store::new();
    let desk = vendor(Desk::new());
    desk.write("a.csv", "id\n1\n");
    let ran = desk.run(&format!("spile load a.csv {} --key a.csv", store.to()));
    assert_eq!(ran.code, 5, "{ran}");
}
