//! Roles and buckets of AWS's other partitions: China and GovCloud.

use crate::kit::{Aws, Customer, Desk};

/// Loads by a role of a partition, with no endpoint set: who is asked follows from the region.
///
/// The emulator checks the role's trust, each signature with its host and region, and that the
/// region is the bucket's. It isn't AWS: its policies are of the first partition.
fn check(partition: &'static str, region: &'static str, domain: &str) {
    let customer = Customer::in_region(partition, region);
    let aws = Aws::of(&customer);
    let (id, secret) = customer.vendor_keys();
    let desk = aws
        .admit(Desk::new())
        .set("AWS_ACCESS_KEY_ID", id)
        .set("AWS_SECRET_ACCESS_KEY", secret)
        .hush(secret);
    desk.write("a.csv", "id\n1\n2\n");
    let (to, arn, id) = (
        customer.to_aws(),
        customer.role_arn(),
        &customer.external_id,
    );
    let ran = desk.ok(&format!(
        "spile load a.csv {to} --role-arn {arn} --external-id {id} --key a.csv --log trace"
    ));
    customer.assert_kept(&ran.to_string());
    assert_eq!(customer.object("a.csv"), b"id\n1\n2\n");
    let bucket = &customer.bucket;
    let hosts = [
        format!("{bucket}.s3.{region}.{domain}"),
        format!("sts.{region}.{domain}"),
    ];
    assert_eq!(aws.asked(), hosts.into());
    let asked = &customer.sts.exchanges()[0].request;
    assert!(
        asked.contains(&format!("RoleArn=arn%3A{partition}%3Aiam")),
        "{asked}"
    );
    // Whoever has another External ID gets nothing there either.
    let ran = desk.run(&format!(
        "spile load a.csv {to} --role-arn {arn} --external-id of-another --key b.csv"
    ));
    assert_eq!(ran.code, 6, "{ran}");
    assert_eq!(customer.keys(), ["a.csv"]);
}

#[test]
fn china() {
    check("aws-cn", "cn-north-1", "amazonaws.com.cn");
}

#[test]
fn gov_cloud() {
    check("aws-us-gov", "us-gov-west-1", "amazonaws.com");
}
