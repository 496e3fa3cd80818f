//! Checks by a role of another account, in a bucket that keeps to its policy action by action.

use insta::assert_snapshot;
use serde_json::Value;
use spile_store_s3::access::ExternalId;

use super::lines;
use crate::kit::{Customer, Desk, FIVE, Ran, Store, told};

/// Checks with the role and its External ID. Nothing is left behind, whatever comes of it.
fn check(customer: &Customer, more: &str) -> Ran {
    let desk = customer.admit(Desk::new());
    let to = customer.to("raw");
    let line = format!("spile check {to} --key a.csv --connection-run-id 007 {more}");
    let ran = desk.run(&line);
    assert_eq!(
        (customer.keys(), customer.unfinished()),
        (Vec::new(), 0),
        "{ran}"
    );
    ran
}

fn said(customer: &Customer, ran: &Ran) -> String {
    customer.assert_kept(&ran.to_string());
    let role = customer.role_arn();
    let (_, name) = role.split_once("/spile-").expect("a role");
    let id = ExternalId::new(&*customer.external_id).expect("an External ID");
    lines(ran)
        .replace(name, "NAME")
        .replace(&id.fingerprint(), "FINGERPRINT")
}

/// The actions that are said to be missing, apart from those that loads can do without.
fn missing(ran: &Ran) -> Vec<String> {
    let optional = ["s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads"];
    let json = ran.json();
    let lines = json["lines"].as_array().expect("lines");
    let actions = lines.iter().filter_map(|line| line["action"].as_str());
    let actions = actions.filter(|action| !optional.contains(action));
    actions.map(str::to_owned).collect()
}

#[test]
fn exactly_the_five_actions_pass() {
    let customer = Customer::new();
    let ran = check(&customer, "");
    let traced = check(&customer, "--log trace");
    assert!(traced.stderr.contains("TRACE"), "{traced}");
    customer.assert_kept(&traced.to_string());
    assert_snapshot!(said(&customer, &ran), @r"
    exit 0
    passed   configuration       keys are like raw/a.csv
    passed   base credentials    from the environment: arn:aws:iam::000000000000:user/vendor-NAME
    passed   assume role         arn:aws:iam::222222222222:role/spile-NAME with the External ID FINGERPRINT
    passed   caller identity     arn:aws:sts::222222222222:assumed-role/spile-NAME/spile-007
    passed   no external id      refused without the External ID, as it should be
    passed   wrong external id   refused with a wrong External ID, as it should be
    passed   bucket              it is in the region us-east-1
    passed   delete              objects can be deleted
    passed   list                objects can be listed
    passed   absent key          a key where nothing stands is told to be absent
    passed   put                 an object can be put
    passed   get                 it reads as it was written
    passed   multipart upload    an object can be uploaded in parts
    passed   conditional put     what stands isn't replaced
    passed   conditional upload  what stands isn't replaced
    warned   abort               uploads that fail can't be removed
        it isn't granted: User: arn:aws:sts::222222222222:assumed-role/spile-NAME/spile-007 is not authorized to perform: s3:AbortMultipartUpload because no identity-based policy allows the s3:AbortMultipartUpload action
        or give the bucket a lifecycle rule that aborts unfinished uploads, after longer than the longest run takes
        missing: s3:AbortMultipartUpload on arn:aws:s3:::acme-NAME/raw/*
    warned   list uploads        uploads that a run has left unfinished can't be found
        it isn't granted: User: arn:aws:sts::222222222222:assumed-role/spile-NAME/spile-007 is not authorized to perform: s3:ListBucketMultipartUploads because no identity-based policy allows the s3:ListBucketMultipartUploads action
        missing: s3:ListBucketMultipartUploads on arn:aws:s3:::acme-NAME
    skipped  encryption          none is configured, and the store says of none
    skipped  tags                none are configured
    passed   versioning          off
    passed   lifecycle           no rule aborts uploads that are staged
    passed   clock               as the store's
    passed   clean up            nothing is left behind
    ready: 2 warned, 19 passed, 2 skipped
    ");
}

#[test]
fn each_action_that_lacks_is_named_and_no_other() {
    let customer = Customer::new();
    for lacking in FIVE {
        let others: Vec<&str> = FIVE.into_iter().filter(|one| *one != lacking).collect();
        customer.grant(&others);
        let ran = check(&customer, "--output-format json");
        assert_eq!(missing(&ran), [lacking], "{ran}");
        // Loads don't ask for the region of a bucket.
        let is_needed = lacking != "s3:GetBucketLocation";
        assert_eq!(ran.code, if is_needed { 5 } else { 0 }, "{ran}");
    }
}

/// The statement that is printed is what lacked.
#[test]
fn the_statement_to_add_is_what_lacks() {
    let customer = Customer::new();
    let others: Vec<&str> = FIVE
        .into_iter()
        .filter(|one| *one != "s3:PutObject")
        .collect();
    customer.grant(&others);
    let ran = check(&customer, "--output-format json");
    let json = ran.json();
    let lines = json["lines"].as_array().expect("lines");
    let put = lines
        .iter()
        .find(|line| line["name"] == "put")
        .expect("a line");
    assert_eq!(put["statement"]["Effect"], Value::from("Allow"));
    customer.grant_also(&put["statement"]);
    let ran = check(&customer, "--output-format json");
    assert_eq!((ran.code, missing(&ran)), (0, Vec::new()), "{ran}");
}

#[test]
fn an_external_id_in_other_case_is_refused() {
    let mut customer = Customer::new();
    customer.external_id = customer.external_id.to_uppercase();
    let ran = check(&customer, "");
    assert_snapshot!(said(&customer, &ran), @r#"
    exit 6
    passed   configuration       keys are like raw/a.csv
    passed   base credentials    from the environment: arn:aws:iam::000000000000:user/vendor-NAME
    failed   assume role         arn:aws:iam::222222222222:role/spile-NAME isn't granted to arn:aws:iam::000000000000:user/vendor-NAME with the External ID FINGERPRINT
        User: arn:aws:iam::000000000000:user/vendor-NAME is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/spile-NAME
        compare all three with the role's trust policy, the External ID letter by letter, since case counts
        missing: sts:AssumeRole on arn:aws:iam::222222222222:role/spile-NAME
        the trust policy of the role needs, if it has none like it:
        {
          "Sid": "SpileTrust",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::000000000000:root"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "sts:ExternalId": "YOUR-EXTERNAL-ID"
            }
          }
        }
        put the External ID in place of YOUR-EXTERNAL-ID: `spile check --show-external-id` prints it
        the access policy of whoever asks needs, if it has none like it:
        {
          "Sid": "SpileAssume",
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Resource": "arn:aws:iam::222222222222:role/spile-NAME"
        }
    skipped  caller identity     not tried, since `assume role` has failed
    skipped  no external id      not tried, since `assume role` has failed
    skipped  wrong external id   not tried, since `assume role` has failed
    not ready: 1 failed, 2 passed, 3 skipped
    "#);
}

/// The role could be had through this program by anybody who learns of it.
#[test]
fn a_trust_policy_without_the_condition_is_found() {
    let customer = Customer::new();
    customer.forget_condition();
    let ran = check(&customer, "");
    assert_eq!(ran.code, 6, "{ran}");
    let said = said(&customer, &ran);
    let (_, from) = said.split_once("failed ").expect("a failure");
    let (audit, _) = from
        .split_once("passed ")
        .expect("the bucket is checked all the same");
    assert_snapshot!(audit, @r#"
      no external id      the role is granted without the External ID too: its trust policy lacks the condition, so that anybody who learns of the role could have it used on their behalf
        missing: the condition in the trust policy of arn:aws:iam::222222222222:role/spile-NAME
        add it to the statement there that lets whoever asks take on the role:
        "Condition": {
          "StringEquals": {
            "sts:ExternalId": "YOUR-EXTERNAL-ID"
          }
        }
        put the External ID in place of YOUR-EXTERNAL-ID: `spile check --show-external-id` prints it
        a new statement, for a whole account, would be:
        {
          "Sid": "SpileTrust",
          "Effect": "Allow",
          "Principal": {
            "AWS": "arn:aws:iam::000000000000:root"
          },
          "Action": "sts:AssumeRole",
          "Condition": {
            "StringEquals": {
              "sts:ExternalId": "YOUR-EXTERNAL-ID"
            }
          }
        }
    skipped  wrong external id   not tried, since `no external id` has failed
    "#);
}

#[test]
fn the_external_id_is_shown_on_request() {
    let customer = Customer::new();
    customer.forget_condition();
    let ran = check(&customer, "--show-external-id --output-format json");
    let json = ran.json();
    let told = |name: &str| {
        let lines = json["lines"].as_array().expect("lines");
        let line = lines.iter().find(|line| line["name"] == name);
        line.expect("a line").clone()
    };
    let (role, id) = (customer.role_arn(), &*customer.external_id);
    let message = format!("{role} with the External ID {id}");
    assert_eq!(told("assume role")["message"], message.as_str());
    let condition = &told("no external id")["statement"]["Condition"];
    assert_eq!(condition["StringEquals"]["sts:ExternalId"], id);
    let line = told("no external id");
    assert_eq!(
        (&line["policy"], &line["lacks"]),
        (&"trust".into(), &"condition".into())
    );
}

/// A session that is narrowed to the prefix is enough: nothing is tried outside.
#[test]
fn a_narrowed_session_passes() {
    let customer = Customer::new();
    let desk = customer.admit(Desk::new());
    let desk = desk.set("SPILE_DESTINATION__AUTH__SESSION_POLICY", "prefix");
    let ran = desk.ok(&format!("spile check {}", customer.to("raw")));
    assert!(ran.stdout.contains("\nready: "), "{ran}");
    assert_eq!(
        (customer.keys(), customer.unfinished()),
        (Vec::new(), 0),
        "{ran}"
    );
}

/// Its STS never looks at the External ID, so that it protects nobody.
#[test]
fn a_store_that_asks_for_no_external_id() {
    let store = Store::new();
    let desk = Desk::new()
        .set("AWS_ACCESS_KEY_ID", &told("S3_VENDOR_ACCESS_KEY_ID"))
        .set(
            "AWS_SECRET_ACCESS_KEY",
            &told("S3_VENDOR_SECRET_ACCESS_KEY"),
        )
        .set("SPILE_DESTINATION__AUTH__STS_ENDPOINT", &store.endpoint);
    let line = format!(
        "spile check {} --role-arn {} --key a.csv --connection-run-id 007",
        store.to(),
        told("S3_ROLE_ARN")
    );
    let ran = desk.run(&format!("{line} --external-id acme-1"));
    assert_eq!(ran.code, 6, "{ran}");
    assert!(
        ran.stdout.contains("its trust policy lacks the condition"),
        "{ran}"
    );
    let desk = desk.set("SPILE_DESTINATION__AUTH__ALLOW_NO_EXTERNAL_ID", "true");
    let ran = desk.ok(&line);
    let said = lines(&ran).replace(&told("S3_ROLE_ARN"), "ROLE");
    assert_snapshot!(said.lines().skip(2).take(5).collect::<Vec<_>>().join("\n"), @r"
    passed   base credentials    from the environment: arn:aws:iam::000000000000:user/vendor
    passed   assume role         ROLE without an External ID
    passed   caller identity     arn:aws:sts::000000000000:assumed-role/loader/spile-007
    skipped  no external id      the role has no External ID, which is allowed
    skipped  wrong external id   the role has no External ID, which is allowed
    ");
    assert_eq!(store.fetch(&desk.path("left")), Vec::<String>::new());
}
