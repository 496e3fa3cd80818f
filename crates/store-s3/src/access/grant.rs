//! What may be done in a scope.

use super::action::{Action, Level};
use super::kms_key_arn::KmsKeyArn;
use super::policy::{Condition, Policy, Statement};
use super::scope::Scope;

/// What Spile may do in a scope: the five actions that it works under, and what was asked for
/// besides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// Where.
    pub scope: Scope,
    /// The key that the bucket is encrypted with, where it is one of KMS.
    pub kms_key: Option<KmsKeyArn>,
    /// Whether unfinished uploads may be found and removed.
    pub abort_multipart: bool,
    /// Whether objects may be given tags.
    pub object_tags: bool,
}

impl Grant {
    /// The five actions alone.
    pub fn new(scope: Scope) -> Self {
        Grant {
            scope,
            kms_key: None,
            abort_multipart: false,
            object_tags: false,
        }
    }

    /// The access policy of a role or a user.
    ///
    /// Without a prefix it is one statement, on the bucket and all its objects. With one, objects
    /// are those under it, and only keys under it can be listed.
    pub fn policy(&self) -> Policy {
        let mut statements = allow("SpileLoad", &Action::REQUIRED, &self.scope);
        if self.abort_multipart {
            statements.extend(allow("SpileCleanUp", &Action::CLEAN_UP, &self.scope));
        }
        if self.object_tags {
            statements.extend(allow("SpileTag", &[Action::PutObjectTagging], &self.scope));
        }
        if let Some(key) = &self.kms_key {
            statements.push(encrypt(key.as_str()));
        }
        Policy { statements }
    }

    /// All that it allows.
    pub fn actions(&self) -> Vec<Action> {
        let statements = self.policy().statements;
        statements.into_iter().flat_map(|one| one.actions).collect()
    }
}

impl Statement {
    /// What allows one action in a scope: what to add to a policy that lacks it. For actions on keys
    /// and roles it names all of them, since a scope has none.
    pub fn allowing(action: Action, scope: &Scope) -> Self {
        statement("Spile".to_owned() + action.word(), &[action], scope)
    }
}

/// What has to be told apart where a scope is narrowed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Objects,
    List,
    Bucket,
}

impl Part {
    const ALL: [(Part, &str); 3] = [
        (Part::Objects, "Objects"),
        (Part::List, "List"),
        (Part::Bucket, "Bucket"),
    ];

    fn of(action: Action) -> Self {
        match (action, action.level()) {
            (Action::ListBucket, _) => Part::List,
            (_, Level::Bucket) => Part::Bucket,
            _ => Part::Objects,
        }
    }
}

/// Actions on a scope: one statement, or one for each part that a prefix tells apart.
pub(super) fn allow(sid: &str, actions: &[Action], scope: &Scope) -> Vec<Statement> {
    if scope.prefix().is_none() {
        return vec![statement(sid.to_owned(), actions, scope)];
    }
    let parts = Part::ALL.into_iter().filter_map(|(part, name)| {
        let actions = actions.iter().copied().filter(|one| Part::of(*one) == part);
        let actions: Vec<_> = actions.collect();
        (!actions.is_empty()).then(|| statement(format!("{sid}{name}"), &actions, scope))
    });
    parts.collect()
}

/// Actions on what they are about, all of them on the same condition.
fn statement(sid: String, actions: &[Action], scope: &Scope) -> Statement {
    let resource = |level| match level {
        Level::Bucket => scope.bucket_arn(),
        Level::Objects => scope.objects_arn(),
        Level::Key | Level::Role => "*".to_owned(),
    };
    let levels = [Level::Bucket, Level::Objects, Level::Key, Level::Role];
    let is_asked = |level: &Level| actions.iter().any(|action| action.level() == *level);
    let is_narrowed = scope.prefix().is_some() && actions == [Action::ListBucket];
    Statement {
        sid,
        principal: None,
        actions: actions.to_vec(),
        resources: levels.into_iter().filter(is_asked).map(resource).collect(),
        condition: is_narrowed.then(|| Condition::Prefix(scope.keys())),
    }
}

pub(super) fn encrypt(key: &str) -> Statement {
    Statement {
        sid: "SpileEncrypt".to_owned(),
        principal: None,
        actions: Action::ENCRYPTION.to_vec(),
        resources: vec![key.to_owned()],
        condition: None,
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::bucket_name::BucketName;
    use super::super::partition::Partition;
    use super::*;

    fn bucket() -> Scope {
        Scope::bucket(BucketName::new("acme-landing").unwrap())
    }

    fn narrowed() -> Scope {
        bucket().under("raw/sales".parse().unwrap())
    }

    #[test]
    fn a_bucket_is_granted_by_five_actions() {
        assert_snapshot!(Grant::new(bucket()).policy().json(), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "SpileLoad",
              "Effect": "Allow",
              "Action": [
                "s3:GetObject",
                "s3:PutObject",
                "s3:ListBucket",
                "s3:GetBucketLocation",
                "s3:DeleteObject"
              ],
              "Resource": [
                "arn:aws:s3:::acme-landing",
                "arn:aws:s3:::acme-landing/*"
              ]
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_prefix_narrows_objects_and_lists() {
        assert_snapshot!(Grant::new(narrowed()).policy().json(), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "SpileLoadObjects",
              "Effect": "Allow",
              "Action": [
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject"
              ],
              "Resource": "arn:aws:s3:::acme-landing/raw/sales/*"
            },
            {
              "Sid": "SpileLoadList",
              "Effect": "Allow",
              "Action": "s3:ListBucket",
              "Resource": "arn:aws:s3:::acme-landing",
              "Condition": {
                "StringLike": {
                  "s3:prefix": "raw/sales/*"
                }
              }
            },
            {
              "Sid": "SpileLoadBucket",
              "Effect": "Allow",
              "Action": "s3:GetBucketLocation",
              "Resource": "arn:aws:s3:::acme-landing"
            }
          ]
        }
        "#);
    }

    #[test]
    fn more_is_granted_on_request() {
        let key = "arn:aws:kms:eu-west-1:222222222222:key/12ab";
        let grant = Grant {
            kms_key: Some(key.parse().unwrap()),
            abort_multipart: true,
            object_tags: true,
            ..Grant::new(bucket())
        };
        let more = Policy {
            statements: grant.policy().statements.split_off(1),
        };
        assert_snapshot!(more.json(), @r#"
        {
          "Version": "2012-10-17",
          "Statement": [
            {
              "Sid": "SpileCleanUp",
              "Effect": "Allow",
              "Action": [
                "s3:AbortMultipartUpload",
                "s3:ListBucketMultipartUploads"
              ],
              "Resource": [
                "arn:aws:s3:::acme-landing",
                "arn:aws:s3:::acme-landing/*"
              ]
            },
            {
              "Sid": "SpileTag",
              "Effect": "Allow",
              "Action": "s3:PutObjectTagging",
              "Resource": "arn:aws:s3:::acme-landing/*"
            },
            {
              "Sid": "SpileEncrypt",
              "Effect": "Allow",
              "Action": [
                "kms:GenerateDataKey",
                "kms:Decrypt"
              ],
              "Resource": "arn:aws:kms:eu-west-1:222222222222:key/12ab"
            }
          ]
        }
        "#);
    }

    #[test]
    fn other_parts_of_aws_have_other_arns() {
        let scope = narrowed().in_partition(Partition::AwsCn);
        assert_eq!(scope.bucket_arn(), "arn:aws-cn:s3:::acme-landing");
        assert_eq!(
            scope.objects_arn(),
            "arn:aws-cn:s3:::acme-landing/raw/sales/*"
        );
    }

    #[test]
    fn one_action_is_one_statement() {
        let check = |action, scope: &Scope, expect: &str| {
            let json = serde_json::to_string(&Statement::allowing(action, scope)).unwrap();
            assert_eq!(json, expect);
        };
        check(
            Action::PutObject,
            &narrowed(),
            r#"{"Sid":"SpilePutObject","Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::acme-landing/raw/sales/*"}"#,
        );
        check(
            Action::ListBucket,
            &bucket(),
            r#"{"Sid":"SpileListBucket","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-landing"}"#,
        );
        check(
            Action::ListBucket,
            &narrowed(),
            r#"{"Sid":"SpileListBucket","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-landing","Condition":{"StringLike":{"s3:prefix":"raw/sales/*"}}}"#,
        );
        check(
            Action::GenerateDataKey,
            &bucket(),
            r#"{"Sid":"SpileGenerateDataKey","Effect":"Allow","Action":"kms:GenerateDataKey","Resource":"*"}"#,
        );
    }
}
