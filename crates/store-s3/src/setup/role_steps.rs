//! The steps to a role that Spile takes on.

use super::access_document::{AccessDocument, Holder};
use super::command::Command;
use super::config_file;
use super::form::Form;
use super::guide::{Guide, RoleMethod};
use super::page::Page;
use super::steps;
use super::trust_document::TrustDocument;
use crate::access::{AccountId, Policy, RoleArn, Statement, Trust};

pub(super) fn write(page: &mut Page, guide: &Guide, role: &RoleMethod) {
    page.paragraph(
        "Spile will take on a role in the account that owns the bucket. A role has no password and \
         no keys that could be lost: it says which account may take it on, and what may be done \
         with it. Steps 1 to 3 are for whoever owns the bucket, the others for whoever runs Spile.",
    );
    steps::bucket(page, guide);
    trust(page, guide, role);
    access(page, guide, role);
    caller(page, guide, role);
    configuration(page, guide, role);
    steps::check(page);
}

fn trust(page: &mut Page, guide: &Guide, role: &RoleMethod) {
    page.step("Create the role, and say whom it trusts");
    if guide.form == Form::Json {
        page.paragraph(&format!(
            "In the IAM console, choose Roles, Create role, Custom trust policy. Add no permissions \
             yet, and name the role `{}`.",
            role.name
        ));
    }
    match &role.account {
        Some(account) => trust_document(page, guide, role, account),
        None => trust_of_unknown(page, guide, role),
    }
    page.paragraph(
        "The External ID keeps others out. Whoever else uses the same Spile could name your role in \
         their configuration, since its ARN is no secret; Spile would then be their confused deputy. \
         They can't name your External ID. It is not a password, but don't publish it.",
    );
}

fn trust_document(page: &mut Page, guide: &Guide, role: &RoleMethod, account: &AccountId) {
    let document = TrustDocument {
        trust: Trust {
            partition: guide.grant.scope.partition(),
            account: account.clone(),
            external_id: role.external_id.clone(),
        },
        role: role.name.clone(),
    };
    steps::document(page, guide.form, "role", &document.text(guide.form));
    page.paragraph(&format!(
        "It lets the account {account}, whose credentials Spile uses, take on the role, and only with \
         the External ID. (`root` stands for the account, not for its root user.)"
    ));
}

fn trust_of_unknown(page: &mut Page, guide: &Guide, role: &RoleMethod) {
    page.paragraph(
        "Which account are Spile's own credentials of? Whoever runs Spile finds out by:",
    );
    page.block(
        "sh",
        "aws sts get-caller-identity --query Account --output text",
    );
    page.paragraph("Put it in place of 111111111111, to print the document of this step:");
    let command = Command::new("spile setup trust")
        .option("--account", "111111111111")
        .option("--external-id", role.external_id.expose())
        .option("--partition", guide.grant.scope.partition().name())
        .option("--name", role.name.as_str())
        .option("--as", guide.form.name());
    page.block("sh", &command.to_string());
}

fn access(page: &mut Page, guide: &Guide, role: &RoleMethod) {
    let document = AccessDocument {
        grant: guide.grant.clone(),
        holder: Holder::Role(role.name.clone()),
    };
    page.step("Say what the role may do");
    match guide.form {
        Form::Json => steps::paste_access(page, &document),
        form => steps::document(page, form, "access", &document.text(form)),
    }
    steps::explain_access(page, &document);
}

fn caller(page: &mut Page, guide: &Guide, role: &RoleMethod) {
    let policy = Policy {
        statements: vec![Statement::assuming(&arn(guide, role))],
    };
    page.step("Let Spile ask for the role");
    page.paragraph(
        "Taking on a role of another account has to be allowed on both sides. The user or the role \
         whose credentials Spile uses needs this policy, unless it may do everything anyway:",
    );
    page.block("json", &policy.json());
    explain_example(page, guide, role);
}

fn configuration(page: &mut Page, guide: &Guide, role: &RoleMethod) {
    let auth = config_file::Auth::Role(arn(guide, role), &role.external_id);
    steps::configuration(page, guide, &auth);
    explain_example(page, guide, role);
}

/// The ARN that is shown: the role's, or one like it.
fn arn(guide: &Guide, role: &RoleMethod) -> RoleArn {
    role.arn.clone().unwrap_or_else(|| {
        let partition = guide.grant.scope.partition();
        RoleArn::new(partition, AccountId::example(), role.name.clone())
    })
}

fn explain_example(page: &mut Page, guide: &Guide, role: &RoleMethod) {
    if role.arn.is_none() {
        page.paragraph(&format!(
            "Put the ARN of the role of step 2 in place of `{}`; the IAM console shows it.",
            arn(guide, role)
        ));
    }
}
